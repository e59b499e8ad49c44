import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceRecord } from '../../src/domain/batch.ts'
import { keptRecords } from '../../src/load/kept-records.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, runOf } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const record = (recordId: string, payloadBytes: number): SourceRecord => ({
  recordId,
  parentId: null,
  windowAt: null,
  version: 1,
  ordinal: 1,
  outcome: 'row',
  reason: null,
  // Random, so that Postgres cannot compress it.
  payload: JSON.stringify({ id: recordId, text: randomBytes(payloadBytes / 2).toString('hex') }),
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
