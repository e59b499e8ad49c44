import type { EpochMicros } from './instant.ts'

/** A file's name and outward marks: enough to know it again without reading it. */
export interface FileMarks {
  /** As the operator knows it: relative to the configuration's folder. */
  readonly name: string
  readonly sizeBytes: number
  readonly modifiedAt: EpochMicros
}

/** A dump file by content, as the ledger `loaded_files` needs to know it. */
export interface FileContent {
  readonly fileName: string
  /** SHA-256 of the bytes as stored, hex. */
  readonly contentHash: string
  /** Size after decompression: an upper bound of the number of records. */
  readonly contentBytes: number
  readonly mappingHash: string
  /** Version of records that state none; null = none. */
  readonly version: number | null
  /** The version was stated by whoever named the file; false when it is only its mtime. */
  readonly versionIsStated: boolean
}

/** Where the load of a file begins. */
export interface FileLoad {
  readonly fileKey: number
  readonly version: number | null
  /** `source_ordinal` of the file's first record. */
  readonly ordinalBase: number
  /** Records committed already: reading goes on with this ordinal. */
  readonly recordsCommitted: number
}
