import type { RejectReason } from './flattened.ts'
import type { EpochMicros } from './instant.ts'
import type { RecordingRow } from './recording-row.ts'

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
  /** `record_id`, or for a record whose id could not be read `<file content hash>:<ordinal>`. */
  readonly rejectKey: string
  readonly reason: RejectReason
  readonly version: number | null
  readonly ordinal: number
  readonly payloadKind: PayloadKind
  readonly payload: string
  /** The file it came from and the 1-based physical line on which the record starts; null for APIs. */
  readonly fileName: string | null
  readonly line: number | null
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

/** How far a file has been committed: the contiguous prefix of its records. */
export interface FileProgress {
  readonly fileKey: number
  readonly recordsCommitted: number
}

/** Committed together, in one transaction. */
export interface Batch {
  readonly rows: readonly RecordingRow[]
  readonly records: readonly SourceRecord[]
  readonly rejects: readonly Reject[]
  /** Keys of rejects that rows of this batch may resolve besides their record ids: `<content hash>:<ordinal>`. */
  readonly read: ReadCounts
  readonly tallies: Tallies
  readonly fileProgress: FileProgress | null
}
