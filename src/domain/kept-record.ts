import type { FilePlace } from './batch.ts'
import type { EpochMicros } from './instant.ts'

/** A record whose payload was kept, to be flattened again: in source_records, or in quarantine. */
export interface KeptRecord {
  /** Id of the record, or its key in quarantine. */
  readonly key: string
  /** Canonical JSON. */
  readonly payload: string
  readonly place: {
    readonly version: number | null
    readonly ordinal: number
    readonly fallbackKey: string
    readonly file: FilePlace | null
  }
  /** What its source said of it, as in SourceRecord; null for files. */
  readonly parentId: string | null
  readonly windowAt: EpochMicros | null
  readonly joinedVersion: number | null
  readonly fingerprint: string | null
}
