import type { NoticeOnce } from './notice-once.ts'
import type { ReadContext } from './source.ts'

/** The endpoint is not there for this key; nothing follows from it for any record. */
export class EndpointClosed extends Error {
  override readonly name = 'EndpointClosed'
  readonly status: number

  constructor(what: string, status: number) {
    super(`${what}: ${status}`)
    this.status = status
  }
}

/** What work reads of endpoints that may be closed; undefined when one is, which the operator is told once. */
export const unlessClosed = async <T>(
  { noticeOnce }: { readonly noticeOnce: NoticeOnce },
  notice: string,
  context: ReadContext,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EndpointClosed)) throw error
    noticeOnce(notice, context)
    return undefined
  }
}
