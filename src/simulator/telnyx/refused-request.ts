/** The account answers this request with an error of its own. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest'
  readonly status: number
  readonly code: string
  /** The query parameter at fault. */
  readonly parameter: string | undefined

  constructor(status: number, code: string, title: string, parameter?: string) {
    super(title)
    this.status = status
    this.code = code
    this.parameter = parameter
  }
}

export const notFound = (): RefusedRequest => new RefusedRequest(404, '10005', 'Resource not found')

export const badRequest = (title: string, parameter: string): RefusedRequest =>
  new RefusedRequest(400, '10015', title, parameter)
