import type { SourceRecord } from '../domain/batch.ts'
import { sha256Hex } from '../transform/canonical-json.ts'
import type { Placed } from './flatten-record.ts'
import type { RecordPlace } from './record-place.ts'

/** What `source_records` keeps of a record; null = nothing: of files only what became a row is kept. */
export const sourceRecordOf = (
  flattened: Placed,
  { ordinal, stub }: RecordPlace,
  payload: string | null,
): SourceRecord | null => {
  const row = flattened.kind === 'rows' ? flattened.rows[0] : undefined
  const recordId = stub === null ? row?.record_id : stub.key
  if (recordId === undefined) return null
  const stated = flattened.kind === 'reject' ? (flattened.version ?? null) : (row?.source_version ?? null)
  return {
    recordId,
    parentId: stub?.parentId ?? null,
    windowAt: stub?.windowAt ?? null,
    // The next listing is compared with what this one stated, not with what the row became.
    version: stub?.version ?? stated,
    joinedVersion: stub?.joinedVersion ?? null,
    fingerprint: stub?.fingerprint ?? null,
    ordinal,
    ...outcomeOf(flattened),
    payload,
    payloadHash: payload === null ? null : sha256Hex(payload),
  }
}

const outcomeOf = (flattened: Placed): Pick<SourceRecord, 'outcome' | 'reason'> => {
  if (flattened.kind === 'rows') return { outcome: 'row', reason: null }
  if (flattened.kind === 'skip') return { outcome: 'skip', reason: flattened.code }
  return flattened.kind === 'pending'
    ? { outcome: 'pending', reason: flattened.waiting.reason }
    : { outcome: 'reject', reason: flattened.reason.code }
}
