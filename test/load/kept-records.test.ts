import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceRecord } from '../../src/domain/batch.ts'
import { keptRecords } from '../../src/load/kept-records.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, recordOf, runOf } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const record = (recordId: string, payloadBytes: number): SourceRecord => ({
  ...recordOf({ recordId }),
  // Stored in a fraction of it: what a page holds is what comes of it in memory.
  payload: JSON.stringify({ id: recordId, text: 'yes '.repeat(payloadBytes / 4) }),
  payloadHash: recordId,
})

test('kept records come in key order, in pages bounded by count and by bytes, each once', async () => {
  const session = await database.session()
  const run = await runOf(session, 'one')
  const records = [
    record('a', 3_000_000),
    record('b', 3_000_000),
    record('c', 6_000_000),
    record('d', 100),
    record('e', 100),
    record('f', 100),
    record('g', 100),
  ]
  await load(session, run, batchOf({ records }))
  const pages: string[][] = []
  for await (const page of keptRecords(session, run, 3)) pages.push(page.map(({ key }) => key))
  expect(pages).toEqual([['a', 'b'], ['c'], ['d', 'e', 'f'], ['g']])
})
