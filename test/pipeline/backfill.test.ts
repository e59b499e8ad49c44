import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LockHeldError, TransientError } from '../../src/domain/errors.ts'
import type { Step } from '../../src/domain/step.ts'
import { backfill, estimateBackfill } from '../../src/pipeline/backfill.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowVersions } from '../support/table-state.ts'
import { daily, day, type HeldSource, heldSource, hour, minute, start, windowStream } from '../support/window-stream.ts'
import { backfillOf, readingOf, syncOf, withWindowLoader } from '../support/window-syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let connections = 0
const freshConnection = (): string => {
  connections += 1
  return `connection-${connections}`
}

const of = (connection: string, sql: string) =>
  database.rows(sql.replace('$c', '(select connection_key from reelhouse.connections where connection_id = $1)'), [
    connection,
  ])
const rows = (connection: string) =>
  of(connection, 'select message_id from reelhouse.call_recordings where connection_key = $c order by 1')

/** Hours before and after the start. */
const hours = (column: string) => `((extract(epoch from ${column}) * 1000000 - ${start}) / ${hour})::integer`
const windows = async (connection: string) =>
  (
    await of(
      connection,
      `select concat_ws(' ', purpose, ${hours('window_from')} || '..' || ${hours('window_to')}, state) as text
       from reelhouse.windows where connection_key = $c order by window_from, window_to`,
    )
  ).map(({ text }) => text)
const covered = async (connection: string) =>
  (
    await of(
      connection,
      `select ${hours('lower(w)')} || '..' || ${hours('upper(w)')} as text
       from reelhouse.coverage, unnest(covered) w where connection_key = $c order by lower(w)`,
    )
  ).map(({ text }) => text)
const runStates = async (connection: string) =>
  (await of(connection, 'select command, state from reelhouse.runs where connection_key = $c order by run_id')).map(
    ({ command, state }) => `${command} ${state}`,
  )

/** Four days of history, one record every six hours, before the time that syncs read. */
const history = Array.from({ length: 16 }, (_, n) => ({
  id: `old-${String(n).padStart(2, '0')}`,
  at: start - 4 * day + n * 6 * hour + hour,
}))
const range = { from: start - 4 * day, to: start }
const listings = ({ journal }: HeldSource) => journal.filter((request) => request.startsWith('list'))
const failingAt = (wanted: Step, nth: number, error: unknown) => {
  let left = nth
  return (step: Step) => {
    if (step !== wanted) return
    left -= 1
    if (left === 0) throw error
  }
}

describe('a backfill', () => {
  test('reads a range window by window, earliest first, and covers it', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    const outcome = await backfillOf(database, { connection, source, range })
    expect(outcome).toMatchObject({
      state: 'succeeded',
      windows: 4,
      failures: [],
      readUntil: null,
      counts: { read: { listed: 16, flattened: 16 }, upsert: { inserted: 16 } },
    })
    expect(await windows(connection)).toEqual([
      'backfill -96..-72 complete',
      'backfill -72..-48 complete',
      'backfill -48..-24 complete',
      'backfill -24..0 complete',
    ])
    expect(await covered(connection)).toEqual(['-96..0'])
    expect(await of(connection, 'select rereads from reelhouse.coverage where connection_key = $c')).toEqual([
      { rereads: {} },
    ])
  })

  test('of covered time reads nothing, unless it is to be read again', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    await backfillOf(database, { connection, source, range })
    const before = await rowVersions(database)
    source.journal.length = 0
    expect(await backfillOf(database, { connection, source, range })).toMatchObject({ state: 'succeeded', windows: 0 })
    expect(source.journal).toEqual([])
    expect(await backfillOf(database, { connection, source, range, again: true })).toMatchObject({
      windows: 4,
      counts: { read: { listed: 16, skipped: 16 } },
    })
    expect(await rowVersions(database)).toEqual(before)
  })

  test('again marks what the source has deleted since', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    await backfillOf(database, { connection, source, range })
    source.records = source.records.slice(1)
    source.clock.now += minute
    await backfillOf(database, { connection, source, range, again: true })
    expect(
      await of(
        connection,
        'select message_id from reelhouse.call_recordings where connection_key = $c and deleted_at is not null',
      ),
    ).toEqual([{ message_id: 'old-00' }])
  })

  test('reads what a sync left open, and the sync afterwards reads on from there', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    const stream = { rereads: [daily] }
    await syncOf(database, { connection, source, stream })
    await backfillOf(database, { connection, source, range, stream })
    source.journal.length = 0
    source.clock.now += minute
    await syncOf(database, { connection, source, stream })
    expect(listings(source)).toEqual(['list 595-596'])
    expect(await covered(connection)).toEqual(['-96..10'])
  })

  test('halves a window that holds too much, and reads the parts in their order', async () => {
    const connection = freshConnection()
    const source = heldSource(history, { cap: 2 })
    expect(await backfillOf(database, { connection, source, range })).toMatchObject({ state: 'succeeded', windows: 8 })
    expect(listings(source).slice(0, 4)).toEqual([
      'list -5760--4320',
      'list -5760--5040',
      'list -5040--4320',
      'list -4320--2880',
    ])
    expect((await windows(connection)).slice(0, 2)).toEqual([
      'backfill -96..-84 complete',
      'backfill -84..-72 complete',
    ])
    expect(await rows(connection)).toHaveLength(16)
    expect(await covered(connection)).toEqual(['-96..0'])
  })
})

