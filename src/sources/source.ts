import type { PayloadKind } from '../domain/batch.ts'
import type { CellLines } from '../domain/cell-lines.ts'
import type { FileMarks } from '../domain/file-load.ts'
import type { Flattened, RejectReason } from '../domain/flattened.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { RecordRef, RowRef } from '../domain/record-ref.ts'
import type { Proof, Reread, Window } from '../domain/window.ts'
import type { AnswerSizes } from './answer-sizes.ts'

export type { RecordRef, RowRef } from '../domain/record-ref.ts'

/** What every read of a source may use. */
export interface ReadContext {
  /** Aborted when the operator stops the run. Readers of files stop at the next record; requests throw its reason. */
  readonly signal: AbortSignal
  /** Told what an operator should know while a source is read: a long wait that the vendor asked for. */
  readonly notice?: ((message: string) => void) | undefined
  /** Of the connection. Absent: answers are taken for small. */
  readonly sizes?: AnswerSizes | undefined
}

/** One dump file that a connection's paths match. */
export interface DumpFile extends FileMarks {
  /** Absolute, without links in it. */
  readonly path: string
  /** The version of records that state none (settings `version: mtime` or a pattern in the name); null = none. */
  readonly version: number | null
  /** Why the file cannot be loaded whatever it holds (its name does not match the version pattern, a link leads elsewhere); null = it can. */
  readonly problem: string | null
}

/** What a full scan of a file's bytes shows, before any record is read. */
export interface ScannedFile {
  readonly file: DumpFile
  /** SHA-256 of the bytes as stored (compressed when the file is), hex. */
  readonly contentHash: string
  /** Bytes after decompression: an upper bound of the number of records. */
  readonly contentBytes: number
}

/** One record of a file, or the place where one should have been. */
export type FileRecord =
  | { readonly kind: 'record'; readonly line: number; readonly record: unknown }
  | {
      readonly kind: 'unreadable'
      readonly line: number
      readonly reason: RejectReason
      readonly payloadKind: Exclude<PayloadKind, 'record'>
      readonly payload: string
    }

/**
 * Records of a file in file order, each counted once: the n-th element ever yielded is ordinal n (from 0), so that a
 * resumed load can name the prefix that is committed.
 */
export interface RecordPage {
  readonly records: readonly FileRecord[]
  /** The same, where they are lines that can be taken without being read; good until the next page is asked for. */
  readonly lines?: PageLines
  /** Bytes of the file read so far, as stored: for progress only. */
  readonly bytesRead: number
}

export interface PageLines {
  readonly cells: CellLines
  /** Line n, from 0, as a record. */
  record(n: number): FileRecord
}

export interface FlattenContext {
  /** Version of the file, for records that state none. */
  readonly version: number | null
  /** `source_ordinal` of this record. */
  readonly ordinal: number
  /** Waiting has ended: what is there is all there will be, and `pending` is no answer. Files: always. */
  readonly final: boolean
}

/** Dump files: the unit of reading, retrying, proving and checkpointing is the file. */
export interface FileStream<Scanned extends ScannedFile = ScannedFile> {
  readonly kind: 'files'
  readonly name: string
  /** The version of a file is stated in its name, not only its mtime. */
  readonly versionIsStated: boolean
  /** Hash of everything that decides what flatten makes of a record; a changed mapping loads a known file again. */
  readonly mappingHash: string
  /** The property's own numbers as far as the settings list them, E.164. Absent = they list none. */
  readonly ownNumbers?: readonly string[]
  /** Matching files, in the order in which they load. Throws SourceProtocolError naming a path that cannot be listed. */
  list(context: ReadContext): Promise<readonly DumpFile[]>
  /** Reads the head of a file. Throws SourceProtocolError when it cannot be what the settings say. */
  peek(file: DumpFile, context: ReadContext): Promise<void>
  /** Reads all bytes once. Throws SourceProtocolError when the file is not what it claims to be. */
  scan(file: DumpFile, context: ReadContext): Promise<Scanned>
  /**
   * Reads the records from ordinal `from` on. Throws SourceProtocolError when the file is not what it claims to be, or
   * changed since it was scanned; pages yielded before are good.
   */
  read(scanned: Scanned, from: number, context: ReadContext): AsyncGenerator<RecordPage, void, undefined>
  /** Pure. */
  flatten(record: unknown, context: FlattenContext): Flattened
}

/** What a listing says of a record. */
export interface Stub {
  /** Null when the listing names none: the record is rejected. */
  readonly recordId: string | null
  readonly parentId: string | null
  /** Its time on the axis; null when the listing does not say, or not readably. */
  readonly windowAt: EpochMicros | null
  /** What the source states as its version; null = it states none. */
  readonly version: number | null
  /** Newest version of what was joined to it from elsewhere (a transcript); null = nothing was joined. */
  readonly joinedVersion: number | null
  /**
   * Digest of what the listing shows of the record itself, without volatile values. A stub whose fingerprint, version and
   * joined version are stored already is not read again. Null = the listing does not show the record, only that it is there.
   */
  readonly fingerprint: string | null
  /**
   * The record as flatten takes it and as it is stored, but for what `join` adds; without volatile values (signed links,
   * per-response values). Undefined = it must be fetched.
   */
  readonly record: unknown
}

