import type { SourceRecord } from '../domain/batch.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import { latest } from '../domain/latest.ts'
import type { Fetched, Stub } from '../sources/source.ts'
import type { BatchWriter } from './batch-writer.ts'
import { fetchEach, fetchedId } from './fetch-each.ts'
import { tellsOfJoinOnly } from './judge-stub.ts'
import type { RecordBatch } from './record-batch.ts'
import type { StubFacts } from './record-place.ts'
import { factsOf, useRecord } from './use-record.ts'
import { unavailableFor } from './wait-for.ts'
import type { ListedStub, Seen } from './window-listing.ts'
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
    seen.records.set(one.key, takeFetched(reading, writer.batch, one, known, fetched))
    await writer.cut()
  }
}

const takeFetched = (
  { stream, now }: WindowReading,
  batch: RecordBatch,
  one: ListedStub,
  known: KnownRecord | undefined,
  fetched: Fetched,
): KnownRecord => {
  const listed = factsOf(one.stub, one)
  const { version, joinedVersion, fingerprint } = listed
  if (fetched.kind === 'record') {
    const facts = fetchedFacts(listed, fetched.stub)
    const isOlder = facts.windowAt !== null && facts.windowAt < stream.start
    if (!isOlder || known !== undefined || !tellsOfJoinOnly(one.stub)) {
      return useRecord(batch, fetched.stub.record, fetched.readAt, facts)
    }
    // A transcript of today does not bring in what the operator left out.
    batch.addKnown({ skipped: 'before-start' })
    batch.keep(unread({ ...facts, fingerprint: null }, fetched.readAt, 'skip', 'before-start'))
    return { version: facts.version, joinedVersion: facts.joinedVersion, fingerprint: null, outcome: 'skip' }
  }
  if (fetched.kind === 'unavailable') {
    const kind = known?.outcome === 'row' ? 'follow-up' : 'pending'
    const { reason = 'unavailable', notBefore = null } = fetched
    const waiting = { reason, notBefore, giveUpAt: now() + unavailableFor }
    const waited = { recordId: one.key, parentId: listed.parentId, kind, attempts: 0, waiting } as const
    batch.addUnavailable(waited, known === undefined ? unread(listed, one.ordinal, 'pending', waiting.reason) : null)
    return known ?? { version, joinedVersion, fingerprint, outcome: 'pending' }
  }
  batch.addKnown({ skipped: 'gone-meanwhile' })
  // The source listed it, or something joined to it, a moment ago: it is the account that the record is of.
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
  // What was listed of it is what the next listing is compared with, however it looks by its id.
  joinedVersion: latest(fetched.joinedVersion, listed.joinedVersion),
  fingerprint: listed.fingerprint ?? fetched.fingerprint,
})

const unread = (
  { key, parentId, windowAt, version, joinedVersion, fingerprint }: StubFacts,
  ordinal: number,
  outcome: 'pending' | 'deleted' | 'skip',
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
