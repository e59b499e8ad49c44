import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceRecord } from '../../src/domain/batch.ts'
import { noReadCounts } from '../../src/domain/counts.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { micros, openDistantReader } from '../support/distant-reader.ts'
import { batchOf, load, loadRows, openLoader, recordOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await openDistantReader(database)
})
afterAll(() => database.drop())

/** Reads windows of an axis completely: pairs of instants. */
const covered = async (connection: string, windows: readonly (readonly [string, string])[], axis = 'created_at') => {
  const { loader, die } = await openLoader(database, connection)
  const run = await loader.startRun()
  for (const [from, to] of windows) {
    const read = { from: micros(from), to: micros(to) }
    const windowKey = await loader.beginWindow(run, axis, read, 'sync')
    const completion = { axis, read, proof: 'walk', sourceTotal: null, rereads: {}, grows: true } as const
    await loader.completeWindow(run, windowKey, { ...completion, counts: noReadCounts })
  }
  await die()
}

const days = async (connection: string): Promise<readonly unknown[]> => {
  const { rows } = await session.client.query(
    `select day::text, covered::text, missing::text, is_complete, records, flattened, rejected, skipped, pending, deleted
     from reelhouse.completeness where connection_id = $1 order by day`,
    [connection],
  )
  return rows
}

const nothing = { records: 0, flattened: 0, rejected: 0, skipped: 0, pending: 0, deleted: 0 }

test('completeness says of every day how much of it was read, and how much between the first and the last was not', async () => {
  await covered('days', [
    ['2026-03-01T18:00:00Z', '2026-03-02T20:00:00Z'],
    ['2026-03-02T21:30:00Z', '2026-03-04T00:00:00Z'],
    ['2026-03-05T00:00:00Z', '2026-03-05T01:00:00Z'],
  ])
  expect(await days('days')).toEqual([
    { day: '2026-03-01', covered: '06:00:00', missing: '00:00:00', is_complete: false, ...nothing },
    { day: '2026-03-02', covered: '22:30:00', missing: '01:30:00', is_complete: false, ...nothing },
    { day: '2026-03-03', covered: '1 day', missing: '00:00:00', is_complete: true, ...nothing },
    { day: '2026-03-04', covered: '00:00:00', missing: '1 day', is_complete: false, ...nothing },
    { day: '2026-03-05', covered: '01:00:00', missing: '00:00:00', is_complete: false, ...nothing },
  ])
})

test('completeness takes the axes of a stream together, as status does', async () => {
  await covered('axes', [['2026-03-01T00:00:00Z', '2026-03-01T12:00:00Z']], 'createdAt')
  await covered('axes', [['2026-03-01T10:00:00Z', '2026-03-02T00:00:00Z']], 'updatedAt')
  expect(await days('axes')).toEqual([
    { day: '2026-03-01', covered: '1 day', missing: '00:00:00', is_complete: true, ...nothing },
  ])
})

test('completeness counts the records of a day by what became of them', async () => {
  await covered('records', [['2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z']])
  const record = (recordId: string, at: string, outcome: SourceRecord['outcome']) =>
    recordOf({ recordId, windowAt: micros(at), outcome })
  const records = [
    record('a', '2026-03-01T00:00:00Z', 'row'),
    record('b', '2026-03-01T23:59:59.999Z', 'row'),
    record('c', '2026-03-01T12:00:00Z', 'reject'),
    record('d', '2026-03-01T12:00:00Z', 'skip'),
    record('e', '2026-03-01T12:00:00Z', 'pending'),
    record('f', '2026-03-01T12:00:00Z', 'deleted'),
    record('g', '2026-03-02T00:00:00Z', 'pending'),
    record('outside', '2026-03-09T00:00:00Z', 'row'),
  ]
  await load(session, await runOf(session, 'records', { source: 'telnyx' }), batchOf({ records }))
  const full = { covered: '1 day', missing: '00:00:00', is_complete: true }
  expect(await days('records')).toEqual([
    {
      ...{ day: '2026-03-01', ...full, records: 6, flattened: 2 },
      ...{ rejected: 1, skipped: 1, pending: 1, deleted: 1 },
    },
    { day: '2026-03-02', ...full, ...nothing, records: 1, pending: 1 },
  ])
})

test('files have no days in completeness, and no covered time in freshness', async () => {
  await loadRows(session, await runOf(session, 'dump'), [row()])
  expect(await days('dump')).toEqual([])
  const freshness = "select covered_from, covered_until from reelhouse.freshness where connection_id = 'dump'"
  expect(await database.rows(freshness)).toEqual([{ covered_from: null, covered_until: null }])
})

test('freshness says up to where nothing is missing: before the first gap', async () => {
  await covered('gaps', [
    ['2026-03-05T00:00:00Z', '2026-03-06T00:00:00Z'],
    ['2026-03-01T00:00:00Z', '2026-03-02T20:00:00Z'],
  ])
  const freshness = "select covered_from, covered_until from reelhouse.freshness where connection_id = 'gaps'"
  expect(await database.rows(freshness)).toEqual([
    { covered_from: '2026-03-01 00:00:00+00', covered_until: '2026-03-02 20:00:00+00' },
  ])
})