test('a backfill keeps its window while it reads it', async () => {
  const connection = freshConnection()
  const source = heldSource(history)
  const lease = "state = 'running' and lease_expires_at > now() + interval '5 minutes' as kept"
  const kept: unknown[] = []
  const reached = async (step: Step) => {
    if (step === 'window-begun')
      await of(
        connection,
        "update reelhouse.windows set lease_expires_at = now() where connection_key = $c and state = 'running'",
      )
    if (step === 'window-read')
      kept.push(
        ...(await of(
          connection,
          `select ${lease} from reelhouse.windows where connection_key = $c and state = 'running'`,
        )),
      )
  }
  await backfillOf(database, { connection, source, range, reached })
  expect(kept).toEqual(Array.from({ length: 4 }, () => ({ kept: true })))
})

test('a backfill that goes on after the source has forgotten some of it tells so, and covers no time that it cannot read', async () => {
  const connection = freshConnection()
  const source = heldSource(history)
  const stated = { connection, source, range, stream: { retention: 5 * day }, notices: [] as string[] }
  const reached = failingAt('window-begun', 2, new TransientError('an outage'))
  expect(await backfillOf(database, { ...stated, reached })).toMatchObject({ state: 'failed' })
  expect(await covered(connection)).toEqual(['-96..-72'])
  expect(stated.notices).toEqual([])

  source.clock.now = start + 3.5 * day
  source.records = source.records.filter(({ at }) => at >= source.clock.now - 5 * day)
  expect(await backfillOf(database, stated)).toMatchObject({ state: 'succeeded', windows: 2 })
  expect(stated.notices).toEqual([
    'the source keeps records since 2026-07-12T12:00:00Z only: 2026-07-11T00:00:00Z to 2026-07-12T12:00:00Z cannot be read any more',
  ])
  expect(await covered(connection)).toEqual(['-96..-72', '-36..0'])
  expect(await backfillOf(database, stated)).toMatchObject({ windows: 0 })
})

describe('a backfill that was killed', () => {
  test.each<Step>(['window-begun', 'batch-staged', 'batch-committed', 'window-read', 'window-completed'])(
    'at %s goes on with the windows that are left',
    async (step) => {
      const connection = freshConnection()
      const source = heldSource(history)
      const reached = failingAt(step, 4, new Error('killed'))
      // As when the process dies: the run says that it runs, and nobody marks its window.
      const killed = withWindowLoader(database, { connection, command: 'backfill', range, reached }, async (loader) => {
        const mute = { ...loader, failWindow: async () => undefined, finishRun: async () => undefined }
        return backfill({ ...readingOf({ connection, source, reached }), loader: mute, range, again: false })
      })
      await expect(killed).rejects.toThrow('killed')
      const complete = (await windows(connection)).filter((text) => String(text).endsWith('complete'))
      source.journal.length = 0
      expect(await backfillOf(database, { connection, source, range })).toMatchObject({
        state: 'succeeded',
        windows: 4 - complete.length,
      })
      expect(listings(source)).toHaveLength(4 - complete.length)
      expect(await rows(connection)).toHaveLength(16)
      expect(await covered(connection)).toEqual(['-96..0'])
      expect(await runStates(connection)).toEqual(['backfill abandoned', 'backfill succeeded'])
    },
  )
})

