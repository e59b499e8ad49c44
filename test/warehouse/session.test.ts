import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.rows(`
    do $$ begin
      execute format('alter database %I set idle_session_timeout = ''1s''', current_database());
      execute format('alter database %I set datestyle = ''German''', current_database());
      execute format('alter database %I set timezone = ''America/Chicago''', current_database());
    end $$`)
})
afterAll(() => database.drop())

test('a session reads instants in one form, and outlives its idleness, whatever the database is set to', async () => {
  const { client, close } = await openSession(database.url, { purpose: 'test' })
  const { rows } = await client.query(`
    select timestamptz '2026-03-05T11:47:00.000001Z' as instant, current_setting('idle_session_timeout') as idle`)
  expect(rows).toEqual([{ instant: '2026-03-05 11:47:00.000001+00', idle: '0' }])
  await close()
})
