import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import { changedRows } from '../../src/load/changed-rows.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { encodedRows } from '../support/encoded-rows.ts'
import { batchOf, commitAs, load, loadRows, recordOf, rejectOf, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { UpsertModel } from './upsert-model.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun, laterRun } = runsOf(() => session)

/** Ids of the rows that would be staged; null = all without more ado. */
const staged = async (run: Run, rows: readonly PlacedRow[], kept: readonly string[] = []) => {
  const encoded = encodedRows(rows, { fileVersion: null, redact: (text) => text })
  await session.client.query('begin isolation level repeatable read')
  const places = await changedRows(session, run, encoded, kept)
  await session.client.query('rollback')
  return places?.map((place) => rows[place]?.message_id) ?? null
}

const rows = (...stated: readonly Partial<PlacedRow>[]): PlacedRow[] =>
  ['a', 'b', 'c', 'd', 'e', 'f'].map((message_id, n) => row({ message_id, ...stated[n] }))

const digests = (run: Run) =>
  database.rows<{ message_id: string; has: boolean }>(
    'select message_id, row_digest is not null as has from reelhouse.call_recordings where connection_key = $1 order by 1',
    [run.connectionKey],
  )
const withoutDigest = async (run: Run) =>
  (await digests(run)).filter(({ has }) => !has).map(({ message_id }) => message_id)

describe('which rows are staged', () => {
  test('those that are new or say something else, in their order', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    expect(await staged(run, rows())).toEqual([])
    expect(await staged(run, [row({ message_id: 'x' }), ...rows()])).toEqual(['x'])
    expect(await staged(run, rows({}, { first_name: 'Bo' }, {}, {}, { source_version: 2 }))).toEqual(['b', 'e'])
    // When it was read is not what it says.
    expect(await staged(run, rows({ source_ordinal: 99 }))).toEqual([])
    // What a row says is more than what is stored of it.
    expect(await staged(run, rows({ first_name: undefined }))).toEqual(['a'])
  })

  test('another connection has digests of its own', async () => {
    await loadRows(session, await freshRun(), rows())
    expect(await staged(await freshRun(), rows())).toBeNull()
  })

  test('all of them, where the digests of most are not those that are stored', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    const half = rows({ first_name: '1' }, { first_name: '2' }, { first_name: '3' })
    expect(await staged(run, half)).toEqual(['a', 'b', 'c'])
    expect(await staged(run, rows(...half.slice(0, 3), { first_name: '4' }))).toBeNull()
  })

  test('those that are asked for, and in an authoritative run those that are mapped anew', async () => {
    const run = await freshRun()
    const partly = rows({ portfolio_id: undefined, portfolio_if_new: 'p' })
    await loadRows(session, run, partly)
    expect(await staged(run, partly)).toEqual([])
    expect(await staged(run, partly, ['f', 'x'])).toEqual(['f'])
    expect(await staged({ ...run, authoritative: true }, partly)).toEqual(['a'])
  })

  test('those whose record has other rows', async () => {
    const run = await freshRun()
    const partly = rows({}, { record_id: 'of-two' })
    await loadRows(session, run, partly)
    expect(await withoutDigest(run)).toEqual(['b'])
    expect(await staged(run, partly)).toEqual(['b'])
  })
})

describe('a reject is resolved by a row that is stored as it is stated', () => {
  const open = async (run: Run) =>
    (
      await database.rows<{ reject_key: string }>(
        'select reject_key from reelhouse.rejected_records where connection_key = $1 and resolved_at is null',
        [run.connectionKey],
      )
    ).map(({ reject_key }) => reject_key)
  const again = (ordinal: number) => rows().map((one) => ({ ...one, source_ordinal: ordinal }))

  test('when it was rejected before', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    const later = await laterRun()
    await load(session, later, batchOf({ rejects: [rejectOf({ rejectKey: 'c', ordinal: 2 })] }))
    expect(await open(run)).toEqual(['c'])
    const counts = await loadRows(session, later, again(3), 'unchanged')
    expect(counts).toMatchObject({ rows: 6, inserted: 0, updated: 0, unchanged: 6 })
    expect(await open(run)).toEqual([])
  })

  test('when it is rejected in the same batch, before the row; not after it', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    const rejects = [rejectOf({ rejectKey: 'c', ordinal: 2 }), rejectOf({ rejectKey: 'd', ordinal: 4 })]
    const batch = batchOf({ rows: again(3), rejects })
    const { upsert } = await commitAs(session, await laterRun(), batch, 'unchanged')
    expect(upsert).toMatchObject({ rows: 6, unchanged: 6 })
    expect(await open(run)).toEqual(['d'])
  })
})

