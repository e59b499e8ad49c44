import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReadContext, WindowStream } from '../../src/sources/source.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowVersions } from '../support/table-state.ts'
import {
  day,
  type HeldRecord,
  type HeldSource,
  heldSource,
  hour,
  minute,
  start,
  textOf,
  windowStream,
} from '../support/window-stream.ts'
import { backfillOf, syncOf, verifyOf, type WindowsStated } from '../support/window-syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let connections = 0
const freshConnection = (): string => {
  connections += 1
  return `changing-${connections}`
}

const rows = (connection: string) =>
  database.rows(
    `select message_id, first_name, deleted_at is not null as deleted
     from reelhouse.call_recordings join reelhouse.connections using (connection_key)
     where connection_id = $1 order by message_id`,
    [connection],
  )

const at = (minutes: number): number => start + minutes * minute

/** Created at a minute, and not changed since unless `changed` says so. */
const held = (id: string, minutes: number, changed = minutes, name = 'Jo'): HeldRecord => ({
  id,
  at: at(minutes),
  version: at(changed),
  name,
})

/** The records of the source by when they changed: their version. */
const changesOf = (source: HeldSource): NonNullable<WindowStream['changes']> => ({
  axis: 'updated_at',
  proof: 'best-effort',
  rereads: [{ name: '15m', depth: 15 * minute, every: null }],
  async *list(window, context: ReadContext) {
    source.journal.push(`changes ${textOf(window)}`)
    const records = source.records.filter(({ version }) => (version ?? 0) >= window.from && (version ?? 0) <= window.to)
    const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
    yield* windowStream({ ...source, records, journal: [] }).list(all, context)
  },
})

/** Its records are looked at again once a day; changes at every run. */
const stateOf = (connection: string, source: HeldSource, stated: Partial<WindowStream> = {}): WindowsStated => ({
  connection,
  source,
  stream: {
    rereads: [{ name: '1d', depth: day, every: day }],
    changes: changesOf(source),
    proof: 'walk',
    ...stated,
  },
})

const listings = (source: HeldSource): readonly string[] => {
  const asked = source.journal.filter((entry) => /^(?:list|changes|fetch)/.test(entry))
  source.journal.length = 0
  return asked
}

test('the first sync begins the changes, and reads the records from the start on', async () => {
  const source = heldSource([held('a', 10), held('b', 2000)], { clock: { now: at(3005) } })
  const stated = stateOf(freshConnection(), source)
  expect(await syncOf(database, stated)).toMatchObject({ state: 'succeeded', readUntil: at(3000) })
  expect(listings(source)).toEqual(['changes 1560-3000', 'list 0-1440', 'list 1440-2880', 'list 2880-3000'])
  expect(await rows(stated.connection)).toMatchObject([{ message_id: 'a' }, { message_id: 'b' }])
})

test('until a re-read of the records is due a sync reads changes only, wherever their records lie', async () => {
  const source = heldSource([held('a', 10), held('b', 2000)], { clock: { now: at(3005) } })
  const stated = stateOf(freshConnection(), source)
  await syncOf(database, stated)
  listings(source)
  source.clock.now = at(3065)
  source.records = [held('a', 10, 3050, 'Ann'), held('b', 2000), held('c', 3055)]
  const second = await syncOf(database, stated)
  expect(second).toMatchObject({ readUntil: at(3060), counts: { upsert: { inserted: 1, updated: 1 } } })
  expect(listings(source)).toEqual(['changes 2985-3060'])
  expect(await rows(stated.connection)).toMatchObject([{ first_name: 'Ann' }, { message_id: 'b' }, { message_id: 'c' }])

  const before = await rowVersions(database)
  await syncOf(database, stated)
  expect(await rowVersions(database)).toEqual(before)
  expect(listings(source)).toEqual(['changes 3045-3060'])
})

