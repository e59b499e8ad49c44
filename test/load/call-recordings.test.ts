import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { loadRows, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('a new row is inserted, the same row again is unchanged, and a higher version is updated', async () => {
  const session = await database.session()
  const run = await runOf(session, 'one')
  const load = (rows: readonly PlacedRow[]) => loadRows(session, run, rows)
  expect(await load([row()])).toEqual({ rows: 1, inserted: 1, updated: 0, unchanged: 0, stale: 0, duplicate: 0 })
  expect(await load([row()])).toEqual({ rows: 1, inserted: 0, updated: 0, unchanged: 1, stale: 0, duplicate: 0 })
  expect(await load([row({ source_version: 2, first_name: 'Joanna' })])).toMatchObject({ updated: 1 })
  expect(await load([row({ source_version: 1, first_name: 'Jo' })])).toMatchObject({ stale: 1 })
  expect(await database.rows('select first_name, source_version from reelhouse.call_recordings')).toEqual([
    { first_name: 'Joanna', source_version: 2 },
  ])
})
