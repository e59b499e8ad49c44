import type { RejectReason } from './flattened.ts'
import type { EpochMicros } from './instant.ts'
import type { PlacedRow } from './recording-row.ts'

export type Outcome = 'row' | 'reject' | 'skip' | 'pending' | 'forgotten'

/** What `source_records` keeps of one record. */
export interface SourceRecord {
  readonly recordId: string
  readonly parentId: string | null
  /** Time on the stream's axis; null for files. */
  readonly windowAt: EpochMicros | null
  readonly version: number | null
  readonly ordinal: number
  readonly outcome: Outcome
  readonly reason: string | null
  /** Canonical JSON text without volatile paths; null when payloads are not kept. */
  readonly payload: string | null
  /** SHA-256 of the canonical payload, hex; null when payloads are not kept. */
  readonly payloadHash: string | null
}

/** `record` = canonical JSON of the record as read; `text` = a line that could not be read; `base64` = bytes that are no text. */
export type PayloadKind = 'record' | 'text' | 'base64'

/** A record that cannot become a row, on its way to quarantine. */
export interface Reject {
  /** Id of the record, or where it could not be read `<file content hash>:<ordinal in the file>`. */
  readonly rejectKey: string
  readonly reason: RejectReason
  readonly version: number | null
  readonly ordinal: number
  readonly payloadKind: PayloadKind
  readonly payload: string
  /** Where it was read; null for APIs. */
  readonly file: FilePlace | null
}

/** A record's place in a dump file. */
export interface FilePlace {
  readonly name: string
  /** SHA-256 of the file's bytes, hex. */
  readonly contentHash: string
  /** Number of the record in the file, from 0. */
  readonly ordinal: number
  /** Physical line on which the record starts, from 1. */
  readonly line: number
}

/** What reading and flattening counted. `listed = flattened + rejected + skipped + pending`. */
export interface ReadCounts {
  readonly listed: number
  readonly flattened: number
  readonly rejected: number
  readonly skipped: number
  readonly pending: number
}

/** What the upsert did. `rows = inserted + updated + unchanged + stale + duplicate`. */
export interface UpsertCounts {
  readonly rows: number
  readonly inserted: number
  readonly updated: number
  /** Stored already with equal content. */
  readonly unchanged: number
  /** A newer version is stored. */
  readonly stale: number
  /** Another row of the same batch has the same key and is at least as new. */
  readonly duplicate: number
}

/** Counts by kebab-case code: `skip.screen`, `time-in-dst-overlap`, `portfolio-unmapped`. */
export type Tallies = Readonly<Record<string, number>>

/** How far a batch takes a file: from one contiguous prefix of committed records to a longer one. */
export interface FileProgress {
  readonly fileKey: number
  readonly contentHash: string
  /** Records committed before this batch, and after it. */
  readonly from: number
  readonly to: number
}

/** Committed together, in one transaction. */
export interface Batch {
  readonly rows: readonly PlacedRow[]
  readonly records: readonly SourceRecord[]
  readonly rejects: readonly Reject[]
  readonly read: ReadCounts
  readonly tallies: Tallies
  readonly fileProgress: FileProgress | null
  /** Keys in quarantine of records that this batch has read again without rejecting them. */
  readonly settled: readonly string[]
}
