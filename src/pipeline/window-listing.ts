import type { KnownRecord } from '../domain/known-record.ts'
import type { Stub } from '../sources/source.ts'
import type { StubFacts } from './record-place.ts'

/** A stub as a page listed it. */
export interface ListedStub extends Pick<StubFacts, 'key' | 'unusable'> {
  readonly stub: Stub
  /** When the page was asked for, plus its number on it. */
  readonly ordinal: number
}

/** What a window has shown so far. */
export interface Seen {
  /** What became of each record, before it is stored even. */
  readonly records: Map<string, KnownRecord>
  /** Records that the listing has shown. */
  readonly listed: Set<string>
  /** Records that the source has shown by their ids. */
  readonly fetched: Set<string>
  /** Times that it listed a record without a usable id. */
  nameless: number
}
