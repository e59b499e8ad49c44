import type { RefusedRequest } from './refused-request.ts'
import type { TelnyxTraps } from './traps.ts'

/** One answer, before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** `half`: half of the body, then nothing; `reset`: the connection is reset; `huge`: `hugeBytes` of JSON instead. */
  readonly manner: 'whole' | 'half' | 'reset' | 'huge'
  readonly delayMs: number
}

export const answerOf = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json; charset=utf-8' },
): Answer => ({ status, headers, body, manner: 'whole', delayMs: 0 })

/** The errors envelope. */
export const refusal = (
  { status, code, message, parameter }: Pick<RefusedRequest, 'status' | 'code' | 'message' | 'parameter'>,
  traps: TelnyxTraps,
): Answer => {
  const source = parameter === undefined ? undefined : { parameter }
  const error = { code: traps.errorCodes === 'number' ? Number(code) : code, title: message, source }
  return answerOf(status, JSON.stringify({ errors: [error] }))
}

export const refusedAs = (status: number, code: string, message: string, traps: TelnyxTraps): Answer =>
  refusal({ status, code, message, parameter: undefined }, traps)
