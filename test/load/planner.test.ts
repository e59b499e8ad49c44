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
