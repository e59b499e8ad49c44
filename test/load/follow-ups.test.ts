import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, openLoader } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const at = (minute: number): number => Date.UTC(2026, 6, 14, 15, minute) * 1000

const opened = async (connection: string) => {
  const { loader } = await openLoader(database, connection)
  return { loader, run: await loader.startRun() }
}

const stored = (connection: string, columns: string) =>
  database.rows(
    `select ${columns} from reelhouse.follow_ups f join reelhouse.connections using (connection_key)
     where connection_id = $1 order by record_id`,
    [connection],
  )

test('what is waited for is due again at its time, the longest due first, until it was given up', async () => {
  const { loader, run } = await opened('due')
  const followUps = [
    followUpOf({ recordId: 'later', nextAttemptAt: at(3), attempts: 2 }),
    followUpOf({ recordId: 'not-yet', nextAttemptAt: at(5) + 1 }),
    followUpOf({ recordId: 'first', parentId: 'call-1', kind: 'follow-up', nextAttemptAt: at(1), giveUpAt: at(9) + 1 }),
    followUpOf({ recordId: 'given-up', nextAttemptAt: at(1), gaveUpAt: at(2) }),
    followUpOf({ recordId: 'now', nextAttemptAt: at(5) }),
  ]
  await loader.commitBatch(run, batchOf({ followUps }))
  const due = [
    {
      recordId: 'first',
      parentId: 'call-1',
      kind: 'follow-up',
      reason: 'status-processing',
      attempts: 0,
      giveUpAt: 1_784_041_740_000_001,
    },
    {
      recordId: 'later',
      parentId: null,
      kind: 'pending',
      reason: 'status-processing',
      attempts: 2,
      giveUpAt: 1_784_646_000_000_000,
    },
    {
      recordId: 'now',
      parentId: null,
      kind: 'pending',
      reason: 'status-processing',
      attempts: 0,
      giveUpAt: 1_784_646_000_000_000,
    },
  ]
  expect(await loader.dueFollowUps(at(5), 10)).toEqual(due)
  expect(await loader.dueFollowUps(at(5), 2)).toEqual(due.slice(0, 2))
  expect(await (await opened('due-elsewhere')).loader.dueFollowUps(at(5), 10)).toEqual([])
})

test('what is waited for again keeps since when; what says the same is not written', async () => {
  const { loader, run } = await opened('again')
  const columns =
    'kind, reason, attempts, next_attempt_at, gave_up_at, created_at, f.run_id, f.ctid::text, f.xmin::text, f.xmax::text'
  await loader.commitBatch(run, batchOf({ followUps: [followUpOf()] }))
  const [first] = await stored('again', columns)
  await loader.commitBatch(run, batchOf({ followUps: [followUpOf()] }))
  expect(await stored('again', columns)).toEqual([first])

  await loader.finishRun(run, 'succeeded', null)
  const next = await loader.startRun()
  const again = followUpOf({
    attempts: 1,
    nextAttemptAt: at(4),
    gaveUpAt: at(3),
    reason: 'no-links',
    kind: 'follow-up',
  })
  await loader.commitBatch(next, batchOf({ followUps: [followUpOf({ attempts: 7 }), again] }))
  expect(await stored('again', 'kind, reason, attempts, next_attempt_at, gave_up_at, created_at, f.run_id')).toEqual([
    {
      kind: 'follow-up',
      reason: 'no-links',
      attempts: 1,
      next_attempt_at: '2026-07-14 15:04:00+00',
      gave_up_at: '2026-07-14 15:03:00+00',
      created_at: first && 'created_at' in first ? first.created_at : null,
      run_id: next.runId,
    },
  ])
})

test('nothing is waited for once a record is complete, unless the same batch still waits for it', async () => {
  const { loader, run } = await opened('ended')
  const ids = ['done', 'still', 'untouched']
  await loader.commitBatch(run, batchOf({ followUps: ids.map((recordId) => followUpOf({ recordId })) }))
  const followUps = [followUpOf({ recordId: 'still', attempts: 1 })]
  await loader.commitBatch(run, batchOf({ followedUp: ['done', 'still', 'never-waited-for'], followUps }))
  expect(await stored('ended', 'record_id, attempts')).toEqual([
    { record_id: 'still', attempts: 1 },
    { record_id: 'untouched', attempts: 0 },
  ])
})

test('the view open_follow_ups counts them by what is waited for', async () => {
  const { loader, run } = await opened('viewed')
  const followUps = [
    followUpOf({ recordId: 'a', nextAttemptAt: at(3) }),
    followUpOf({ recordId: 'b', nextAttemptAt: at(2) }),
    followUpOf({ recordId: 'c', nextAttemptAt: at(1), gaveUpAt: at(2) }),
    followUpOf({ recordId: 'd', kind: 'follow-up', reason: 'transcript-in-progress' }),
  ]
  await loader.commitBatch(run, batchOf({ followUps }))
  expect(
    await database.rows(
      `select stream, kind, reason, waiting, given_up, waiting_since is not null as since, next_attempt_at
       from reelhouse.open_follow_ups where connection_id = 'viewed' order by kind`,
    ),
  ).toEqual([
    {
      stream: 'recordings',
      kind: 'follow-up',
      reason: 'transcript-in-progress',
      waiting: 1,
      given_up: 0,
      since: true,
      next_attempt_at: '2026-07-14 15:00:00+00',
    },
    {
      stream: 'recordings',
      kind: 'pending',
      reason: 'status-processing',
      waiting: 2,
      given_up: 1,
      since: true,
      next_attempt_at: '2026-07-14 15:02:00+00',
    },
  ])
})