describe('a backfill whose window fails', () => {
  test('ends there, and the next one begins there', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    source.before = (request) => {
      if (request === 'list -2880--1440') throw new TransientError('connection reset by peer')
    }
    const failed = await backfillOf(database, { connection, source, range })
    expect(failed).toMatchObject({ state: 'failed', windows: 2 })
    expect(failed.failures[0]?.message).toBe(
      `connection ${connection}: window 2026-07-12T00:00:00Z to 2026-07-13T00:00:00Z failed: connection reset by peer`,
    )
    expect(await windows(connection)).toEqual([
      'backfill -96..-72 complete',
      'backfill -72..-48 complete',
      'backfill -48..-24 failed',
      'backfill -24..0 planned',
    ])
    source.before = () => undefined
    source.journal.length = 0
    expect(await backfillOf(database, { connection, source, range })).toMatchObject({ state: 'succeeded', windows: 2 })
    expect(listings(source)).toEqual(['list -2880--1440', 'list -1440-0'])
  })

  test('because it is stopped leaves it for the next one', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    const stop = new AbortController()
    source.before = (request) => {
      if (request === 'list -2880--1440') stop.abort('SIGTERM')
    }
    expect(await backfillOf(database, { connection, source, range, signal: stop.signal })).toMatchObject({
      state: 'stopped',
      // The third is asked for while the second one is committed.
      windows: 1,
      failures: [],
    })
    source.before = () => undefined
    expect(await backfillOf(database, { connection, source, range })).toMatchObject({ state: 'succeeded', windows: 3 })
    expect(await covered(connection)).toEqual(['-96..0'])
  })
})

describe('beside a backfill', () => {
  test('a sync reads its windows between two of its own', async () => {
    const connection = freshConnection()
    const source = heldSource([...history, { id: 'new', at: start + hour }])
    let syncing: Promise<{ readonly state: string }> | null = null
    source.before = (request) => {
      if (request !== 'list -4320--2880') return
      syncing = syncOf(database, { connection, source })
    }
    const outcome = await backfillOf(database, { connection, source, range })
    expect(outcome.state).toBe('succeeded')
    expect(await syncing).toMatchObject({ state: 'succeeded' })
    expect(await covered(connection)).toEqual(['-96..10'])
    expect(await rows(connection)).toHaveLength(17)
  })

  test('another one of the same range is refused, and one of another range reads what is left of its own', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    const further = { from: range.from - day, to: range.to }
    let refused: unknown = null
    let other: Promise<{ readonly state: string }> | null = null
    source.before = async (request) => {
      if (request !== 'list -4320--2880' || other !== null) return
      other = backfillOf(database, { connection, source, range: further })
      refused = await backfillOf(database, { connection, source, range }).catch((error: unknown) => error)
    }
    expect(await backfillOf(database, { connection, source, range })).toMatchObject({ state: 'succeeded' })
    expect(refused).toBeInstanceOf(LockHeldError)
    expect(await other).toMatchObject({ state: 'succeeded' })
    expect(await covered(connection)).toEqual(['-120..0'])
    expect(await rows(connection)).toHaveLength(16)
  })
})

describe('a plan', () => {
  const plan = (connection: string, source: HeldSource, stream: Parameters<typeof windowStream>[1] = {}) =>
    withWindowLoader(database, { connection, command: 'backfill', range }, (loader) =>
      estimateBackfill({
        stream: windowStream(source, stream),
        loader,
        range,
        again: false,
        context: { signal: new AbortController().signal },
        now: () => source.clock.now,
      }),
    )
  const estimate = async () => ({ records: 16, requests: 20, requestsPerSecond: 3 })

  test('says what a backfill would take, and reads and writes nothing', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    expect(await plan(connection, source, { estimate })).toEqual({
      windows: 4,
      records: 16,
      requests: 20,
      etaSeconds: 7,
    })
    expect(source.journal).toEqual([])
    expect(await windows(connection)).toEqual([])
    expect(await runStates(connection)).toEqual([])
  })

  test('says how many windows where the source says no more, and those that are left of one begun', async () => {
    const connection = freshConnection()
    const source = heldSource(history)
    source.before = (request) => {
      if (request === 'list -2880--1440') throw new TransientError('connection reset by peer')
    }
    await backfillOf(database, { connection, source, range })
    expect(await plan(connection, source)).toEqual({ windows: 2, records: null, requests: null, etaSeconds: null })
    source.before = () => undefined
    await backfillOf(database, { connection, source, range })
    expect(await plan(connection, source, { estimate })).toEqual({ windows: 0, records: 0, requests: 0, etaSeconds: 0 })
  })
})
