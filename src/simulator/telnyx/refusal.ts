import { type Answer, answerOf } from '../answer.ts'
import type { RefusedRequest } from './refused-request.ts'
import type { TelnyxTraps } from './traps.ts'

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
