import type { SourceRecord } from '../domain/batch.ts'
import type { Fetched, Stub } from '../sources/source.ts'
import type { BatchWriter } from './batch-writer.ts'
import { fetchEach, fetchedId } from './fetch-each.ts'
import { tellsOfJoinOnly } from './judge-stub.ts'
import type { RecordBatch } from './record-batch.ts'
import type { StubFacts } from './record-place.ts'
import { factsOf, useRecord } from './use-record.ts'
import { unavailableFor } from './wait-for.ts'
import type { ListedStub, Seen } from './window-listing.ts'
import type { KnownRecord } from './window-loader.ts'
import type { WindowReading } from './window-reading.ts'

/** Asks for listed records by their ids: the listing shows none, or one poorer than what is stored. */
export const fetchListed = async (
  reading: WindowReading,
  seen: Seen,
  listed: readonly ListedStub[],
  stored: ReadonlyMap<string, KnownRecord>,
  writer: BatchWriter,
): Promise<void> => {
  const asked = new Map(listed.map((one) => [one.key, one]))
  const refs = listed.map(({ key, stub }) => ({ recordId: key, parentId: stub.parentId }))
  for await (const fetched of fetchEach(reading, refs)) {
    const one = asked.get(fetchedId(fetched))
    if (one === undefined) continue
    const known = seen.records.get(one.key) ?? stored.get(one.key)
    if (fetched.kind === 'record') seen.fetched.add(one.key)
    seen.records.set(one.key, takeFetched(writer.batch, one, known, fetched, reading.now))
    await writer.cut()
  }
}

const takeFetched = (
  batch: RecordBatch,
  one: ListedStub,
  known: KnownRecord | undefined,
  fetched: Fetched,
  now: WindowReading['now'],
): KnownRecord => {
  const listed = factsOf(one.stub, one)
  if (fetched.kind === 'record') {
    return useRecord(batch, fetched.stub.record, fetched.readAt, fetchedFacts(listed, fetched.stub))
  }
  const { version, joinedVersion, fingerprint } = listed
  if (fetched.kind === 'unavailable') {
    const kind = known?.outcome === 'row' ? 'follow-up' : 'pending'
    const waiting = { reason: 'unavailable', notBefore: null, giveUpAt: now() + unavailableFor }
    const waited = { recordId: one.key, parentId: listed.parentId, kind, attempts: 0, waiting } as const
    batch.addUnavailable(waited, known === undefined ? unread(listed, one.ordinal, 'pending', waiting.reason) : null)
    return known ?? { version, joinedVersion, fingerprint, outcome: 'pending' }
  }
  batch.addKnown({ skipped: 'gone-meanwhile' })
  if (known !== undefined && known.outcome !== 'deleted') batch.addGone({ recordId: one.key, readAt: fetched.readAt })
  // Whatever was joined to it may be listed for years: it is not to be asked for at every re-read.
  else if (known === undefined && tellsOfJoinOnly(one.stub)) {
    batch.keep(unread(listed, fetched.readAt, 'deleted', 'gone-meanwhile'))
  }
  return { version, joinedVersion, fingerprint, outcome: 'deleted' }
}

/** By its id the source shows all of it, but not always where it lies. */
export const fetchedFacts = (listed: StubFacts, fetched: Stub): StubFacts => ({
  ...factsOf(fetched, listed),
  parentId: fetched.parentId ?? listed.parentId,
  windowAt: fetched.windowAt ?? listed.windowAt,
  fingerprint: fetched.fingerprint ?? listed.fingerprint,
})

const unread = (
  { key, parentId, windowAt, version, joinedVersion, fingerprint }: StubFacts,
  ordinal: number,
  outcome: 'pending' | 'deleted',
  reason: string,
): SourceRecord => ({
  recordId: key,
  parentId,
  windowAt,
  version,
  joinedVersion,
  fingerprint,
  ordinal,
  outcome,
  reason,
  payload: null,
  payloadHash: null,
})
