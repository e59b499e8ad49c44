import { afterAll, beforeAll, expect, test } from 'vitest'
import { noReadCounts } from '../../src/domain/counts.ts'
import { prune } from '../../src/load/prune.ts'
import { finishRun } from '../../src/load/runs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, load, openLoader, recordOf, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const day = 86_400_000

test('what has aged out goes: runs but the latest ones, resolved rejects, payloads, and open rejects where that is wanted; rows stay', async () => {
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
  const none = { windows: 0, runs: 0, resolved_rejects: 0, open_rejects: 0, payloads: 0 }
  expect(await prune(session, { runs: day, resolvedRejects: day, openRejects: null, payloads: day })).toEqual(none)
  for (const statement of [
    "update reelhouse.runs set finished_at = now() - interval '2 days' where finished_at is not null",
    "update reelhouse.rejected_records set last_changed_at = now() - interval '2 days', resolved_at = resolved_at - interval '2 days'",
    "update reelhouse.source_records set read_at = now() - interval '2 days'",
  ]) {
    await database.rows(statement)
  }
  expect(await prune(session, { runs: null, resolvedRejects: null, openRejects: null, payloads: null })).toEqual(none)
  expect(await prune(session, { runs: day, resolvedRejects: day, openRejects: null, payloads: day })).toEqual({
    windows: 0,
    runs: 2,
    resolved_rejects: 1,
    open_rejects: 0,
    payloads: 2,
  })
  expect(await database.rows('select run_id, state from reelhouse.runs order by run_id')).toEqual([
    { run_id: succeeded.runId, state: 'succeeded' },
    { run_id: running.runId, state: 'running' },
  ])
  expect(await database.rows('select reject_key, payload from reelhouse.rejected_records')).toEqual([
    { reject_key: 'open', payload: null },
  ])
  const whatIsLeft = { runs: null, resolvedRejects: null, openRejects: day, payloads: null }
  expect(await prune(session, whatIsLeft)).toEqual({ ...none, open_rejects: 1 })
  expect(await database.rows('select from reelhouse.rejected_records')).toEqual([])
  expect(await database.rows('select payload, payload_hash from reelhouse.source_records')).toEqual([
    { payload: null, payload_hash: 'a1' },
  ])
  expect(await database.rows('select message_id from reelhouse.call_recordings')).toEqual([{ message_id: 'rec-1' }])
})

test('windows that have aged out go, but for what tells of a gap or of an unfinished backfill', async () => {
  const hour = 3_600_000_000
  const window = (from: number, to: number) => ({ from: from * hour, to: to * hour })
  const { loader, session } = await openLoader(database, 'windows', { command: 'backfill', range: window(0, 9) })
  const run = await loader.startRun()
  const stated = { axis: 'created_at', proof: 'walk', sourceTotal: null, counts: noReadCounts, rereads: {} } as const
  const complete = async (windowKey: number, read: ReturnType<typeof window>) =>
    loader.completeWindow(run, windowKey, { ...stated, read, grows: true })
  const begin = (from: number, to: number, purpose: 'sync' | 'verify' = 'sync') =>
    loader.beginWindow(run, 'created_at', window(from, to), purpose)
  await complete(await begin(0, 2), window(0, 2))
  const failures = [await begin(1, 2), await begin(20, 30), await begin(20, 31), await begin(20, 30, 'verify')]
  for (const windowKey of failures) await loader.failWindow(windowKey, 'it does not add up')
  await loader.plan('created_at', window(3, 5), [window(3, 4), window(4, 5)])
  await loader.plan('created_at', window(5, 6), [window(5, 6)])
  for (const range of [window(3, 5), window(5, 6)]) {
    const claimed = await loader.claim(run, 'created_at', range)
    await complete(claimed?.windowKey ?? 0, claimed?.window ?? range)
  }
  await loader.commitBatch(run, batchOf({ followUps: [followUpOf({ gaveUpAt: 0 })] }))
  await loader.finishRun(run, 'failed', 'it does not add up')
  const ages = { runs: day, resolvedRejects: day, openRejects: null, payloads: day }
  expect(await prune(session, ages)).toMatchObject({ windows: 0 })
  await database.rows("update reelhouse.runs set finished_at = now() - interval '2 days' where run_id = $1", [
    run.runId,
  ])
  await database.rows("update reelhouse.windows set completed_at = completed_at - interval '2 days'")
  // Complete and covered; failed and covered since; failed and tried again; of a finished backfill.
  expect(await prune(session, ages)).toMatchObject({ windows: 4 })
  expect(
    await database.rows(
      `select extract(epoch from window_from)::integer / 3600 as from, extract(epoch from window_to)::integer / 3600 as to, purpose, state
       from reelhouse.windows order by window_key`,
    ),
  ).toEqual([
    { from: 20, to: 31, purpose: 'sync', state: 'failed' },
    { from: 20, to: 30, purpose: 'verify', state: 'failed' },
    { from: 3, to: 4, purpose: 'backfill', state: 'complete' },
    { from: 4, to: 5, purpose: 'backfill', state: 'planned' },
  ])
  expect(await database.rows('select record_id from reelhouse.follow_ups')).toEqual([{ record_id: 'rec-1' }])
  expect((await loader.coverage('created_at')).covered).toEqual([window(0, 2), window(3, 4), window(5, 6)])
})
