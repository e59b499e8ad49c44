import { type FaultTraps, noFaults } from '../take-fault.ts'
/**
 * What one answer is made of instead of the true one.
 *
 * - `rate-limited`: 429 with `Retry-After: <retryAfterSeconds>` and a body that names the limit (trap 12)
 * - `unavailable`: 503 with an error body
 * - `refused`: 400 with an error body, which is not retried
 * - `html`: 200 with a page of HTML
 * - `stalled`: status and half of the true body, then nothing while the connection stays open
 * - `reset`: the connection is reset without an answer
 */
export type GenesysFault = 'rate-limited' | 'unavailable' | 'refused' | 'html' | 'stalled' | 'reset'

/** Misbehaviour that can be switched while the organization serves. Numbers in brackets: section 8 of genesys.md. */
export interface GenesysTraps extends FaultTraps<GenesysFault> {
  /** (1) So many requests for the recordings of each conversation are answered 202 first. */
  transcodingAnswers: number
  /** (2) Added to the true `totalHits`. */
  totalOffBy: number
  /** (3) So many more times a listing of several pages shifts: one conversation is missed, one comes twice. Counts down. */
  shifts: number
  /** (5) So many requests for the recordings of each conversation are answered 404 first. */
  notFoundAnswers: number
  /** (5) Microseconds after its end for which the recordings of a conversation are an empty list. */
  emptyFor: number
  /** (9) Recordings carry annotations, with other ids in every answer. */
  annotations: boolean
  /** (10) How links of a recording are keyed. */
  mediaUris: 'channels' | 'mixed' | 'none'
  /** (12) More than so many requests in so many (real) seconds are answered 429; every answer carries inin-ratelimit headers. */
  rateLimit: { readonly allowed: number; readonly seconds: number } | null
  /** (13) A token is refused (401) after so many requests; null: it lives as long as it says. */
  tokenRequests: number | null
  /** (13) Every token is refused. */
  refusesTokens: boolean
  /** (13) Status of a refused login. */
  loginStatus: 400 | 401
  /** (14) A longer interval is refused, microseconds; a larger page, too; more are never listed. */
  longestInterval: number
  largestPage: number
  mostListed: number
  /** (16) So many questions for a job are answered 202 before it is done; its results come in pages of so many. */
  jobQuestions: number
  jobPage: number
  /** (16) What becomes of jobs. */
  jobState: 'FULFILLED' | 'FAILED' | 'EXPIRED'
  /** (18) Divisions that the client may not see. */
  hiddenDivisions: readonly string[]
  /** (18) The client may not read recordings, or only not this one's. */
  recordingsRefused: 'no' | 'permission' | 'division'
  contactsRefused: boolean
  /** Where every transcript is said to be; null: where it is. */
  transcriptLink: string | null
  /** A page after the first shows the first again. */
  repeatedPage: boolean
  /** Listings and results of jobs are answered with this JSON, and status 200; null: with the truth. */
  listingBody: string | null
  /** The last conversation of every page is null. */
  nullOnEveryPage: boolean
  /** The second page of several is empty. */
  emptySecondPage: boolean
  retryAfterSeconds: number
}

/** An organization that behaves. */
export const noTraps: Readonly<GenesysTraps> = {
  transcodingAnswers: 0,
  totalOffBy: 0,
  shifts: 0,
  notFoundAnswers: 0,
  emptyFor: 0,
  annotations: false,
  mediaUris: 'channels',
  rateLimit: null,
  ...noFaults,
  tokenRequests: null,
  refusesTokens: false,
  loginStatus: 401,
  longestInterval: 7 * 86_400_000_000,
  largestPage: 100,
  mostListed: 10_000,
  jobQuestions: 1,
  jobPage: 1000,
  jobState: 'FULFILLED',
  hiddenDivisions: [],
  recordingsRefused: 'no',
  contactsRefused: false,
  transcriptLink: null,
  repeatedPage: false,
  listingBody: null,
  nullOnEveryPage: false,
  emptySecondPage: false,
  retryAfterSeconds: 1,
}
