import { afterAll, beforeAll, expect, test } from 'vitest'
import { noReadCounts } from '../../src/domain/counts.ts'
import { finishRun } from '../../src/load/runs.ts'
import { readStatus } from '../../src/load/status.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, loadRows, openLoader, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('the living rows of every connection are counted, and those without a portfolio', async () => {
  const session = await database.session()
  const calls = await runOf(session, 'calls')
  await loadRows(session, calls, [
    row({ message_id: 'a', portfolio_id: 'maple' }),
    row({ message_id: 'b', portfolio_id: null }),
    row({ message_id: 'deleted', portfolio_id: null, deleted_at: 0 }),
  ])
  await finishRun(session, calls, 'succeeded', null)
  const chats = await runOf(session, 'chats')
  await loadRows(session, chats, [row({ message_id: 'a', portfolio_id: null })])
  await runOf(session, 'chats', { stream: 'messages' })
  await runOf(session, 'empty')
  expect(await readStatus(session)).toMatchObject([
    { connection: 'calls', stream: 'recordings', rows: 2, unmapped_rows: 1 },
    { connection: 'chats', stream: 'messages', rows: 1, unmapped_rows: 1 },
    { connection: 'chats', stream: 'recordings', rows: 1, unmapped_rows: 1 },
    { connection: 'empty', stream: 'recordings', rows: 0, unmapped_rows: 0 },
  ])
})

test('what is covered, what is not in between, what is due and which backfills are unfinished', async () => {
  const hour = 3_600_000_000
  const start = Date.UTC(2026, 6, 14) * 1000
  const window = (from: number, to: number) => ({ from: start + from * hour, to: start + to * hour })
  const { loader } = await openLoader(database, 'front-desk')
  const run = await loader.startRun()
  const stated = { axis: 'created_at', proof: 'walk', sourceTotal: null, counts: noReadCounts } as const
  for (const read of [window(0, 2), window(3, 4), { from: start + 4 * hour + 1, to: start + 5 * hour }]) {
    const windowKey = await loader.beginWindow(run, 'created_at', read, 'sync')
    await loader.completeWindow(run, windowKey, { ...stated, read, rereads: {}, grows: true })
  }
  const followUps = [
    followUpOf({ recordId: 'a', nextAttemptAt: start + hour }),
    followUpOf({ recordId: 'b', nextAttemptAt: start, gaveUpAt: start }),
    followUpOf({ recordId: 'c', nextAttemptAt: start + 2 * hour, kind: 'follow-up' }),
  ]
  await loader.commitBatch(run, batchOf({ followUps }))
  const range = window(-24, 0)
  await loader.plan('created_at', range, [window(-24, -12), window(-12, -6), window(-6, 0)])
  await loader.plan('created_at', window(-48, -24), [window(-48, -24)])
  for (const of of [range, window(-48, -24)]) {
    const claimed = await loader.claim(run, 'created_at', of)
    const read = claimed?.window ?? range
    await loader.completeWindow(run, claimed?.windowKey ?? 0, { ...stated, read, rereads: {}, grows: false })
  }
  await loader.finishRun(run, 'succeeded', null)
  const status = await readStatus(await database.session())
  expect(status.find(({ connection }) => connection === 'front-desk')).toMatchObject({
    pending: 1,
    follow_ups: 1,
    given_up: 1,
    oldest_due: '2026-07-14T01:00:00Z',
    covered_from: '2026-07-14T00:00:00Z',
    covered_until: '2026-07-14T02:00:00Z',
    covered: [
      { from: '2026-07-14T00:00:00Z', to: '2026-07-14T02:00:00Z' },
      { from: '2026-07-14T03:00:00Z', to: '2026-07-14T04:00:00Z' },
      { from: '2026-07-14T04:00:00.000001Z', to: '2026-07-14T05:00:00Z' },
    ],
    gaps: [
      { from: '2026-07-14T02:00:00Z', to: '2026-07-14T03:00:00Z' },
      { from: '2026-07-14T04:00:00Z', to: '2026-07-14T04:00:00.000001Z' },
    ],
    unfinished_backfills: [{ from: '2026-07-13T00:00:00Z', to: '2026-07-14T00:00:00Z', windows_left: 2, windows: 3 }],
  })
  expect(status.find(({ connection }) => connection === 'calls')).toMatchObject({
    oldest_due: null,
    covered_from: null,
    covered_until: null,
    covered: [],
    gaps: [],
    unfinished_backfills: [],
  })
})
