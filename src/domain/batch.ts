import type { CellLines, TakenLine } from './cell-lines.ts'
import type { RejectReason } from './flattened.ts'
import type { EpochMicros } from './instant.ts'
import type { RecordRef } from './record-ref.ts'
import type { PlacedRow } from './recording-row.ts'

/** `deleted`: it was proved that the source deleted the record. */
export type Outcome = 'row' | 'reject' | 'skip' | 'pending' | 'deleted' | 'forgotten'

/** What `source_records` keeps of one record. */
export interface SourceRecord {
  readonly recordId: string
  readonly parentId: string | null
  /** Time on the stream's axis; null for files. */
  readonly windowAt: EpochMicros | null
  readonly version: number | null
  /** Newest version of what was joined to it from elsewhere (a transcript); null = nothing was, or files. */
  readonly joinedVersion: number | null
  /** Digest of what the listing showed of it; null = it was not listed, or files. */
  readonly fingerprint: string | null
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
  /** The version of the file, which its records have that state none. */
  readonly version: number | null
  /** Records committed before this batch, and after it. */
  readonly from: number
  readonly to: number
}

/** A record that is due again: no row yet (`pending`), or a row whose join is still open (`follow-up`). */
export interface FollowUp {
  readonly recordId: string
  readonly parentId: string | null
  readonly kind: 'pending' | 'follow-up'
  readonly reason: string
  /** How often it was read again. */
  readonly attempts: number
  readonly nextAttemptAt: EpochMicros
  readonly giveUpAt: EpochMicros
  /** When waiting ended without success; null while it is waited for. */
  readonly gaveUpAt: EpochMicros | null
}

/** A follow-up whose time has come. */
export interface DueFollowUp extends RecordRef {
  readonly kind: FollowUp['kind']
  readonly reason: string
  readonly attempts: number
  readonly giveUpAt: EpochMicros
}

/** A record that the source proved to have deleted. */
export interface GoneRecord {
  readonly recordId: string
  /** When the source said so: orders the deletion among readings of the record, and is its `deleted_at`. */
  readonly readAt: EpochMicros
}

/** Takes the rows of one batch in the warehouse's own form, as they are made: there are too many to hold as objects. */
export interface RowSink {
  readonly count: number
  /** Of UTF-8 that will be sent, about. */
  readonly bytes: number
  add(row: PlacedRow): void
  /** Takes the row of a line as the line has it. `ordinal`: its `source_ordinal`. */
  addLine(lines: CellLines, n: number, ordinal: number): TakenLine
}

/** Takes what is kept of the records of one batch, in the same way. */
export interface RecordSink {
  readonly count: number
  /** Of UTF-8 that will be sent. */
  readonly bytes: number
  add(record: SourceRecord): void
}

export interface BatchSink {
  readonly rows: RowSink
  readonly records: RecordSink
}

/** Committed together, in one transaction. */
export interface Batch {
  /** Those that are in no sink. */
  readonly rows: readonly PlacedRow[]
  /** Those that are in no sink. */
  readonly records: readonly SourceRecord[]
  /** Made by the loader that commits the batch. Absent: `rows` and `records` have all of them. */
  readonly sink?: BatchSink
  readonly rejects: readonly Reject[]
  readonly read: ReadCounts
  readonly tallies: Tallies
  readonly fileProgress: FileProgress | null
  /** Keys in quarantine of records that this batch has read again without rejecting them. */
  readonly settled: readonly string[]
  readonly followUps: readonly FollowUp[]
  /** Records that nothing is waited for any more. */
  readonly followedUp: readonly string[]
  readonly gone: readonly GoneRecord[]
}
