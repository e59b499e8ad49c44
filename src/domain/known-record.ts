import type { Outcome } from './batch.ts'

/** What is stored of a record, as far as a listing can be compared with it. */
export interface KnownRecord {
  readonly version: number | null
  readonly joinedVersion: number | null
  readonly fingerprint: string | null
  readonly outcome: Outcome
}
