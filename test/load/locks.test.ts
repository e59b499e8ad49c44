import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeLock } from '../../src/load/locks.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let one: Session
let other: Session
beforeAll(async () => {
  database = await createTestDatabase()
  one = await database.session()
  other = await database.session()
})
afterAll(() => database.drop())

const sync = { name: 'sync', patience: 0 } as const

test('a lock is held by one session at a time, and free again after its release', async () => {
  const held = await takeLock(one, { ...sync, key: 1 })
  expect(held).not.toBeNull()
  expect(await takeLock(other, { ...sync, key: 1 })).toBeNull()
  await held?.release()
  const next = await takeLock(other, { ...sync, key: 1 })
  expect(next).not.toBeNull()
  await next?.release()
})

test('locks of other names and other connections are other locks', async () => {
  const held = [
    await takeLock(one, { name: 'sync', key: 2, patience: 0 }),
    await takeLock(other, { name: 'replay', key: 2, patience: 0 }),
    await takeLock(other, { name: 'window', key: 2, patience: 0 }),
    await takeLock(other, { name: 'sync', key: 3, patience: 0 }),
  ]
  expect(held).not.toContain(null)
  for (const lock of held) await lock?.release()
})

test('a shared lock is shared, and keeps an exclusive one out until the last lets go', async () => {
  const schema = { name: 'schema', key: 0, patience: 0 } as const
  const [first, second] = [
    await takeLock(one, { ...schema, shared: true }),
    await takeLock(other, { ...schema, shared: true }),
  ]
  expect(second).not.toBeNull()
  const migrator = await database.session()
  expect(await takeLock(migrator, schema)).toBeNull()
  await first?.release()
  expect(await takeLock(migrator, schema)).toBeNull()
  await second?.release()
  const exclusive = await takeLock(migrator, schema)
  expect(exclusive).not.toBeNull()
  expect(await takeLock(one, { ...schema, shared: true })).toBeNull()
  await exclusive?.release()
})

test('a patient session gets the lock when it is released in time, and gives up when it is not', async () => {
  const held = await takeLock(one, { ...sync, key: 4 })
  const begun = Date.now()
  expect(await takeLock(other, { ...sync, key: 4, patience: 150 })).toBeNull()
  expect(Date.now() - begun).toBeGreaterThanOrEqual(140)
  const waiting = takeLock(other, { ...sync, key: 4, patience: 20_000 })
  setTimeout(() => void held?.release(), 100)
  const got = await waiting
  expect(got).not.toBeNull()
  await got?.release()
})

test('who is stopped while waiting stops waiting, with the reason of the stop', async () => {
  const held = await takeLock(one, { ...sync, key: 5 })
  const stop = new AbortController()
  const waiting = takeLock(other, { ...sync, key: 5, patience: 60_000, signal: stop.signal })
  setTimeout(() => stop.abort('SIGTERM'), 100)
  const begun = Date.now()
  await expect(waiting).rejects.toBe('SIGTERM')
  expect(Date.now() - begun).toBeLessThan(5000)
  await held?.release()
})

test('a lock whose session died is free, and releasing it then throws nothing', async () => {
  const dying = await database.session()
  const held = await takeLock(dying, { ...sync, key: 6 })
  const { rows } = await dying.client.query('select pg_backend_pid() as pid')
  await other.client.query('select pg_terminate_backend($1)', [rows[0].pid])
  const next = await takeLock(other, { ...sync, key: 6, patience: 10_000 })
  expect(next).not.toBeNull()
  await held?.release()
  expect(await takeLock(one, { ...sync, key: 6 })).toBeNull()
  await next?.release()
})
