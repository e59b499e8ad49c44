import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, load, openLoader, recordOf, runOf } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const at = (minute: number): number => Date.UTC(2026, 6, 14, 15, minute) * 1000

const opened = async (connection: string) => {
  const { loader } = await openLoader(database, connection)
  const session = await database.session()
  return { loader, session, run: await runOf(session, connection, { source: 'telnyx' }) }
}

test('what is known of records is what a listing is compared with; unknown ones are absent', async () => {
  const { loader, session, run } = await opened('known')
  const whole = recordOf({ recordId: 'a', version: 7, joinedVersion: 9, fingerprint: 'f1' })
  const waiting = recordOf({ recordId: 'b\0', version: null, outcome: 'pending', reason: 'status-processing' })
  await load(session, run, batchOf({ records: [whole, waiting] }))
  await load(session, { ...run, stream: 'messages' }, batchOf({ records: [recordOf({ recordId: 'c' })] }))
  expect([...(await loader.knownRecords(['c', 'b\0', 'a', 'unknown']))]).toEqual([
    ['b\0', { version: null, joinedVersion: null, fingerprint: null, outcome: 'pending' }],
    ['a', { version: 7, joinedVersion: 9, fingerprint: 'f1', outcome: 'row' }],
  ])
  expect([...(await loader.knownRecords([]))]).toEqual([])
})

const inWindow = async (connection: string, from: number, to: number) => {
  const { loader } = await openLoader(database, connection)
  const ids: string[] = []
  for await (const page of loader.recordsIn({ from, to })) ids.push(...page.map(({ recordId }) => recordId))
  return ids
}

test('the records of a window are those whose time lies in it, both ends included, without what is deleted or forgotten', async () => {
  const { loader, session, run } = await opened('in-window')
  const place = (recordId: string, windowAt: number | null) =>
    recordOf({ recordId, parentId: `of ${recordId}`, windowAt })
  const records = [
    place('before', at(0) - 1),
    place('first', at(0)),
    place('no-time', null),
    { ...place('rejected', at(2)), outcome: 'reject', reason: 'missing-time' } as const,
    { ...place('deleted', at(3)), outcome: 'deleted', reason: 'gone' } as const,
    { ...place('forgotten', at(3)), outcome: 'forgotten', reason: 'asked' } as const,
    place('last', at(5)),
    place('behind', at(5) + 1),
  ]
  await load(session, run, batchOf({ records }))
  const pages = []
  for await (const page of loader.recordsIn({ from: at(0), to: at(5) })) pages.push(page)
  expect(pages).toEqual([
    [
      { recordId: 'first', parentId: 'of first' },
      { recordId: 'rejected', parentId: 'of rejected' },
      { recordId: 'last', parentId: 'of last' },
    ],
  ])
})

test('a window of many records comes page by page, each once, also when thousands share an instant', async () => {
  const { session, run } = await opened('many')
  const id = (n: number) => `rec-${String(n).padStart(5, '0')}`
  const ids = Array.from({ length: 12_000 }, (_, n) => id(n))
  const records = ids.map((recordId, n) => recordOf({ recordId, windowAt: at(n < 11_000 ? 1 : 2), payload: null }))
  await load(session, run, batchOf({ records: records.toReversed() }))
  expect(await inWindow('many', at(0), at(5))).toEqual(ids)
})

test('asking while a batch commits waits for it, sees it whole, and fails not with it', async () => {
  let asked: Promise<ReadonlyMap<string, unknown>> | undefined
  const { loader } = await openLoader(database, 'beside-a-batch', {
    reached: (step) => {
      if (step === 'batch-begun') asked = loader.knownRecords(['a', 'b'])
    },
  })
  const run = await loader.startRun()
  await loader.commitBatch(run, batchOf({ records: [recordOf({ recordId: 'a' })] }))
  expect([...((await asked) ?? [])].map(([key]) => key)).toEqual(['a'])

  const refused = batchOf({ records: [recordOf({ recordId: 'b', ordinal: Number.NaN })] })
  await expect(loader.commitBatch(run, refused)).rejects.toThrow('the warehouse refused a batch')
  expect([...((await asked) ?? [])].map(([key]) => key)).toEqual(['a'])
})

/** Rows that were looked at in the session, whatever way they were found. */
const lookedAt = async (session: Session, work: () => Promise<unknown>): Promise<number> => {
  const count = async (): Promise<number> => {
    await session.client.query('select pg_stat_force_next_flush()')
    await session.client.query('select pg_stat_clear_snapshot()')
    const [counted] = await database.rows<{ rows: number }>(
      "select sum(seq_tup_read + idx_tup_fetch)::bigint as rows from pg_stat_user_tables where schemaname = 'reelhouse'",
    )
    return counted?.rows ?? 0
  }
  const before = await count()
  await work()
  return (await count()) - before
}

test('what is asked for page by page is found by its index, also before the tables have statistics', async () => {
  for (const table of ['source_records', 'follow_ups']) {
    await database.rows(`alter table reelhouse.${table} set (autovacuum_enabled = false)`)
  }
  const { loader, session } = await openLoader(database, 'planned')
  const run = await loader.startRun()
  const ids = Array.from({ length: 20_000 }, (_, n) => `rec-${n}`)
  const batch = batchOf({
    records: ids.map((recordId, n) => recordOf({ recordId, windowAt: at(n % 60) })),
    followUps: ids.map((recordId, n) => followUpOf({ recordId, nextAttemptAt: at(0) + n })),
  })
  await loader.commitBatch(run, batch)
  expect(await lookedAt(session, () => loader.knownRecords(ids.slice(5000, 5250)))).toBeLessThan(500)
  const minute = async () => {
    const pages = []
    for await (const page of loader.recordsIn({ from: at(7), to: at(7) })) pages.push(page)
    expect(pages.flat()).toHaveLength(334)
  }
  expect(await lookedAt(session, minute)).toBeLessThan(1000)
  expect(await lookedAt(session, () => loader.dueFollowUps(at(0) + 15_000, 100))).toBeLessThan(200)
})
