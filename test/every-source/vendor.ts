import type { EpochMicros } from '../../src/domain/instant.ts'

export const minute = 60_000_000
export const hour = 60 * minute
export const day = 24 * hour

/** Opens every simulated account. */
export const apiKey = 'every-source-not-a-real-key-5f1c'

/** What every row of a record must say, as far as the platform's own members show it without any reading of ours. */
export interface ExpectedRow {
  readonly message_id: string
  readonly conversation_id: string
  /** To the millisecond, as `Date` writes it. */
  readonly created_at: string
  readonly recording_status: string | null
  readonly recording_url: string | null
  readonly deleted: boolean
}

/** What must have become of a record that a platform holds. `reason`: of all but rows. */
export interface Expected {
  readonly record_id: string
  readonly outcome: 'row' | 'reject' | 'pending' | 'skip'
  readonly reason: string | null
  readonly rows: readonly ExpectedRow[]
}

/** A whole row, written by hand. */
export type LiteralRow = Readonly<Record<string, unknown>> & { readonly message_id: string }

/** A simulated account with everything that its platform does to a reader who must survive it. */
export interface Vendor {
  readonly connection: string
  /** Lines of its connection, below `id` and `start`. */
  readonly config: readonly string[]
  /** By what the platform holds now. */
  expected(): readonly Expected[]
  readonly literal: LiteralRow
  /** Deletes a record that has become a row; returns its id. Null: the platform never says what is deleted. */
  remove(): string | null
  /** Every nth request fails, by one transient fault after the other; null: none does any more. */
  disturb(nth: number | null): void
  /** From so many requests on everything is answered 503; null: it is over. */
  breakDown(after: number | null): void
  close(): Promise<void>
}

/** One whose platform counts the requests of an account, whoever makes them. */
export interface LimitedVendor extends Vendor {
  /** More than so many requests in a second are refused (429). */
  limit(requests: number): void
  /** How many were. */
  refused(): number
}

export const pending = (record_id: string, reason: string): Expected => ({
  record_id,
  outcome: 'pending',
  reason,
  rows: [],
})
export const rejected = (record_id: string, reason: string): Expected => ({
  record_id,
  outcome: 'reject',
  reason,
  rows: [],
})
export const skipped = (record_id: string, reason: string): Expected => ({
  record_id,
  outcome: 'skip',
  reason,
  rows: [],
})
export const rowOf = (record_id: string, ...rows: readonly ExpectedRow[]): Expected => ({
  record_id,
  outcome: 'row',
  reason: null,
  rows,
})

/** An instant of ours. */
export const toMillis = (at: EpochMicros): string => new Date(Math.floor(at / 1000)).toISOString()

/** One that a platform wrote. */
export const writtenMillis = (text: unknown): string => new Date(String(text)).toISOString()

/** Counts requests, and says which of them are to fail and how. */
export const createDisturbance = <Fault>(faults: readonly Fault[], outage: Fault) => {
  let seen = 0
  let next = 0
  let every: number | null = null
  let brokenFrom: number | null = null
  return {
    disturb: (nth: number | null) => {
      every = nth
    },
    breakDown: (after: number | null) => {
      seen = 0
      brokenFrom = after
    },
    /** Of the request that has just arrived; null: it is answered. */
    fault: (): Fault | null => {
      seen += 1
      if (brokenFrom !== null && seen > brokenFrom) return outage
      if (every === null || seen % every !== 0) return null
      next += 1
      return faults[next % faults.length] ?? null
    },
  }
}
