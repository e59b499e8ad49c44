import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const settings = ['enable_seqscan', 'enable_hashjoin', 'jit']

test('a batch meets its table by key and compiles nothing; the session plans as before when it is committed', async () => {
  const session = await database.session()
  const planned = async () =>
    (await session.client.query('select name, setting from pg_settings where name = any ($1) order by 1', [settings]))
      .rows
  const before = await planned()
  let within: unknown
  await load(session, await runOf(session, 'calls'), batchOf({ rows: [row()] }), async (step) => {
    if (step === 'batch-upserted') within = await planned()
  })
  expect(within).toEqual([
    { name: 'enable_hashjoin', setting: 'off' },
    { name: 'enable_seqscan', setting: 'off' },
    { name: 'jit', setting: 'off' },
  ])
  expect(await planned()).toEqual(before)
})

test('a batch of a connection that the statistics do not know yet reads one row a key', async () => {
  const session = await database.session()
  const rows = Array.from({ length: 300 }, (_, n) => row({ message_id: `rec-${n}` }))
  await load(session, await runOf(session, 'old'), batchOf({ rows }))
  await database.rows('analyze reelhouse.call_recordings')
  const run = await runOf(session, 'new')
  await load(session, run, batchOf({ rows }))
  let fetched: unknown
  await load(session, run, batchOf({ rows }), async (step) => {
    if (step !== 'batch-upserted') return
    const found = await session.client.query(
      "select idx_tup_fetch::integer as rows from pg_stat_xact_user_tables where relname = 'call_recordings'",
    )
    fetched = found.rows[0].rows
  })
  expect(fetched).toBe(300)
})
