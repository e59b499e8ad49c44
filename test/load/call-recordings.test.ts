import { afterAll, beforeAll, expect, test } from 'vitest'
import { noReadCounts, noRunCounts } from '../../src/domain/counts.ts'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import { unobserved } from '../../src/domain/step.ts'
import { connectionKeyOf } from '../../src/load/connections.ts'
import { commitBatch } from '../../src/load/loader.ts'
import { startRun } from '../../src/load/runs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { row, storedPortfolio } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('a new row is inserted, the same row again is unchanged, and a higher version is updated', async () => {
  const session = await database.session()
  const connectionKey = await connectionKeyOf(session, { id: 'one', source: 'files' })
  const run = await startRun(session, {
    invocationId: '00000000-0000-4000-8000-000000000001',
    connectionKey,
    rowConnectionKey: connectionKey,
    source: 'files',
    stream: 'recordings',
    command: 'sync',
    authoritative: false,
  })
  const load = async (rows: readonly PlacedRow[]) => {
    const read = { ...noReadCounts, listed: rows.length, flattened: rows.length }
    const batch = { rows, records: [], rejects: [], read, tallies: {}, fileProgress: null, settled: [] }
    return (await commitBatch(session, run, batch, noRunCounts, { reached: unobserved, portfolioOf: storedPortfolio }))
      .upsert
  }
  expect(await load([row()])).toEqual({ rows: 1, inserted: 1, updated: 0, unchanged: 0, stale: 0, duplicate: 0 })
  expect(await load([row()])).toEqual({ rows: 1, inserted: 0, updated: 0, unchanged: 1, stale: 0, duplicate: 0 })
  expect(await load([row({ source_version: 2, first_name: 'Joanna' })])).toMatchObject({ updated: 1 })
  expect(await load([row({ source_version: 1, first_name: 'Jo' })])).toMatchObject({ stale: 1 })
  expect(await database.rows('select first_name, source_version from reelhouse.call_recordings')).toEqual([
    { first_name: 'Joanna', source_version: 2 },
  ])
})
