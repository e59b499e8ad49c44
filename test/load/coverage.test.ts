import { afterAll, beforeAll, expect, test } from 'vitest'
import { noReadCounts } from '../../src/domain/counts.ts'
import type { Window } from '../../src/domain/window.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openLoader } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const hour = 3_600_000_000
const start = Date.UTC(2026, 6, 14) * 1000

/** Hours since the start of the axis, and a microsecond more where a test says so. */
const window = (from: number, to: number): Window => ({ from: start + from * hour, to: start + to * hour })

const opened = async (connection: string) => {
  const { loader } = await openLoader(database, connection)
  const run = await loader.startRun()
  const complete = async (read: Window, stated: { rereads?: Record<string, number>; grows?: boolean } = {}) => {
    const windowKey = await loader.beginWindow(run, 'created_at', read, 'sync')
    await loader.completeWindow(run, windowKey, {
      axis: 'created_at',
      read,
      proof: 'total',
      sourceTotal: 0,
      counts: noReadCounts,
      rereads: {},
      grows: true,
      ...stated,
    })
  }
  return { loader, run, complete }
}

const rowVersion = (connection: string) =>
  database.rows(
    `select v.ctid::text, v.xmin::text, v.xmax::text, v.updated_at
     from reelhouse.coverage v join reelhouse.connections using (connection_key) where connection_id = $1`,
    [connection],
  )

test('nothing is covered at first', async () => {
  const { loader } = await opened('fresh')
  expect(await loader.coverage('created_at')).toEqual({ covered: [], rereads: {} })
})

test('windows unite, whatever their order, exact to the microsecond', async () => {
  const { loader, complete } = await opened('united')
  await complete(window(4, 6))
  await complete(window(0, 2))
  await complete({ from: start + 2 * hour, to: start + 3 * hour + 1 })
  await complete(window(5, 7))
  expect(await loader.coverage('created_at')).toEqual({
    covered: [
      { from: 1_783_987_200_000_000, to: 1_783_998_000_000_001 },
      { from: 1_784_001_600_000_000, to: 1_784_012_400_000_000 },
    ],
    rereads: {},
  })
  expect(await loader.coverage('updated_at')).toEqual({ covered: [], rereads: {} })
})

test('a window that is covered already leaves the row alone: no version of it, no lock on it', async () => {
  const { complete } = await opened('idle')
  await complete(window(0, 4), { rereads: { '1h': 17 } })
  const before = await rowVersion('idle')
  await complete(window(1, 3))
  await complete(window(0, 4), { rereads: { '1h': 17 } })
  expect(await rowVersion('idle')).toEqual(before)
})

test('re-reads that complete are noted beside the others, also when nothing grows', async () => {
  const { loader, complete } = await opened('reread')
  await complete(window(0, 4), { rereads: { '24h': start, '30d': start + 1 } })
  const [before] = await rowVersion('reread')
  await complete(window(0, 4), { rereads: { '24h': start + 2 } })
  expect(await loader.coverage('created_at')).toEqual({
    covered: [window(0, 4)],
    rereads: { '24h': 1_783_987_200_000_002, '30d': 1_783_987_200_000_001 },
  })
  expect((await rowVersion('reread'))[0]).toMatchObject({ updated_at: before?.updated_at })
})

test('a window that was looked at and not read, or of which nothing was read, covers nothing', async () => {
  const { loader, complete } = await opened('looked-at')
  await complete(window(0, 4), { grows: false })
  await complete(window(2, 2))
  expect(await rowVersion('looked-at')).toEqual([])
  await complete(window(2, 2), { rereads: { '1h': 3 } })
  expect(await loader.coverage('created_at')).toEqual({ covered: [], rereads: { '1h': 3 } })
})

test('two runs that complete windows in the same moment lose none', async () => {
  const [one, other] = [await opened('raced'), await opened('raced-too')]
  const raced = await openLoader(database, 'raced', { command: 'replay' })
  const run = await raced.loader.startRun()
  const beside = async (read: Window) => {
    const windowKey = await raced.loader.beginWindow(run, 'created_at', read, 'backfill')
    const completion = { axis: 'created_at', read, proof: 'walk', sourceTotal: null, rereads: {}, grows: true } as const
    await raced.loader.completeWindow(run, windowKey, { ...completion, counts: noReadCounts })
  }
  for (let n = 0; n < 10; n += 1) {
    await Promise.all([
      one.complete(window(n, n + 1)),
      beside(window(n + 20, n + 21)),
      other.complete(window(n, n + 1)),
    ])
  }
  expect((await one.loader.coverage('created_at')).covered).toEqual([window(0, 10), window(20, 30)])
})

test('the view coverage_gaps shows what lies between', async () => {
  const { complete } = await opened('gaps')
  for (const [from, to] of [
    [0, 1],
    [2, 3],
    [5, 6],
  ] as const) {
    await complete(window(from, to))
  }
  expect(
    await database.rows(
      "select stream, axis, gap_from, gap_to from reelhouse.coverage_gaps where connection_id = 'gaps'",
    ),
  ).toEqual([
    {
      stream: 'recordings',
      axis: 'created_at',
      gap_from: '2026-07-14 01:00:00+00',
      gap_to: '2026-07-14 02:00:00+00',
    },
    {
      stream: 'recordings',
      axis: 'created_at',
      gap_from: '2026-07-14 03:00:00+00',
      gap_to: '2026-07-14 05:00:00+00',
    },
  ])
})
