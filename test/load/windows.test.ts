import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LoadError, LockHeldError } from '../../src/domain/errors.ts'
import { createRedactor } from '../../src/domain/redact.ts'
import type { Window } from '../../src/domain/window.ts'
import type { BackfillLoader } from '../../src/pipeline/window-loader.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openLoader } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const hour = 3_600_000_000
const start = Date.UTC(2026, 6, 14) * 1000
const window = (from: number, to: number): Window => ({ from: start + from * hour, to: start + to * hour })

const counts = { listed: 6, flattened: 3, rejected: 1, skipped: 1, pending: 1 }
const completion = (read: Window) =>
  ({ axis: 'created_at', read, proof: 'total', sourceTotal: 6, counts, rereads: {}, grows: true }) as const

const ledger = (connection: string, columns: string) =>
  database.rows(
    `select ${columns} from reelhouse.windows w join reelhouse.connections using (connection_key)
     where connection_id = $1 order by window_from, window_key`,
    [connection],
  )
const states = async (connection: string) =>
  (
    await ledger(
      connection,
      `to_char(window_from, 'HH24:MI') || ' to ' || to_char(window_to, 'HH24:MI') || ' ' || state || ' ' || attempt as of`,
    )
  ).map(({ of }) => of)

describe('the ledger of windows', () => {
  test('has no window that is read by a run that has ended', async () => {
    const { loader } = await openLoader(database, 'ended')
    const run = await loader.startRun()
    await loader.beginWindow(run, 'created_at', window(0, 4), 'sync')
    await loader.finishRun(run, 'failed', 'the warehouse refused to note why')
    expect(await ledger('ended', 'state, error, lease_expires_at')).toEqual([
      { state: 'failed', error: 'its run ended before it was read completely', lease_expires_at: null },
    ])
  })

  test('says what is read by which run, and when it is complete what the source said and what arrived', async () => {
    const { loader } = await openLoader(database, 'complete')
    const run = await loader.startRun()
    const windowKey = await loader.beginWindow(run, 'created_at', window(0, 4), 'sync')
    const columns = `stream, axis, window_from, window_to, purpose, state, attempt, w.run_id, proof, source_total, listed, flattened,
      rejected, skipped, pending, error, planned_for, completed_at is not null as ended, lease_expires_at > now() as leased`
    const begun = {
      stream: 'recordings',
      axis: 'created_at',
      window_from: '2026-07-14 00:00:00+00',
      window_to: '2026-07-14 04:00:00+00',
      purpose: 'sync',
      state: 'running',
      attempt: 1,
      run_id: run.runId,
      proof: null,
      source_total: null,
      listed: null,
      flattened: null,
      rejected: null,
      skipped: null,
      pending: null,
      error: null,
      planned_for: null,
      ended: false,
      leased: true,
    }
    expect(await ledger('complete', columns)).toEqual([begun])
    // The vendor's clock is behind ours.
    await loader.completeWindow(run, windowKey, completion({ from: start, to: start + 3 * hour + 1 }))
    expect(await ledger('complete', columns)).toEqual([
      {
        ...begun,
        window_to: '2026-07-14 03:00:00.000001+00',
        state: 'complete',
        proof: 'total',
        source_total: 6,
        ...counts,
        ended: true,
        leased: null,
      },
    ])
    expect((await loader.coverage('created_at')).covered).toEqual([{ from: start, to: start + 3 * hour + 1 }])
  })

  test('a window that is too large ends where its half does', async () => {
    const { loader } = await openLoader(database, 'halved')
    const run = await loader.startRun()
    const windowKey = await loader.beginWindow(run, 'created_at', window(0, 4), 'reread')
    await loader.shortenWindow(windowKey, start + 2 * hour)
    expect(await states('halved')).toEqual(['00:00 to 02:00 running 1'])
  })

  test('a window of which nothing could be read yet is complete and empty', async () => {
    const { loader } = await openLoader(database, 'too-early')
    const run = await loader.startRun()
    const windowKey = await loader.beginWindow(run, 'created_at', window(1, 4), 'sync')
    await loader.completeWindow(run, windowKey, completion(window(1, 1)))
    expect(await states('too-early')).toEqual(['01:00 to 01:00 complete 1'])
    expect((await loader.coverage('created_at')).covered).toEqual([])
  })

  test('a window that failed says why, without what the redactor takes out', async () => {
    const redact = createRedactor(['KEY0123456789'])
    const { loader } = await openLoader(database, 'failed', { redact })
    const run = await loader.startRun()
    const windowKey = await loader.beginWindow(run, 'created_at', window(0, 4), 'sync')
    await loader.failWindow(windowKey, 'Telnyx says KEY0123456789\0 and https://a.example.test/x?sig=abcdef')
    expect(await ledger('failed', 'state, error, lease_expires_at')).toEqual([
      {
        state: 'failed',
        error: 'Telnyx says [redacted]\ufffd and https://a.example.test/x?[redacted]',
        lease_expires_at: null,
      },
    ])
  })

  test('coverage does not grow when the ledger refuses the window', async () => {
    const { loader } = await openLoader(database, 'refused')
    const run = await loader.startRun()
    const windowKey = await loader.beginWindow(run, 'created_at', window(0, 4), 'sync')
    const unaccounted = { ...completion(window(0, 4)), counts: { ...counts, listed: 7 } }
    await expect(loader.completeWindow(run, windowKey, unaccounted)).rejects.toThrow(LoadError)
    await expect(loader.completeWindow(run, windowKey + 1000, completion(window(0, 4)))).rejects.toThrow(
      `window ${windowKey + 1000} is not in the ledger any more`,
    )
    expect((await loader.coverage('created_at')).covered).toEqual([])
    expect(await states('refused')).toEqual(['00:00 to 04:00 running 1'])
  })
})

