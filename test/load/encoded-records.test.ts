import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceRecord } from '../../src/domain/batch.ts'
import { EncodedRecords } from '../../src/load/encoded-records.ts'
import { GrowingBuffer } from '../../src/load/growing-buffer.ts'
import { keepSourceRecords, stageSourceRecords } from '../../src/load/source-records.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { recordOf, runsOf } from '../support/loading.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun } = runsOf(() => session)

const encoded = (records: readonly SourceRecord[]): EncodedRecords => {
  const all = new EncodedRecords((text) => text, new GrowingBuffer(64))
  for (const record of records) all.add(record)
  return all
}

const kept = async (records: readonly SourceRecord[]) => {
  const run = await freshRun()
  await session.client.query('begin')
  const staged = encoded(records)
  await stageSourceRecords(session, staged)
  await keepSourceRecords(session, run, staged, null)
  await session.client.query('commit')
  return database.rows(
    `select record_id, parent_id, fingerprint, reason, payload_hash, payload from reelhouse.source_records
     where connection_key = $1 order by record_id collate "C"`,
    [run.connectionKey],
  )
}

/** What COPY text escapes, what JSON escapes, and what Postgres cannot hold. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '\t', '\n', '\r', '\\N', '\\.', '\b', '\0', '\ud83d', '\ude00', '😀', '"', "'"),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

const asStored = (value: string | null) => value?.toWellFormed().replaceAll('\0', '\ufffd') ?? null

test('any text is stored as it is, but for what Postgres cannot hold', async () => {
  const texts = fc.tuple(text, fc.option(text), fc.option(text), fc.option(text), fc.option(text))
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 20 }), async (all) => {
      const records = all.map(([id, parentId, fingerprint, reason, payload], n) => {
        const recordId = `${String(n).padStart(3, '0')}${id}`
        return recordOf({ recordId, parentId, fingerprint, reason, payload, payloadHash: fingerprint })
      })
      expect(await kept(records)).toEqual(
        records.map((record) => ({
          record_id: asStored(record.recordId),
          parent_id: asStored(record.parentId),
          fingerprint: asStored(record.fingerprint),
          reason: asStored(record.reason),
          payload_hash: asStored(record.payloadHash),
          payload: asStored(record.payload),
        })),
      )
    }),
    { numRuns: 50 },
  )
})

test('a payload of megabytes is sent in parts that cut no character', async () => {
  const payload = `x${'😀\\'.repeat(400_000)}`
  const records = [recordOf({ payload }), recordOf({ recordId: 'rec-2', payload: null })]
  const longest = Math.max(...Array.from(encoded(records).chunks(), ({ length }) => length))
  expect(longest).toBeLessThan(1_500_000)
  const [stored, other] = await kept(records)
  expect(stored?.payload === payload).toBe(true)
  expect(other?.payload).toBeNull()
})