test('a record that left its place among the changes is not asked for; one that left its time is, once that is looked at', async () => {
  const source = heldSource([held('a', 2900, 2990), held('b', 2950, 2991)], { clock: { now: at(3005) } })
  const stated = stateOf(freshConnection(), source)
  await syncOf(database, stated)
  listings(source)
  source.records = [held('a', 2900, 3100, 'Ann')]
  source.clock.now = at(3010)
  await syncOf(database, stated)
  expect(listings(source)).toEqual(['changes 2985-3005'])
  source.clock.now = at(3005) + day
  await syncOf(database, stated)
  expect(listings(source)).toEqual([
    'changes 2990-4430',
    'changes 4430-4440',
    'list 3000-4440',
    'list 1560-3000',
    'fetch b',
  ])
  expect(await rows(stated.connection)).toEqual([
    { message_id: 'a', first_name: 'Ann', deleted: false },
    { message_id: 'b', first_name: 'Jo', deleted: true },
  ])
})

test('a window of changes that fails ends the run, and the next one reads it first', async () => {
  const source = heldSource([held('a', 10)], { clock: { now: at(605) } })
  const stated = stateOf(freshConnection(), source)
  await syncOf(database, stated)
  listings(source)
  source.clock.now = at(705)
  const failing = stateOf(stated.connection, source, {
    changes: {
      ...changesOf(source),
      // biome-ignore lint/correctness/useYield: it fails before
      async *list() {
        throw new Error('a defect')
      },
    },
  })
  await expect(syncOf(database, failing)).rejects.toThrow('a defect')
  source.records.push(held('b', 650))
  expect(await syncOf(database, stated)).toMatchObject({ state: 'succeeded', readUntil: at(700) })
  expect(listings(source)).toEqual(['changes 585-700'])
  expect(await rows(stated.connection)).toHaveLength(2)
})

const noticesOf = (stated: WindowsStated) => {
  const notices: string[] = []
  return { stated: { ...stated, notices }, notices }
}

test('what the source keeps no longer is not read, and told once', async () => {
  const source = heldSource([held('a', 100), held('b', 2900)], { clock: { now: at(3005) } })
  const { stated, notices } = noticesOf(stateOf(freshConnection(), source, { retention: day }))
  expect(await syncOf(database, stated)).toMatchObject({ readUntil: at(3000) })
  expect(listings(source)).toEqual(['changes 1565-3000', 'list 1565-3000'])
  expect(notices).toEqual([
    'the source keeps records since 2026-07-15T02:05:00Z only: 2026-07-14T00:00:00Z to 2026-07-15T02:05:00Z cannot be read any more',
  ])
  source.clock.now = at(3010) + 12 * hour
  await syncOf(database, stated)
  source.clock.now += 13 * hour
  await syncOf(database, stated)
  expect(notices).toHaveLength(1)

  source.clock.now = at(3000) + 10 * day
  await syncOf(database, stated)
  expect(notices).toHaveLength(2)
  expect(notices[1]).toMatch(/^the source keeps records since 2026-07-25T02:00:00Z only: 2026-07-17T03:05:00Z to/)
})

test('what it has forgotten is not deleted, neither by a backfill nor when its time is looked at again', async () => {
  const source = heldSource([held('a', 1500), held('b', 2900)], { clock: { now: at(2905) } })
  const { stated, notices } = noticesOf(stateOf(freshConnection(), source, { retention: 2 * day }))
  await syncOf(database, stated)
  expect(notices).toEqual([
    'the source keeps records since 2026-07-14T00:25:00Z only: 2026-07-14T00:00:00Z to 2026-07-14T00:25:00Z cannot be read any more',
  ])
  source.records = []
  source.clock.now = at(1500) + 2 * day - hour
  listings(source)
  await backfillOf(database, { ...stated, range: { from: start, to: at(2900) }, again: true })
  expect(listings(source).filter((entry) => entry.startsWith('fetch'))).toEqual([])
  const verified = await verifyOf(database, { ...stated, range: { from: start, to: at(1400) } })
  expect(verified.windows).toEqual([])
  expect(notices.at(-1)).toMatch(/cannot be read any more$/)
  expect(await rows(stated.connection)).toMatchObject([{ deleted: false }, { deleted: false }])
})
