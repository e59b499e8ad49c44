import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, recordOf, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const dataTables = ['call_recordings', 'source_records', 'rejected_records'] as const

/** Where every row version lies, who wrote it, and who locked it. */
const rowVersions = () =>
  database.rows(
    dataTables
      .map((table) => `select '${table}' as in_table, ctid::text, xmin::text, xmax::text from reelhouse.${table}`)
      .join(' union all ')
      .concat(' order by in_table, ctid'),
  )

const writes = async () => {
  const session = await database.session()
  await session.client.query('select pg_stat_force_next_flush()')
  await session.client.query('select 1')
  const { rows } = await session.client.query(
    `select relname, n_tup_ins::integer as inserted, n_tup_upd::integer as updated, n_tup_del::integer as deleted
     from pg_stat_user_tables where schemaname = 'reelhouse' and relname = any ($1) order by relname`,
    [dataTables],
  )
  return rows
}

const rows = Array.from({ length: 50 }, (_, n) =>
  row({ message_id: `rec-${n}`, source_ordinal: n, map_keys: n % 2 === 0 ? { queue: `q-${n}` } : {} }),
)
const batch = batchOf({
  rows: [...rows, row({ message_id: 'rec-7', source_ordinal: 3, first_name: 'older' })],
  records: rows.map(({ message_id, source_ordinal }) => recordOf({ recordId: message_id, ordinal: source_ordinal })),
  rejects: [
    rejectOf({ rejectKey: 'bad-1', ordinal: 60 }),
    rejectOf({ rejectKey: 'bad-2', ordinal: 61, version: null }),
    rejectOf({
      rejectKey: 'rec-9',
      ordinal: 2,
      reason: { code: 'older', path: null, detail: 'before rec-9 was right' },
    }),
  ],
})

test('loading the same again writes nothing: no row version, no lock on a row, no statistics', async () => {
  const session = await database.session()
  const first = await load(session, await runOf(session, 'one'), batch)
  expect(first.upsert).toEqual({ rows: 51, inserted: 50, updated: 0, unchanged: 0, stale: 0, duplicate: 1 })
  const before = await rowVersions()
  expect(before).toHaveLength(103)
  await session.client.query('select pg_stat_force_next_flush()')
  const writesBefore = await writes()
  expect(writesBefore).toEqual([
    { relname: 'call_recordings', inserted: 50, updated: 0, deleted: 0 },
    { relname: 'rejected_records', inserted: 3, updated: 0, deleted: 0 },
    { relname: 'source_records', inserted: 50, updated: 0, deleted: 0 },
  ])
  const again = await load(session, await runOf(session, 'one'), batch)
  expect(again.upsert).toEqual({ rows: 51, inserted: 0, updated: 0, unchanged: 50, stale: 0, duplicate: 1 })
  expect(await rowVersions()).toEqual(before)
  await session.client.query('select pg_stat_force_next_flush()')
  expect(await writes()).toEqual(writesBefore)
})

test('the same content read later, with other ordinals, writes nothing either', async () => {
  const session = await database.session()
  const before = await rowVersions()
  const later = batchOf({
    rows: rows.map((one) => ({ ...one, source_ordinal: one.source_ordinal + 1000 })),
    records: batch.records.map((record) => ({ ...record, ordinal: record.ordinal + 1000 })),
    rejects: batch.rejects.slice(0, 2).map((reject) => ({ ...reject, ordinal: reject.ordinal + 1000 })),
  })
  const { upsert } = await load(session, await runOf(session, 'one'), later)
  expect(upsert).toEqual({ rows: 50, inserted: 0, updated: 0, unchanged: 50, stale: 0, duplicate: 0 })
  expect(await rowVersions()).toEqual(before)
})

test('older rows are read and neither locked nor written', async () => {
  const session = await database.session()
  const before = await rowVersions()
  const older = batchOf({ rows: rows.map((one) => ({ ...one, source_version: 0, first_name: 'older' })) })
  const { upsert } = await load(session, await runOf(session, 'one'), older)
  expect(upsert).toEqual({ rows: 50, inserted: 0, updated: 0, unchanged: 0, stale: 50, duplicate: 0 })
  expect(await rowVersions()).toEqual(before)
})