export interface StubPage {
  readonly stubs: readonly Stub[]
  /** Our clock when the page was asked for: the order among equal versions of a record. */
  readonly readAt: EpochMicros
  /** The vendor's clock (`Date`) when it answered; null = unknown. What it says of later time proves nothing. */
  readonly servedAt: EpochMicros | null
  /** Exact number of records of the window, where the source states it; null = it does not. */
  readonly total: number | null
}

/** What became of asking for one record by its id. */
export type Fetched =
  | { readonly kind: 'record'; readonly stub: Stub & { readonly recordId: string }; readonly readAt: EpochMicros }
  /** The source proves that it has no such record (404), and says so of no other reason. */
  | { readonly kind: 'gone'; readonly recordId: string; readonly readAt: EpochMicros }
  /**
   * Neither: it cannot be had now (403 on this one record; the vendor is still making it). What is stored stays, and it is
   * asked for again. `reason`: what is waited for, kebab-case; default `unavailable`. `notBefore`: asking earlier is useless.
   * `unanswered`: no attempt got an answer, so that nothing is known of it.
   */
  | {
      readonly kind: 'unavailable'
      readonly recordId: string
      readonly detail: string
      readonly unanswered?: true
      readonly reason?: string
      readonly notBefore?: EpochMicros
    }

/** What reading a range will take, before it is read. */
export interface Estimate {
  readonly records: number
  readonly requests: number
  readonly requestsPerSecond: number
}

/**
 * A second axis, on which the source lists what changed since (`updatedAt`). A sync reads it at every run, and the axis of the
 * stream only when one of its re-reads is due. A record that changes again leaves its place on it: what a window of it does
 * not list proves nothing, so `windowAt` of its stubs is their time on the axis of the stream.
 */
export interface ChangeAxis extends Pick<WindowStream, 'axis' | 'rereads' | 'list'> {
  readonly proof: 'best-effort'
}

/** Records on a time axis: read window by window. All durations are microseconds. */
export interface WindowStream {
  readonly kind: 'window'
  readonly name: string
  /** The time of the source that windows lie on (`created_at`). */
  readonly axis: string
  /** Nothing before it is read by sync: where the operator wants the data to begin. */
  readonly start: EpochMicros
  /** How far behind now a window may end. */
  readonly settlingDelay: number
  readonly maxWindow: number
  readonly rereads: readonly Reread[]
  readonly proof: Proof
  /**
   * How long the source keeps a record, from its time on the axis. Older time is not read, and what is not shown of it
   * proves nothing. Absent = for ever.
   */
  readonly retention?: number
  /** Absent = the axis of the stream is all there is. */
  readonly changes?: ChangeAxis
  /**
   * Every record of the window at least once, in any order, and once more or less at its edges. Throws WindowTooLarge when
   * it cannot prove that as one, SourceProtocolError when the source is not what it claims to be; pages yielded before
   * are good.
   */
  list(window: Window, context: ReadContext): AsyncGenerator<StubPage, void, undefined>
  /** Each of the records by its id, in any order, with everything that is joined to it. */
  fetch(refs: readonly RecordRef[], context: ReadContext): AsyncGenerator<Fetched, void, undefined>
  /**
   * The listed record with what the source asks once for all records (the numbers of the account). Called of records that
   * are new or changed only, so that what is unchanged costs its listing. Undefined = it must be fetched by its id after
   * all. Absent = there is nothing of the kind.
   */
  join?(record: unknown, context: ReadContext): Promise<unknown>
  /** How many records the source has in the closed interval [from, to]; absent = it does not say. */
  count?(window: Window, context: ReadContext): Promise<number>
  /** What reading these windows will take; absent = it cannot be known before. */
  estimate?(windows: readonly Window[], context: ReadContext): Promise<Estimate>
  /** Pure. */
  flatten(record: unknown, context: FlattenContext): Flattened
}

/** A fresh link to the audio of one recording. It is a secret that dies in minutes: shown to who asked, stored nowhere. */
export interface PlayableLink {
  readonly url: string
  /** When it dies; null = the link does not say. */
  readonly expiresAt: EpochMicros | null
  /** `audio/mpeg`; null = unknown. */
  readonly mediaType: string | null
}

/** A phone platform's API, for one connection. */
export interface ApiSource {
  readonly kind: 'api'
  readonly streams: readonly WindowStream[]
  /**
   * Digest of the credentials and the address: when it changes, they may be of another account. Absent = it cannot tell.
   */
  readonly accountFingerprint?: string
  /** The property's own numbers as far as the settings list them, E.164. Absent = they list none. */
  readonly ownNumbers?: readonly string[]
  /** Requests sent so far. */
  requests(): number
  /** The cheapest request that proves the credentials; says what it found. Throws ConfigError when they cannot work. */
  check(context: ReadContext): Promise<string>
  /** Throws SourceProtocolError when there is none (deleted, in the customer's own storage). */
  resolve?(ref: RowRef, context: ReadContext): Promise<PlayableLink>
}
