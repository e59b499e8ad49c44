import type { PayloadKind } from '../domain/batch.ts'
import type { FileMarks } from '../domain/file-load.ts'
import type { Flattened, RejectReason } from '../domain/flattened.ts'

/** What every read of a source may use. */
export interface ReadContext {
  /** Aborted when the operator stops the run; readers stop at the next record and throw nothing of their own. */
  readonly signal: AbortSignal
}

/** One dump file that a connection's paths match. */
export interface DumpFile extends FileMarks {
  readonly path: string
  /** The version of records that state none (settings `version: mtime` or a pattern in the name); null = none. */
  readonly version: number | null
  /** Why the file cannot be loaded whatever it holds (its name does not match the version pattern); null = it can. */
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
  /** Bytes of the file read so far, as stored: for progress only. */
  readonly bytesRead: number
}

export interface FlattenContext {
  /** Version of the file, for records that state none. */
  readonly version: number | null
  /** `source_ordinal` of this record. */
  readonly ordinal: number
}

/** Dump files: the unit of reading, retrying, proving and checkpointing is the file. */
export interface FileStream<Scanned extends ScannedFile = ScannedFile> {
  readonly kind: 'files'
  readonly name: string
  /** The version of a file is stated in its name, not only its mtime. */
  readonly versionIsStated: boolean
  /** Hash of everything that decides what flatten makes of a record; a changed mapping loads a known file again. */
  readonly mappingHash: string
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
