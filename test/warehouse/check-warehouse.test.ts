import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { refuseTransactionPooling, requireServerVersion } from '../../src/warehouse/check-warehouse.ts'
import { openSession } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startPoolingProxy, type Turn } from '../support/pooling-proxy.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('the version of the server is told', async () => {
  expect(await requireServerVersion(await database.session())).toMatch(/^\d+\.\d+/)
})

test('a direct connection passes, busy or not', async () => {
  const [one, other] = [await database.session(), await database.session()]
  await expect(refuseTransactionPooling(one, other)).resolves.toBeUndefined()
  await expect(refuseTransactionPooling(other, one)).resolves.toBeUndefined()
})

describe('a proxy that pools by transaction is refused', () => {
  const pools: readonly (readonly [servers: number, turn: Turn])[] = [
    [1, 'last-used'],
    [2, 'last-used'],
    [2, 'in-turns'],
    [3, 'in-turns'],
    [5, 'in-turns'],
  ]
  test.each(pools)('with %i server connections, %s', async (servers, turn) => {
    const proxy = await startPoolingProxy(database.url, servers, turn)
    const one = await openSession(proxy.url, { purpose: 'test' })
    const other = await openSession(proxy.url, { purpose: 'test' })
    const refusal = refuseTransactionPooling(one, other)
    await expect(refusal).rejects.toThrow(ConfigError)
    await expect(refusal).rejects.toThrow(/pools by transaction.*use the direct address or a session-mode pool/)
    await one.close()
    await other.close()
    await proxy.close()
  })
})

test('the proxy of these tests does what it says: it keeps transactions together and loses what belongs to a session', async () => {
  const proxy = await startPoolingProxy(database.url, 2, 'in-turns')
  const session = await openSession(proxy.url, { purpose: 'test' })
  const pid = async () => (await session.client.query('select pg_backend_pid() as pid')).rows[0].pid
  await session.client.query('begin')
  const within = [await pid(), await pid()]
  await session.client.query('commit')
  expect(new Set(within).size).toBe(1)
  expect(new Set([await pid(), await pid()]).size).toBe(2)
  await session.close()
  await proxy.close()
})
