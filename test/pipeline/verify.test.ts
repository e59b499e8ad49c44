import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TransientError } from '../../src/domain/errors.ts'
import type { VerifyOutcome } from '../../src/pipeline/verify.ts'
import type { WindowStream } from '../../src/sources/source.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowVersions } from '../support/table-state.ts'
import {
  type HeldRecord,
  type HeldSource,
  heldSource,
  hour,
  minute,
  start,
  textOf,
  windowStream,
} from '../support/window-stream.ts'
import { syncOf, verifyOf, type WindowsStated } from '../support/window-syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let connections = 0
const at = (minutes: number): number => start + minutes * minute
const range = { from: start, to: at(240) }
const hourly = { maxWindow: hour }

const ten: readonly HeldRecord[] = Array.from({ length: 10 }, (_, n) => ({ id: `rec-${n}`, at: at(10 + n * 20) }))

/** A connection that is synced, whose source a test changes then. */
const synced = async (records: readonly HeldRecord[] = ten) => {
  connections += 1
  const connection = `connection-${connections}`
  const source = heldSource(records)
  expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded' })
  source.journal.length = 0
  source.clock.now += minute
  return { connection, source }
}
const verified = (stated: Pick<WindowsStated, 'connection' | 'source' | 'signal' | 'stream'> & { ids?: boolean }) =>
  verifyOf(database, { stream: hourly, range, ...stated })

const change = (source: HeldSource, id: string, stated: Partial<HeldRecord>): void => {
  source.records = source.records.map((record) => (record.id === id ? { ...record, ...stated } : record))
}

const kinds = ['missing', 'vanished', 'moved', 'unlisted', 'unavailable'] as const

/** Of each window: its bounds in minutes, both counts, and what is not as it should be. */
const found = ({ windows }: VerifyOutcome) =>
  windows.map((finding) => [
    `${textOf(finding.window)} ${finding.sourceCount}:${finding.storedCount}`,
    ...kinds.flatMap((kind) => (finding[kind].count === 0 ? [] : [`${kind} ${finding[kind].ids.join(',')}`])),
  ])
const windowsOf = (connection: string) =>
  database.rows(
    `select purpose, state, source_total::integer, listed::integer
     from reelhouse.windows join reelhouse.connections c using (connection_key)
     where c.connection_id = $1 and purpose = 'verify' order by window_key`,
    [connection],
  )
const bookkeeping = (connection: string) =>
  database.rows(
    `select v.*, v.xmin::text from reelhouse.coverage v join reelhouse.connections c using (connection_key) where c.connection_id = $1`,
    [connection],
  )

describe('verifying what is as it should be', () => {
  test('costs one count a window, and writes no more than its run and its windows', async () => {
    const { connection, source } = await synced()
    const before = [await rowVersions(database), await bookkeeping(connection)]
    const outcome = await verified({ connection, source })
    expect(outcome).toMatchObject({ state: 'succeeded', failures: [] })
    expect(found(outcome)).toEqual([['0-60 3:3'], ['60-120 3:3'], ['120-180 3:3'], ['180-240 1:1']])
    expect(source.journal).toEqual(['count 0-60', 'count 60-120', 'count 120-180', 'count 180-240'])
    expect([await rowVersions(database), await bookkeeping(connection)]).toEqual(before)
    expect((await windowsOf(connection))[0]).toEqual({
      purpose: 'verify',
      state: 'complete',
      source_total: 3,
      listed: 0,
    })
  })

  test('compares ids when that is asked for, or the source does not count', async () => {
    const { connection, source } = await synced()
    const byIds = await verified({ connection, source, ids: true })
    expect(found(byIds)).toEqual([['0-60 3:3'], ['60-120 3:3'], ['120-180 3:3'], ['180-240 1:1']])
    expect(source.journal.filter((request) => !request.startsWith('page'))).toEqual([
      'list 0-60',
      'list 60-120',
      'list 120-180',
      'list 180-240',
    ])
    source.counts = false
    expect(found(await verified({ connection, source }))).toEqual(found(byIds))
  })
})

