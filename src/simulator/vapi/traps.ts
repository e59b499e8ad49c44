import { type FaultTraps, noFaults } from '../take-fault.ts'

/**
 * What one answer is made of instead of the true one.
 *
 * - `retry-after`: 429, `Retry-After: <retryAfterSeconds>` (trap 12)
 * - `reset-epoch`: 429, `X-RateLimit-Reset` as epoch seconds, `retryAfterSeconds` from now (trap 12)
 * - `bad-request`: 400 whose `message` is a list of texts (trap 12)
 * - `unauthorized`: 401, as if the key had been revoked meanwhile
 * - `server-error`: 500 with a body that is not JSON
 * - `html`: 200 with a page of HTML
 * - `truncated`: 200, the true JSON cut in the middle
 * - `stalled`: status and half of the true body, then nothing while the connection stays open
 * - `reset`: the connection is reset without an answer
 */
export type VapiFault =
  | 'retry-after'
  | 'reset-epoch'
  | 'bad-request'
  | 'unauthorized'
  | 'server-error'
  | 'html'
  | 'truncated'
  | 'stalled'
  | 'reset'

/** Misbehaviour that can be switched while the account serves. Numbers in brackets: section E of dotdo-vapi.md. */
export interface VapiTraps extends FaultTraps<VapiFault> {
  /** (1) No answer holds more calls than so many, whatever limit is asked for; null = as asked. */
  silentLimit: number | null
  /** Every second listing is empty, whatever there is. */
  emptyEveryOther: boolean
  /** Bounds of a listing are ignored. */
  filtersIgnored: boolean
  /** (13) Calls created longer ago than so many days are in no listing, and by id 404; null = kept for ever. */
  retentionDays: number | null
  /** Paths without the first slash that are refused: `call/<id>`, `phone-number/<id>`. */
  refused: Readonly<Record<string, 403 | 404>>
  /** A 404 comes of a proxy, which says nothing of calls. */
  foreignNotFound: boolean
  /** What a recording is answered with: a redirect, or (undocumented) 200 with the audio itself. */
  recordings: 'redirect' | 'audio'
  /** More than so many requests in so many (real) seconds are answered 429, with the reset as epoch seconds. */
  rateLimit: { readonly requests: number; readonly seconds: number } | null
  retryAfterSeconds: number
  /** The `Date` header is so far ahead of the account's clock (negative: behind); null: there is none. */
  dateSkewSeconds: number | null
}

/** An account that behaves. */
export const noTraps: Readonly<VapiTraps> = {
  silentLimit: null,
  emptyEveryOther: false,
  filtersIgnored: false,
  retentionDays: null,
  refused: {},
  foreignNotFound: false,
  recordings: 'redirect',
  ...noFaults,
  rateLimit: null,
  retryAfterSeconds: 1,
  dateSkewSeconds: 0,
}
