import type { Outcome } from '../domain/batch.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import type { Stub } from '../sources/source.ts'
import type { RecordBatch } from './record-batch.ts'
import type { StubFacts } from './record-place.ts'

export const factsOf = (
  { parentId, windowAt, version, joinedVersion, fingerprint }: Stub,
  { key, unusable }: Pick<StubFacts, 'key' | 'unusable'>,
): StubFacts => ({ key, unusable, parentId, windowAt, version, joinedVersion, fingerprint, due: null })

/** Puts the record of a stub into the batch; returns what will be stored of it. */
export const useRecord = (batch: RecordBatch, record: unknown, ordinal: number, stub: StubFacts): KnownRecord => {
  const { kind } = batch.addRecord(record, {
    version: stub.version,
    ordinal,
    fallbackKey: stub.key,
    file: null,
    stub,
  })
  const outcome: Outcome = kind === 'rows' ? 'row' : kind
  return { version: stub.version, joinedVersion: stub.joinedVersion, fingerprint: stub.fingerprint, outcome }
}
