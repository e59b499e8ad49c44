import { type Answer, answerOf } from '../answer.ts'
import type { VoipbinTraps } from './traps.ts'

const words: Readonly<Record<number, readonly [status: string, reason: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'INVALID_ID', 'The id is not valid.'],
  401: ['UNAUTHENTICATED', 'INVALID_CREDENTIALS', 'The credentials are not valid.'],
  402: ['PAYMENT_REQUIRED', 'PAYMENT_REQUIRED', 'The balance does not allow it.'],
  403: ['PERMISSION_DENIED', 'PERMISSION_DENIED', 'The agent has no permission.'],
  404: ['NOT_FOUND', 'RESOURCE_NOT_FOUND', 'The resource was not found.'],
  429: ['RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', 'Too many requests.'],
  500: ['INTERNAL', 'INTERNAL', 'Internal error.'],
  503: ['UNAVAILABLE', 'INTERNAL_TIMEOUT', 'Internal timeout.'],
}

const none = ['UNKNOWN', 'UNKNOWN', ''] as const

/** The error envelope. */
export const envelope = (
  status: number,
  changes: object = {},
  headers: Readonly<Record<string, string>> = {},
): Answer => {
  const [word, reason, message] = words[status] ?? none
  const error = { status: word, reason, domain: 'api', message, request_id: 'req-0001', ...changes }
  const json = { 'content-type': 'application/json; charset=utf-8' }
  return answerOf(status, JSON.stringify({ error }), { ...json, ...headers })
}

export const bare = (status: number): Answer => answerOf(status, '', {})

/** A refusal in the server's own dialect (trap 9). */
export const refusal = (status: number, { errors }: Pick<VoipbinTraps, 'errors'>): Answer =>
  errors === 'old' ? bare(status === 401 ? 401 : 400) : envelope(status)

/** The account answers this request with an error. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number) {
    super(`refused with ${status}`)
    this.status = status
  }
}