describe('verifying finds', () => {
  test('what the warehouse lacks, and fails', async () => {
    const { connection, source } = await synced()
    source.records.push({ id: 'lost-1', at: at(15) }, { id: 'lost-2', at: at(130) })
    const outcome = await verified({ connection, source })
    expect(found(outcome)).toEqual([
      ['0-60 4:3', 'missing lost-1'],
      ['60-120 3:3'],
      ['120-180 4:3', 'missing lost-2'],
      ['180-240 1:1'],
    ])
    expect(outcome.state).toBe('failed')
    expect(outcome.failures.map(({ message }) => message)).toEqual([
      `connection ${connection}: the warehouse lacks 2 records of the source; in 2 windows, the first 2026-07-14T00:00:00Z to 2026-07-14T01:00:00Z; backfill --again of the range loads what is missing`,
    ])
  })

  test('what the warehouse has as deleted and the source lists', async () => {
    const { connection, source } = await synced()
    source.records = source.records.slice(1)
    await syncOf(database, {
      connection,
      source,
      force: true,
      stream: { rereads: [{ name: 'all', depth: 24 * hour, every: null }] },
    })
    source.records.push({ id: 'rec-0', at: at(10) })
    expect(found(await verified({ connection, source }))[0]).toEqual(['0-60 3:2', 'missing rec-0'])
  })

  test('what vanished, moved, or is refused, and does not fail for it', async () => {
    const { connection, source } = await synced()
    source.records = source.records.slice(1)
    change(source, 'rec-3', { at: at(1000) })
    change(source, 'rec-6', { unlisted: true, refused: true })
    const outcome = await verified({ connection, source })
    expect(outcome).toMatchObject({ state: 'succeeded', failures: [] })
    expect(found(outcome)).toEqual([
      ['0-60 2:3', 'vanished rec-0'],
      ['60-120 2:3', 'moved rec-3'],
      ['120-180 2:3', 'unavailable rec-6'],
      ['180-240 1:1'],
    ])
  })

  test('what the source has and does not list, which no command can mend', async () => {
    const { connection, source } = await synced()
    change(source, 'rec-3', { unlisted: true })
    const outcome = await verified({ connection, source })
    expect(found(outcome)[1]).toEqual(['60-120 2:3', 'unlisted rec-3'])
    expect(outcome.state).toBe('succeeded')
  })

  test('no more than the first hundred ids, and how many there are', async () => {
    const { connection, source } = await synced([])
    source.records = Array.from({ length: 130 }, (_, n) => ({ id: `lost-${n}`, at: at(5) }))
    const { windows } = await verified({ connection, source })
    expect(windows[0]?.missing.count).toBe(130)
    expect(windows[0]?.missing.ids).toHaveLength(100)
  })

  test('nothing wrong with records that are no rows', async () => {
    const { connection, source } = await synced([
      { id: 'bad', at: at(10), becomes: { reject: 'missing-time' } },
      { id: 'screen', at: at(20), becomes: { skip: 'screen' } },
      { id: 'young', at: at(30), waits: { for: 'pending', until: at(5000) } },
      { id: null, at: at(40) },
    ])
    expect(found(await verified({ connection, source, ids: true }))[0]).toEqual(['0-60 4:4'])
  })

  test('what it has at both bounds of a window, which belong to it', async () => {
    const { connection, source } = await synced([
      { id: 'first', at: at(0) },
      { id: 'edge', at: at(60) },
      { id: 'last', at: at(240) },
    ])
    expect(found(await verified({ connection, source }))).toEqual([
      ['0-60 2:2'],
      ['60-120 1:1'],
      ['120-180 0:0'],
      ['180-240 1:1'],
    ])
  })
})

test('verifying covers no time', async () => {
  const connection = 'never-synced'
  const outcome = await verified({ connection, source: heldSource() })
  expect(outcome.state).toBe('succeeded')
  expect(outcome.windows).toHaveLength(4)
  expect(await bookkeeping(connection)).toEqual([])
})

test('a record at the end of a window is not missed in it where the source lists windows without their ends', async () => {
  const { connection, source } = await synced([{ id: 'edge', at: at(60) }])
  const list: WindowStream['list'] = ({ from, to }, context) => windowStream(source).list({ from, to: to - 1 }, context)
  const outcome = await verified({ connection, source, ids: true, stream: { ...hourly, list } })
  expect(outcome.state).toBe('succeeded')
  expect(found(outcome).slice(0, 2)).toEqual([['0-60 0:1'], ['60-120 1:1']])
})

test('a window that is too large to be listed is halved', async () => {
  const { connection, source } = await synced()
  source.cap = 2
  const outcome = await verified({ connection, source, ids: true })
  expect(outcome.state).toBe('succeeded')
  expect(found(outcome).slice(0, 3)).toEqual([['0-30 2:2'], ['30-60 2:2'], ['60-90 2:2']])
  expect(await windowsOf(connection)).toHaveLength(outcome.windows.length)
})

test('a source that does not answer ends the run, and what was compared is reported', async () => {
  const { connection, source } = await synced()
  source.before = (request) => {
    if (request === 'count 60-120') throw new TransientError('no answer')
  }
  const outcome = await verified({ connection, source })
  expect(outcome.state).toBe('failed')
  expect(outcome.failures[0]?.message).toBe(
    `connection ${connection}: window 2026-07-14T01:00:00Z to 2026-07-14T02:00:00Z failed: no answer`,
  )
  expect(found(outcome)).toEqual([['0-60 3:3']])
  expect((await windowsOf(connection)).map(({ state }) => state)).toEqual(['complete', 'failed'])
})

test('a run that is stopped says so', async () => {
  const { connection, source } = await synced()
  const stop = new AbortController()
  source.before = (request) => {
    if (request === 'count 60-120') stop.abort('SIGINT')
  }
  const outcome = await verified({ connection, source, signal: stop.signal })
  expect(outcome).toMatchObject({ state: 'stopped', failures: [] })
  expect(outcome.windows.length).toBeLessThan(4)
})

describe('a record whose row is not there any more', () => {
  test('is missing, though it was read once: an old backup of call_recordings was restored', async () => {
    const { connection, source } = await synced()
    await database.rows(
      `delete from reelhouse.call_recordings t using reelhouse.connections c
       where c.connection_key = t.connection_key and c.connection_id = $1 and t.message_id in ('rec-0', 'rec-4')`,
      [connection],
    )
    const outcome = await verified({ connection, source })
    expect(outcome.state).toBe('failed')
    expect(found(outcome)).toEqual([
      ['0-60 3:2', 'missing rec-0'],
      ['60-120 3:2', 'missing rec-4'],
      ['120-180 3:3'],
      ['180-240 1:1'],
    ])
    expect(outcome.failures.map(({ message }) => message)).toEqual([
      `connection ${connection}: the warehouse lacks 2 records of the source; in 2 windows, the first 2026-07-14T00:00:00Z to 2026-07-14T01:00:00Z; backfill --again of the range loads what is missing`,
    ])
  })

  test('is none when it was rejected: that one never had a row', async () => {
    const { connection, source } = await synced([
      ...ten,
      { id: 'bad', at: at(30), becomes: { reject: 'missing-time' } },
    ])
    expect(await verified({ connection, source })).toMatchObject({ state: 'succeeded' })
  })
})
