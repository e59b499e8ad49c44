import type { RateLimit } from '../rate-limit.ts'
import { type FaultTraps, noFaults } from '../take-fault.ts'
/**
 * What one answer is made of instead of the true one.
 *
 * - `rate-limited`: 429, `Retry-After: <retryAfterSeconds>` (trap 15)
 * - `payment-required`, `account-frozen`: 402, 403; must not be retried (trap 15)
 * - `bare-400`: 400 without a body, as older servers answer nearly everything
 * - `server-error`: 500 INTERNAL; `unavailable`: 503
 * - `html`: 200 with a page of HTML; `truncated`: 200, the true JSON cut in the middle
 * - `huge`: 200, JSON of 300,000 bytes that is no page
 * - `no-items`: 200, a page without items, as if nothing were there
 * - `stalled`: status and half of the true body, then nothing while the connection stays open
 * - `reset`: the connection is reset without an answer
 */
export type VoipbinFault =
  | 'rate-limited'
  | 'payment-required'
  | 'account-frozen'
  | 'bare-400'
  | 'server-error'
  | 'unavailable'
  | 'html'
  | 'truncated'
  | 'huge'
  | 'no-items'
  | 'stalled'
  | 'reset'

/** Misbehaviour that can be switched while the account serves. Numbers in brackets: section 8 of voipbin.md. */
export interface VoipbinTraps extends FaultTraps<VoipbinFault> {
  /** (1) How times and unset values are written; `mixed`: every resource in one of six ways, also within one answer. */
  dialect: 'old' | 'new' | 'mixed'
  /** (9) `old`: a bare 400 for what is not found or not allowed. */
  errors: 'old' | 'new'
  /** (2) The docs' own version: an empty token on the last page. */
  tokenOnLastPage: boolean
  /** (4) `page_token` is ignored: every page is the first. */
  ignoresTokens: boolean
  /** (4) Tokens are cut to milliseconds, though rows are not. */
  millisecondTokens: boolean
  /** Sent tokens are compared as if they were cut to milliseconds. */
  comparesMilliseconds: boolean
  /** A bare 400 for tokens that it would not give: of no row (`made`), or written as the other dialect does (`form`). */
  refusesTokens: 'made' | 'form' | null
  /** The second of several pages is empty, and its token leads on. */
  emptySecondPage: boolean
  /** Lists begin with the oldest. */
  oldestFirst: boolean
  /** (13) What `/recordingfiles` answers in the first minute after the end. */
  earlyAudio: 'refused' | 'without-audio'
  /** (13) What storage holds. */
  audio: 'zip' | 'wav'
  /** (14) Older servers have transcript lines at `/transcripts` only. */
  transcriptsByRecording: boolean
  /** Paths under /v1.0/ that are refused, with all below them: `calls`, `recordings/<id>`. */
  refused: Readonly<Record<string, 400 | 403 | 404 | 500>>
  /** (15) More requests are answered 429. */
  rateLimit: RateLimit
  retryAfterSeconds: number
  /** The `Date` header is so far ahead of the account's clock (negative: behind). */
  dateSkewSeconds: number
}

/** An account that behaves, on a server of today. */
export const noTraps: Readonly<VoipbinTraps> = {
  dialect: 'new',
  errors: 'new',
  tokenOnLastPage: true,
  ignoresTokens: false,
  millisecondTokens: false,
  comparesMilliseconds: false,
  refusesTokens: null,
  emptySecondPage: false,
  oldestFirst: false,
  earlyAudio: 'refused',
  audio: 'zip',
  transcriptsByRecording: true,
  refused: {},
  ...noFaults,
  rateLimit: null,
  retryAfterSeconds: 2,
  dateSkewSeconds: 0,
}
