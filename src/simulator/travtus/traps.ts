import { type Answer, answerOf } from '../answer.ts'
import { type FaultTraps, noFaults } from '../take-fault.ts'

/**
 * What one answer is instead of the true one. Logins are never so answered.
 *
 * - `rate-limited`: 429 without Retry-After
 * - `server-error`: 500
 * - `html`: 200 with a page of HTML
 * - `other-communities`: a community that was not asked for
 */
export type TravtusFault = 'rate-limited' | 'server-error' | 'html' | 'other-communities'

export interface TravtusTraps extends FaultTraps<TravtusFault> {
  /** A token is over after so many requests, whatever it was said to live; null = after its 3600 seconds. */
  tokenRequests: number | null
  /** Every token is refused as one that never was good. */
  refusesTokens: boolean
  /** More logins than these are throttled; null = there is no limit. */
  mostLogins: number | null
}

export const noTraps: Readonly<TravtusTraps> = {
  ...noFaults,
  tokenRequests: null,
  refusesTokens: false,
  mostLogins: null,
}

/** `{"error":"text"}`, or with a type. */
export const refusal = (status: number, message: string, type?: string): Answer =>
  answerOf(status, JSON.stringify({ error: type === undefined ? message : { type, message } }))