describe('a row that anything else has changed has no digest any more', () => {
  test('by hand: what the source says is put back', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    await database.rows(
      "update reelhouse.call_recordings set first_name = 'by hand' where connection_key = $1 and message_id = 'b'",
      [run.connectionKey],
    )
    expect(await withoutDigest(run)).toEqual(['b'])
    const later = await laterRun()
    const again = rows().map((one) => ({ ...one, source_ordinal: 2 }))
    expect(await loadRows(session, later, again, 'unchanged')).toMatchObject({ updated: 1, unchanged: 5 })
    expect(await withoutDigest(run)).toEqual([])
  })

  test('by what a replication writes', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    const replica = await database.session()
    await replica.client.query('set session_replication_role = replica')
    await replica.client.query(
      "update reelhouse.call_recordings set first_name = 'replicated' where connection_key = $1 and message_id = 'e'",
      [run.connectionKey],
    )
    expect(await withoutDigest(run)).toEqual(['e'])
  })

  test('by its deletion at the source', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      batchOf({ rows: rows(), records: rows().map(({ message_id }) => recordOf({ recordId: message_id })) }),
    )
    await load(session, await laterRun(), batchOf({ gone: [{ recordId: 'd', readAt: 5 }] }))
    expect(await withoutDigest(run)).toEqual(['d'])
  })

  test('an update that changes nothing leaves it alone, and so does one that states another', async () => {
    const run = await freshRun()
    await loadRows(session, run, rows())
    const update = (set: string) =>
      database.rows(`update reelhouse.call_recordings set ${set} where connection_key = $1`, [run.connectionKey])
    await update('first_name = first_name')
    expect(await withoutDigest(run)).toEqual([])
    await update("first_name = 'Bo', row_digest = 7")
    expect(await withoutDigest(run)).toEqual([])
  })
})

const anyStated = fc.record({
  first_name: fc.constantFrom<string | null | undefined>('x', 'x', 'y', null, undefined),
  deleted_at: fc.constantFrom<number | null | undefined>(null, null, undefined, 3_000_000),
  portfolio_id: fc.constantFrom<string | undefined>('p', 'p', 'p', undefined),
  source_version: fc.constantFrom(null, null, 1, 2),
  source_ordinal: fc.constantFrom(1, 2, 3),
  map_keys: fc.constantFrom<PlacedRow['map_keys']>({}, {}, { k: '1' }, { k: undefined }),
})

/** A history that mostly says the same again: each batch is the one before with some rows changed. */
const history = fc.array(
  fc.record({
    changes: fc.array(fc.tuple(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'), anyStated), { maxLength: 2 }),
    authoritative: fc.boolean(),
  }),
  { minLength: 2, maxLength: 8 },
)

test('whatever is told by digests, any history leaves what the rules say, and counts exactly what it did', async () => {
  let told = 0
  await fc.assert(
    fc.asyncProperty(history, async (batches) => {
      const model = new UpsertModel()
      const run = await freshRun()
      let current = rows().map((one) => ({
        ...one,
        portfolio_id: 'p' as string | undefined,
        source_version: null as number | null,
      }))
      for (const [place, { changes, authoritative }] of batches.entries()) {
        const changed = new Map(changes)
        current = current.map((one) => ({ ...one, ...changed.get(one.message_id) }))
        const batch = current as readonly PlacedRow[]
        const places = await staged(run, batch)
        told += places === null ? 0 : batch.length - places.length
        const writer = { ...run, authoritative, runId: run.runId * 100 + place }
        const counts = await loadRows(session, writer, batch, 'unchanged')
        expect(counts).toEqual(model.commit(batch, writer.runId, authoritative))
      }
      const stored = await database.rows<Record<string, unknown>>(
        `select message_id, portfolio_id, first_name, map_keys, source_version, source_ordinal, run_id, deleted_at is not null as deleted
         from reelhouse.call_recordings where connection_key = $1 order by message_id`,
        [run.connectionKey],
      )
      const expected = [...model.table.values()]
        .toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1))
        .map(
          ({ message_id, portfolio_id, first_name, map_keys, source_version, source_ordinal, run_id, deleted_at }) => ({
            ...{ message_id, portfolio_id, first_name, map_keys, source_version, source_ordinal, run_id },
            deleted: deleted_at !== null,
          }),
        )
      expect(stored).toEqual(expected)
    }),
    { numRuns: 150 },
  )
  expect(told).toBeGreaterThan(500)
})
