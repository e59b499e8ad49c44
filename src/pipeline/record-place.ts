import type { DueFollowUp, FilePlace } from '../domain/batch.ts'
import type { EpochMicros } from '../domain/instant.ts'

/** Where a record stands: what its row or reject is ordered and named by. */
export interface RecordPlace {
  /** Of records that state no version of their own. */
  readonly version: number | null
  readonly ordinal: number
  /** Key in quarantine of a record whose id cannot be read. */
  readonly fallbackKey: string
  readonly file: FilePlace | null
  /** What the source says of a record of an API; null for files. */
  readonly stub: StubFacts | null
}

export interface StubFacts {
  /** Its id; of a record without a usable one what stands for it, in `source_records` and in quarantine. */
  readonly key: string
  /** Why it cannot become a row whatever it holds; null = it can. */
  readonly unusable: UnusableId | null
  readonly parentId: string | null
  readonly windowAt: EpochMicros | null
  readonly version: number | null
  readonly joinedVersion: number | null
  readonly fingerprint: string | null
  /** What was waited for until now; null = it was not due, but listed. */
  readonly due: Due | null
}

/** How often a record was read again already, and until when it is waited for, as long as that is for the same reason. */
export type Due = Pick<DueFollowUp, 'kind' | 'reason' | 'attempts' | 'giveUpAt'>

/** `unreadable-id`: of characters that the warehouse cannot hold, so that the source would not know it again. */
export type UnusableId = 'missing-id' | 'id-too-long' | 'unreadable-id'