describe('a backfill', () => {
  const range = window(0, 4)
  const axis = 'created_at'
  const open = async (connection: string, of: Window = range) => {
    const { loader, die } = await openLoader(database, connection, { command: 'backfill', range: of })
    const contract: BackfillLoader = loader
    return { loader: contract, die }
  }
  const hours = [window(0, 1), window(1, 2), window(2, 3), window(3, 4)]

  test('takes its planned windows one after the other, the earliest first', async () => {
    const { loader } = await open('in-order')
    const run = await loader.startRun()
    await loader.plan(axis, range, hours.toReversed())
    expect((await loader.unfinished(axis, range)).map(({ window: planned }) => planned)).toEqual(hours)
    const taken: Window[] = []
    for (let next = await loader.claim(run, axis, range); next !== null; next = await loader.claim(run, axis, range)) {
      taken.push(next.window)
      await loader.completeWindow(run, next.windowKey, completion(next.window))
    }
    expect(taken).toEqual(hours)
    expect(await loader.unfinished(axis, range)).toEqual([])
    expect((await loader.coverage(axis)).covered).toEqual([range])
    expect(await states('in-order')).toEqual([
      '00:00 to 01:00 complete 1',
      '01:00 to 02:00 complete 1',
      '02:00 to 03:00 complete 1',
      '03:00 to 04:00 complete 1',
    ])
  })

  test('has windows of its own: those of another range, axis, stream or connection are not taken', async () => {
    const { loader } = await open('own')
    const run = await loader.startRun()
    await loader.plan(axis, window(0, 5), [window(0, 1)])
    await loader.plan('updated_at', range, [window(0, 1)])
    const messages = await openLoader(database, 'own', { command: 'backfill', range, stream: 'messages' })
    await messages.loader.plan(axis, range, [window(0, 1)])
    const neighbour = await open('own-neighbour')
    await neighbour.loader.plan(axis, range, [window(0, 1)])
    expect(await loader.unfinished(axis, range)).toEqual([])
    expect(await loader.claim(run, axis, range)).toBeNull()
  })

  test('does not take what it has failed itself; the next run does, and says which attempt it is', async () => {
    const first = await open('failing')
    const run = await first.loader.startRun()
    await first.loader.plan(axis, range, hours.slice(0, 2))
    const claimed = await first.loader.claim(run, axis, range)
    await first.loader.failWindow(claimed?.windowKey ?? 0, 'it does not add up')
    expect((await first.loader.claim(run, axis, range))?.window).toEqual(window(1, 2))
    expect(await first.loader.claim(run, axis, range)).toBeNull()
    await first.loader.finishRun(run, 'failed', 'it does not add up')

    const second = await open('failing')
    const again = await second.loader.startRun()
    expect((await second.loader.claim(again, axis, range))?.window).toEqual(window(0, 1))
    expect(await states('failing')).toEqual(['00:00 to 01:00 running 2', '01:00 to 02:00 running 1'])
  })

  test('takes over at once what a dead run was reading, and after its lease what a living one was', async () => {
    const first = await open('taken-over')
    const run = await first.loader.startRun()
    await first.loader.plan(axis, range, hours.slice(0, 2))
    await first.loader.claim(run, axis, range)
    await first.die()

    const second = await open('taken-over')
    const again = await second.loader.startRun()
    const taken = await second.loader.claim(again, axis, range)
    expect(taken?.window).toEqual(window(0, 1))
    expect((await second.loader.claim(again, axis, range))?.window).toEqual(window(1, 2))
    expect(await second.loader.claim(again, axis, range)).toBeNull()

    const age = "update reelhouse.windows set lease_expires_at = now() - interval '1 second' where window_key = $1"
    await database.rows(age, [taken?.windowKey])
    await second.loader.renewLease(taken?.windowKey ?? 0)
    expect(await second.loader.claim(again, axis, range)).toBeNull()
    await database.rows(age, [taken?.windowKey])
    expect(await second.loader.claim(again, axis, range)).toEqual(taken)
  })

  test('takes over what a run was reading that dies while it runs itself, without waiting for the lease', async () => {
    const { loader } = await open('outlived')
    const run = await loader.startRun()
    await loader.plan(axis, range, [range])
    const other = await openLoader(database, 'outlived', { command: 'verify' })
    await other.loader.claim(await other.loader.startRun(), axis, range)
    expect(await loader.claim(run, axis, range)).toBeNull()
    await other.die()
    expect((await loader.claim(run, axis, range))?.window).toEqual(range)
  })

  test('a window that another process takes in the same moment is passed over', async () => {
    const { loader } = await open('at-once')
    const run = await loader.startRun()
    await loader.plan(axis, range, hours.slice(0, 2))
    const other = await database.session()
    await other.client.query('begin')
    await other.client.query(
      `select from reelhouse.windows join reelhouse.connections using (connection_key)
       where connection_id = 'at-once' order by window_from limit 1 for update of windows`,
    )
    expect((await loader.claim(run, axis, range))?.window).toEqual(window(1, 2))
    await other.client.query('rollback')
    expect((await loader.claim(run, axis, range))?.window).toEqual(window(0, 1))
  })

  test('a window that is too large becomes two, which together are what it was', async () => {
    const { loader } = await open('split')
    const run = await loader.startRun()
    await loader.plan(axis, range, [range])
    const claimed = await loader.claim(run, axis, range)
    await loader.split(claimed?.windowKey ?? 0, start + hour)
    expect(await states('split')).toEqual(['00:00 to 01:00 running 1', '01:00 to 04:00 planned 0'])
    await loader.completeWindow(run, claimed?.windowKey ?? 0, completion(window(0, 1)))
    expect((await loader.claim(run, axis, range))?.window).toEqual(window(1, 4))
  })

  test('what the clock of the source had not reached is left for a later run', async () => {
    const { loader } = await open('behind')
    const run = await loader.startRun()
    await loader.plan(axis, range, [range])
    const claimed = await loader.claim(run, axis, range)
    await loader.completeWindow(run, claimed?.windowKey ?? 0, completion(window(0, 3)))
    expect(await loader.claim(run, axis, range)).toBeNull()
    expect((await loader.unfinished(axis, range)).map((left) => left.window)).toEqual([window(3, 4)])
    expect((await loader.coverage(axis)).covered).toEqual([window(0, 3)])
    await loader.finishRun(run, 'succeeded', null)
    const later = await open('behind')
    expect((await later.loader.claim(await later.loader.startRun(), axis, range))?.window).toEqual(window(3, 4))
  })

  test('runs once for the same range of a connection; other ranges, and a sync, run beside it', async () => {
    const first = await open('alone')
    const run = await first.loader.startRun()
    const second = (await open('alone')).loader.startRun()
    await expect(second).rejects.toThrow(LockHeldError)
    await expect(second).rejects.toThrow(
      'connection alone: another backfill of it from 2026-07-14T00:00:00Z to 2026-07-14T04:00:00Z is running; nothing was done',
    )
    const beside = [
      await open('alone', window(0, 5)),
      await open('alone-elsewhere'),
      await openLoader(database, 'alone', { command: 'backfill', range, stream: 'messages' }),
      await openLoader(database, 'alone'),
    ]
    for (const { loader } of beside) await expect(loader.startRun()).resolves.toMatchObject({ source: 'telnyx' })
    await first.loader.finishRun(run, 'succeeded', null)
    await expect((await open('alone')).loader.startRun()).resolves.toMatchObject({ command: 'backfill' })
  })
})

test('any number of verifications run beside each other', async () => {
  const loaders = [1, 2].map(() => openLoader(database, 'verified', { command: 'verify' }))
  for (const { loader } of await Promise.all(loaders)) {
    await expect(loader.startRun()).resolves.toMatchObject({ command: 'verify' })
  }
})
