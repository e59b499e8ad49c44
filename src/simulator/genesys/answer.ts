import { type Answer, answerOf as textAnswer } from '../answer.ts'
import type { GenesysTraps } from './traps.ts'

const json = { 'content-type': 'application/json' }

export const answerOf = (status: number, body: unknown, headers: Readonly<Record<string, string>> = json): Answer =>
  textAnswer(status, body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body), headers)

export const contextId = '00000000-0000-4000-8000-000000009201'

/** Why a request is refused; thrown by endpoints. */
export class Refused extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const refusal = (
  { status, code, message }: Pick<Refused, 'status' | 'code' | 'message'>,
  more: object = {},
): Answer => answerOf(status, { message, code, status, contextId, details: [], errors: [], ...more })

export const tooMany = ({ retryAfterSeconds, rateLimit }: GenesysTraps): Answer => {
  const value = rateLimit?.allowed ?? 300
  const answer = refusal(
    {
      status: 429,
      code: 'too.many.requests',
      message: `Rate limit exceeded the maximum [${value}] requests within [60] seconds`,
    },
    { limit: { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api', value } },
  )
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } }
}
