import { type FaultTraps, noFaults } from '../take-fault.ts'
/**
 * What one answer is made of instead of the true one.
 *
 * - `rate-limited`: 429, `x-ratelimit-reset: <resetSeconds>` and no `Retry-After` (trap 14)
 * - `retry-after-ms`: 429, `retry-after-ms: <retryAfterMs>` (trap 14)
 * - `code-10011`: 400 with the code of too many requests; must not be retried (trap 14)
 * - `server-error`: 500 with a body that is not JSON (trap 15)
 * - `unavailable`: 503 with an errors envelope
 * - `html`: 200 with a page of HTML
 * - `truncated`: 200, the true JSON cut in the middle
 * - `huge`: 200, JSON of `hugeBytes`
 * - `slow`: the true answer after `slowMs`
 * - `stalled`: status and half of the true body, then nothing while the connection stays open
 * - `reset`: the connection is reset without an answer
 * - `redirect`: 302 to the storage host
 */
export type TelnyxFault =
  | 'rate-limited'
  | 'retry-after-ms'
  | 'code-10011'
  | 'server-error'
  | 'unavailable'
  | 'html'
  | 'truncated'
  | 'huge'
  | 'slow'
  | 'stalled'
  | 'reset'
  | 'redirect'

/** Misbehaviour that can be switched while the account serves. Numbers in brackets: section 10 of telnyx.md. */
export interface TelnyxTraps extends FaultTraps<TelnyxFault> {
  /** (2) Pages are cut from another order for each request. */
  shuffledPages: boolean
  /** (3) So many more times, a recording shown on the first of several pages is deleted once that page is answered. Counts down. */
  deletions: number
  /** (4) What `filter[updated_at]` and the like do in `GET /recordings`. */
  unknownFilters: 'refused' | 'ignored'
  /** (5) A recording is listed up to 2 min after its `created_at`. */
  lateVisibility: boolean
  /** (9) Lists of recordings have no `meta`. */
  missingMeta: boolean
  /** (9) `meta` of the recordings has no `page_number`. */
  missingPageNumber: boolean
  /** (10) One recording in so many is `processing` without links the first time it is shown, then completed; 0 = none. */
  processingOneIn: number
  /** (12) Links of every recording, whatever the account says. */
  links: 'as-stored' | 'wav-only' | 'own-storage' | 'missing'
  /** (15) How `code` is written in errors. */
  errorCodes: 'text' | 'number'
  /** (16) Paths under /v2/ that are refused: `recordings/<id>`, `phone_numbers`, `recording_transcriptions`. */
  refused: Readonly<Record<string, 403 | 404>>
  /** (17) Dialect of `meta` in the list of transcriptions; `token-elsewhere`: `meta.next` leads to the storage host. */
  transcriptionMeta: 'pages' | 'token' | 'token-elsewhere'
  /** (20) An unrelated row is among the call events whatever is filtered by. */
  strayCallEvents: boolean
  /** A list of recordings holds one, counted, created a day before `filter[created_at][gte]`. */
  strayRecording: boolean
  /** `page[number]` is ignored: every page is the first; `stated`: and `meta` says so. */
  repeatedPage: 'no' | 'stated' | 'hidden'
  /** The second of three or more pages of recordings is empty. */
  emptySecondPage: boolean
  /** Added to the true `total_results` of recordings, whatever is read. */
  totalOffBy: number
  /** `connection_id` travels as a JSON number, all its digits written. */
  connectionIdAsNumber: boolean
  /** The `Date` header is so far ahead of the account's clock (negative: behind); null: there is none. */
  dateSkewSeconds: number | null
  /** More than so many requests in so many (real) seconds are answered 429; every answer carries x-ratelimit headers. */
  rateLimit: { readonly requests: number; readonly seconds: number } | null
  resetSeconds: number
  retryAfterMs: number
  slowMs: number
  hugeBytes: number
}

/** An account that behaves. */
export const noTraps: Readonly<TelnyxTraps> = {
  shuffledPages: false,
  deletions: 0,
  unknownFilters: 'refused',
  lateVisibility: false,
  missingMeta: false,
  missingPageNumber: false,
  processingOneIn: 0,
  links: 'as-stored',
  ...noFaults,
  errorCodes: 'text',
  refused: {},
  transcriptionMeta: 'pages',
  strayCallEvents: false,
  strayRecording: false,
  repeatedPage: 'no',
  emptySecondPage: false,
  totalOffBy: 0,
  connectionIdAsNumber: false,
  dateSkewSeconds: 0,
  rateLimit: null,
  resetSeconds: 3,
  retryAfterMs: 250,
  slowMs: 5_000,
  hugeBytes: 80 * 1024 * 1024,
}
