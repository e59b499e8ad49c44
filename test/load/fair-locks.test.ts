import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunCommand } from '../../src/domain/run.ts'
import { takeLock } from '../../src/load/locks.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openLoader } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const range = { from: 0, to: 3_600_000_000 }

const opened = async (connection: string, command: RunCommand, signal = new AbortController().signal) => {
  const { loader } = await openLoader(database, connection, { command, range, signal })
  return loader
}

test.each<RunCommand>(['backfill', 'replay', 'remap', 'verify'])(
  'a %s that reads one window after the other lets a waiting sync pass',
  async (command) => {
    const [history, sync] = [await opened(`beside-${command}`, command), await opened(`beside-${command}`, 'sync')]
    const journal: string[] = []
    let done = false
    const working = (async () => {
      while (!done) {
        await history.exclusively(async () => {
          journal.push('history')
          // Long enough that a sync finds the window taken however it polls.
          await sleep(40)
        })
      }
    })()
    await sleep(100)
    for (let n = 0; n < 3; n += 1) await sync.exclusively(async () => void journal.push('sync'))
    done = true
    await working
    // Without fairness the sync waits for many windows, or for all of them.
    expect(journal.filter((entry) => entry === 'sync')).toHaveLength(3)
    expect(journal.slice(0, journal.lastIndexOf('sync')).filter((entry) => entry === 'history').length).toBeLessThan(60)
  },
)

test('a sync lets nobody pass: it takes the window while others wait for it', async () => {
  const sync = await opened('sync-first', 'sync')
  const waiting = await database.session()
  const { connectionKey } = await sync.startRun()
  const held = await takeLock(waiting, { name: 'waiting', key: connectionKey, shared: true, patience: 0 })
  await expect(sync.exclusively(async () => 'read')).resolves.toBe('read')
  await held?.release()
})

test('a backfill waits until nobody waits, and stops waiting when it is stopped', async () => {
  const stop = new AbortController()
  const backfill = await opened('patient', 'backfill', stop.signal)
  const { connectionKey } = await backfill.startRun()
  const waiting = await database.session()
  const held = await takeLock(waiting, { name: 'waiting', key: connectionKey, shared: true, patience: 0 })
  let read = false
  const reading = backfill.exclusively(async () => {
    read = true
  })
  await sleep(300)
  expect(read).toBe(false)
  await held?.release()
  await reading
  expect(read).toBe(true)

  const again = await takeLock(waiting, { name: 'waiting', key: connectionKey, shared: true, patience: 0 })
  const stopped = backfill.exclusively(async () => undefined)
  setTimeout(() => stop.abort('SIGTERM'), 100)
  await expect(stopped).rejects.toBe('SIGTERM')
  await again?.release()
})

test('two backfills of one connection take turns', async () => {
  const loaders = [await opened('turns', 'backfill'), await opened('turns', 'backfill')]
  const journal: number[] = []
  await Promise.all(
    loaders.map(async (loader, own) => {
      for (let n = 0; n < 10; n += 1) {
        await loader.exclusively(async () => {
          journal.push(own)
          await sleep(40)
        })
      }
    }),
  )
  // Neither ends before the other has read three windows.
  const firstToEnd = Math.min(journal.lastIndexOf(0), journal.lastIndexOf(1))
  expect(journal.slice(0, firstToEnd + 1).filter((own) => own !== journal[firstToEnd]).length).toBeGreaterThanOrEqual(3)
})

test('who waits leaves no lock behind, whether the window was taken or the wait was stopped', async () => {
  const stop = new AbortController()
  const [holder, stopped] = [await opened('clean', 'sync'), await opened('clean', 'sync', stop.signal)]
  const { connectionKey } = await holder.startRun()
  await holder.exclusively(async () => {
    const waiting = stopped.exclusively(async () => undefined)
    setTimeout(() => stop.abort('SIGTERM'), 150)
    await expect(waiting).rejects.toBe('SIGTERM')
  })
  const left = await database.rows(
    `select classid::integer as lock from pg_locks
     where locktype = 'advisory' and objid = $1::bigint::oid and classid in (724903, 724906)
       and database = (select oid from pg_database where datname = current_database())`,
    [connectionKey],
  )
  expect(left).toEqual([])
})
