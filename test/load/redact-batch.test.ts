import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRedactor } from '../../src/domain/redact.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, openLoader, recordOf, rejectOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const redact = createRedactor(['KEY0123456789abcdef', '777123'])

test('a secret that the vendor echoes is in nothing that is kept of it', async () => {
  const { loader } = await openLoader(database, 'echo', { redact })
  const run = await loader.startRun()
  const echoed = '{"id":"a","echo":"Bearer KEY0123456789abcdef"}'
  const basic = Buffer.from('user:KEY0123456789abcdef').toString('base64')
  const reason = { code: 'invalid-time', path: 'echo', detail: '"KEY0123456789abcdef" is no instant' }
  await loader.commitBatch(
    run,
    batchOf({
      rows: [row({ message_id: 'a' })],
      records: [recordOf({ recordId: 'a', payload: echoed }), recordOf({ recordId: 'b' })],
      rejects: [
        rejectOf({ rejectKey: 'c', reason, payload: echoed }),
        rejectOf({ rejectKey: 'd', payloadKind: 'text', payload: `authorization: Basic ${basic}` }),
      ],
    }),
  )
  await loader.finishRun(run, 'failed', 'the answer to KEY0123456789abcdef was no JSON')
  const tables = await database.rows<{ kept: string }>(`
    select 'source_records ' || t::text as kept from reelhouse.source_records t
    union all select 'rejected_records ' || t::text from reelhouse.rejected_records t
    union all select 'runs ' || t::text from reelhouse.runs t`)
  expect(tables.filter(({ kept }) => kept.includes('0123456789') || kept.includes(basic.slice(8, 20)))).toEqual([])
  expect(await database.rows('select record_id, payload from reelhouse.source_records order by 1')).toEqual([
    { record_id: 'a', payload: '{"id":"a","echo":"Bearer [redacted]"}' },
    { record_id: 'b', payload: '{"id":"rec-1"}' },
  ])
  expect(await database.rows('select reject_key, detail, payload from reelhouse.rejected_records order by 1')).toEqual([
    { reject_key: 'c', detail: '"[redacted]" is no instant', payload: '{"id":"a","echo":"Bearer [redacted]"}' },
    expect.objectContaining({
      reject_key: 'd',
      payload: expect.stringMatching(/^authorization: Basic \S*\[redacted\]\S*$/),
    }),
  ])
  expect(await database.rows('select error from reelhouse.runs')).toEqual([
    { error: 'the answer to [redacted] was no JSON' },
  ])
})

test('what is left of a payload can be read again, or is not kept: a secret of digits stood where a number does', async () => {
  const { loader } = await openLoader(database, 'digits', { redact })
  const run = await loader.startRun()
  const payload = '{"id":"n","pin":777123}'
  await loader.commitBatch(
    run,
    batchOf({ records: [recordOf({ recordId: 'n', payload })], rejects: [rejectOf({ rejectKey: 'm', payload })] }),
  )
  expect(await database.rows("select payload from reelhouse.source_records where record_id = 'n'")).toEqual([
    { payload: null },
  ])
  expect(await database.rows("select payload from reelhouse.rejected_records where reject_key = 'm'")).toEqual([
    { payload: '"{\\"id\\":\\"n\\",\\"pin\\":[redacted]}"' },
  ])
})
