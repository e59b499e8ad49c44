import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Batch } from '../../src/domain/batch.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, openLoader, recordOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** A record of a platform, and the rows that it is. */
interface Read {
  readonly id: string
  readonly text: string
  readonly version: number | null
  readonly outcome: 'row' | 'skip' | 'reject'
  readonly isSeveral: boolean
}

const batchFrom = (reads: readonly Read[], before: number): Batch => {
  const placed = reads.map((read, n) => ({ ...read, ordinal: before + n + 1 }))
  const records = placed.map(({ id, text, version, outcome, ordinal }) =>
    recordOf({ recordId: id, version, ordinal, outcome, payload: JSON.stringify({ id, text }), payloadHash: text }),
  )
  const rows = placed.flatMap(({ id, text, version, outcome, isSeveral, ordinal }) => {
    if (outcome !== 'row') return []
    const parts = isSeveral ? [`${id}/1`, `${id}/2`] : [id]
    return parts.map((part) =>
      row({ message_id: part, record_id: id, message_text: text, source_version: version, source_ordinal: ordinal }),
    )
  })
  return batchOf({ rows, records })
}

let connections = 0

/** Commits the batches one after the other, and returns all that is stored. */
const commit = async (batches: readonly Batch[], how: 'as they come' | 'held') => {
  connections += 1
  const connection = `connection-${connections}`
  const { loader, die } = await openLoader(database, connection)
  const run = await loader.startRun()
  for (const batch of batches) {
    const sink = how === 'held' ? null : loader.newSink(run, null)
    for (const one of batch.rows) sink?.rows.add(one)
    for (const one of batch.records) sink?.records.add(one)
    await loader.commitBatch(run, sink === null ? batch : { ...batch, rows: [], records: [], sink })
  }
  await loader.finishRun(run, 'succeeded', null)
  await die()
  const of = (select: string) =>
    database.rows(`${select} join reelhouse.connections using (connection_key) where connection_id = $1 order by 1`, [
      connection,
    ])
  return {
    rows: await of(
      'select message_id, record_id, message_text, source_version, source_ordinal from reelhouse.call_recordings',
    ),
    records: await of(
      'select record_id, version, ordinal, outcome, payload, payload_hash from reelhouse.source_records',
    ),
    counts: await of('select rows, inserted, updated, unchanged, stale, duplicate from reelhouse.runs'),
  }
}

const hostile = fc.constantFrom('plain', '\\', '\t\n', '\ud83d', '😀', '\\N', '\0', 'x'.repeat(5000))

const anyRead: fc.Arbitrary<Read> = fc.record({
  id: fc.constantFrom(...'abcdefghijklmnop'),
  text: hostile,
  version: fc.constantFrom(null, 1, 2),
  outcome: fc.constantFrom('row', 'row', 'row', 'skip', 'reject'),
  isSeveral: fc.constantFrom(false, false, false, true),
})

/** Batches of new records alone make the next one go straight into the table; those that it has already must be noticed. */
const newOnes = (n: number): readonly Read[] =>
  Array.from({ length: 20 }, (_, at) => ({
    id: `new-${n}-${at}`,
    text: 'new',
    version: 1,
    outcome: 'row',
    isSeveral: false,
  }))

test('a batch that is encoded as it comes leaves and counts what one leaves that is held', async () => {
  const lists = fc.array(fc.oneof(fc.array(anyRead, { minLength: 1, maxLength: 6 }), fc.nat(3).map(newOnes)), {
    minLength: 1,
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(lists, async (stated) => {
      const batches = stated.map((reads, n) => batchFrom(reads, n * 100))
      expect(await commit(batches, 'as they come')).toEqual(await commit(batches, 'held'))
    }),
    { numRuns: 30 },
  )
}, 120_000)

test('what a batch of long payloads has left in its memory is not sent with the next one', async () => {
  const long = (id: string) =>
    ({ id, text: 'x'.repeat(2_000_000), version: 1, outcome: 'row', isSeveral: false }) as const
  const short = (id: string) => ({ ...long(id), text: 'short' })
  const batches = [[long('a'), long('b')], [short('c')], [short('d')], [short('a')]].map((reads, n) =>
    batchFrom(reads, n * 100),
  )
  const { rows, records, counts } = await commit(batches, 'as they come')
  expect({ rows, records, counts }).toEqual(await commit(batches, 'held'))
  expect(rows).toHaveLength(4)
})

test('a batch that fails gives its memory to no other one', async () => {
  const { loader, die } = await openLoader(database, 'fails')
  const run = await loader.startRun()
  const sink = loader.newSink(run, null)
  sink?.rows.add(row({ message_id: 'a', call_duration_in_sec: -1 }))
  if (sink === null) throw new Error('no sink')
  await expect(loader.commitBatch(run, { ...batchOf({}), sink })).rejects.toThrow('call_duration_in_sec')
  const [next, other] = [loader.newSink(run, null), loader.newSink(run, null)]
  for (const message_id of ['b', 'c']) next?.rows.add(row({ message_id }))
  expect([sink.rows.count, next?.rows.count, other?.rows.count]).toEqual([1, 2, 0])
  await die()
})
