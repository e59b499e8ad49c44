import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { openSession, type Session } from '../../src/warehouse/session.ts'
import { inDatabase } from './global-setup.ts'
import { Leak, refuseInDatabase } from './leak-net.ts'

export interface TestDatabase {
  readonly url: string
  /** A session of its own, closed by `drop`. */
  session(): Promise<Session>
  /** All rows of a query, through a session that the tests own. */
  rows<T extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<readonly T[]>
  /** Ends all sessions of this test: others may use it as a template then. Returns its name. */
  asTemplate(): Promise<string>
  /** Throws when it holds a secret, or a signed query. */
  drop(): Promise<void>
}

/** A database of this test's own on the real server; migrated unless `template` is null. */
export const createTestDatabase = async (template: string | null = 'template_reelhouse'): Promise<TestDatabase> => {
  const serverUrl = inject('warehouseUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = await openSession(serverUrl, { purpose: 'test' })
  await admin.client.query(`create database ${name} ${template === null ? '' : `template ${template}`}`)
  const url = inDatabase(serverUrl, name)
  const sessions: Session[] = []
  const session = async () => {
    const opened = await openSession(url, { purpose: 'test' })
    sessions.push(opened)
    return opened
  }
  const own = await session()
  const rows: TestDatabase['rows'] = async (sql, values = []) => (await own.client.query(sql, [...values])).rows
  return {
    url,
    session,
    rows,
    asTemplate: async () => {
      for (const open of sessions) await open.close()
      return name
    },
    drop: async () => {
      const leak = await refuseInDatabase({ rows }).catch((error: unknown) => error)
      for (const open of sessions) await open.close()
      await admin.client.query(`drop database if exists ${name} with (force)`)
      await admin.close()
      if (leak instanceof Leak) throw leak
    },
  }
}
