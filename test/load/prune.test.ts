import { afterAll, beforeAll, expect, test } from 'vitest'
import { prune } from '../../src/load/prune.ts'
import { finishRun } from '../../src/load/runs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, recordOf, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const day = 86_400_000

test('what has aged out goes: runs but the latest ones, resolved rejects, payloads; rows and open rejects stay', async () => {
  const session = await database.session()
  const [oldest, succeeded, failed, running] = [
    await runOf(session, 'one'),
    await runOf(session, 'one'),
    await runOf(session, 'one'),
    await runOf(session, 'one', { command: 'replay' }),
  ]
  await load(session, oldest, batchOf({ rejects: [rejectOf(), rejectOf({ rejectKey: 'open' })] }))
  await load(session, oldest, batchOf({ rows: [row()], records: [recordOf()] }))
  await finishRun(session, oldest, 'succeeded', null)
  await finishRun(session, succeeded, 'succeeded', null)
  await finishRun(session, failed, 'failed', 'x')
  const none = { windows: 0, runs: 0, resolved_rejects: 0, payloads: 0 }
  expect(await prune(session, { runs: day, resolvedRejects: day, payloads: day })).toEqual(none)
  for (const statement of [
    "update reelhouse.runs set finished_at = now() - interval '2 days' where finished_at is not null",
    "update reelhouse.rejected_records set last_changed_at = now() - interval '2 days', resolved_at = resolved_at - interval '2 days'",
    "update reelhouse.source_records set read_at = now() - interval '2 days'",
  ]) {
    await database.rows(statement)
  }
  expect(await prune(session, { runs: null, resolvedRejects: null, payloads: null })).toEqual(none)
  expect(await prune(session, { runs: day, resolvedRejects: day, payloads: day })).toEqual({
    windows: 0,
    runs: 2,
    resolved_rejects: 1,
    payloads: 2,
  })
  expect(await database.rows('select run_id, state from reelhouse.runs order by run_id')).toEqual([
    { run_id: succeeded.runId, state: 'succeeded' },
    { run_id: running.runId, state: 'running' },
  ])
  expect(await database.rows('select reject_key, payload from reelhouse.rejected_records')).toEqual([
    { reject_key: 'open', payload: null },
  ])
  expect(await database.rows('select payload, payload_hash from reelhouse.source_records')).toEqual([
    { payload: null, payload_hash: 'a1' },
  ])
  expect(await database.rows('select message_id from reelhouse.call_recordings')).toEqual([{ message_id: 'rec-1' }])
})
