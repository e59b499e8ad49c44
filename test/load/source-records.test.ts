import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Run } from '../../src/domain/run.ts'
import { keptRecords, keptRejects } from '../../src/load/kept-records.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, recordOf, rejectOf, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun, laterRun } = runsOf(() => session)

const records = (run: Run, columns = 'record_id, version, ordinal, payload, payload_hash') =>
  database.rows(`select ${columns} from reelhouse.source_records where connection_key = $1 order by record_id`, [
    run.connectionKey,
  ])

test('a record is kept with its key, its time on the axis, its outcome and its payload', async () => {
  const run = await freshRun()
  const windowAt = Date.UTC(2026, 6, 14, 15, 2, 11) * 1000 + 1
  const kept = recordOf({ parentId: 'call-1', windowAt, outcome: 'skip', reason: 'screen' })
  const keyOnly = recordOf({ recordId: 'rec-2', version: null, payload: null, payloadHash: null })
  await load(session, run, batchOf({ records: [kept, keyOnly] }))
  const columns =
    'stream, record_id, parent_id, window_at, version, ordinal, outcome, reason, payload, payload_hash, run_id'
  expect(await records(run, columns)).toEqual([
    {
      stream: 'recordings',
      record_id: 'rec-1',
      parent_id: 'call-1',
      window_at: '2026-07-14 15:02:11.000001+00',
      version: 1,
      ordinal: 1,
      outcome: 'skip',
      reason: 'screen',
      payload: '{"id":"rec-1"}',
      payload_hash: 'a1',
      run_id: run.runId,
    },
    {
      stream: 'recordings',
      record_id: 'rec-2',
      parent_id: null,
      window_at: null,
      version: null,
      ordinal: 1,
      outcome: 'row',
      reason: null,
      payload: null,
      payload_hash: null,
      run_id: run.runId,
    },
  ])
})

test('the newest version is kept, in whatever order they come, within a batch and between batches', async () => {
  const run = await freshRun()
  const version = (of: number | null, ordinal: number) =>
    recordOf({ version: of, ordinal, payload: `"${of}.${ordinal}"`, payloadHash: `${of}.${ordinal}` })
  await load(session, run, batchOf({ records: [version(1, 2), version(2, 1), version(null, 9), version(1, 3)] }))
  expect(await records(run)).toEqual([
    { record_id: 'rec-1', version: 2, ordinal: 1, payload: '"2.1"', payload_hash: '2.1' },
  ])
  await load(session, run, batchOf({ records: [version(1, 99)] }))
  await load(session, run, batchOf({ records: [version(null, 99)] }))
  expect(await records(run)).toMatchObject([{ payload_hash: '2.1' }])
  await load(session, run, batchOf({ records: [version(2, 2)] }))
  expect(await records(run)).toMatchObject([{ payload_hash: '2.2' }])
})

test('of large payloads the newest is kept, too, and none is left out', async () => {
  const run = await freshRun()
  const large = (recordId: string, version: number) =>
    recordOf({ recordId, version, payload: `"${'x'.repeat(600_000)}${version}"`, payloadHash: `${version}` })
  const listed = [large('a', 2), large('b', 1), large('a', 1), large('c', 1), large('b', 2)]
  await load(session, run, batchOf({ records: listed }))
  expect(await records(run, 'record_id, version, length(payload) as length, payload_hash')).toEqual([
    { record_id: 'a', version: 2, length: 600_003, payload_hash: '2' },
    { record_id: 'b', version: 2, length: 600_003, payload_hash: '2' },
    { record_id: 'c', version: 1, length: 600_003, payload_hash: '1' },
  ])
})

test('a record with nothing new is not written, also when its payload has aged out', async () => {
  const run = await freshRun()
  await load(session, run, batchOf({ records: [recordOf()] }))
  await database.rows('update reelhouse.source_records set payload = null where connection_key = $1', [
    run.connectionKey,
  ])
  const before = await records(run, '*, ctid::text, xmin::text, xmax::text')
  await load(session, await laterRun(), batchOf({ records: [recordOf({ ordinal: 8 })] }))
  expect(await records(run, '*, ctid::text, xmin::text, xmax::text')).toEqual(before)
})

test('a record whose listing or joins changed is written, and nothing else of it', async () => {
  const run = await freshRun()
  const listed = recordOf({ windowAt: 7, joinedVersion: 1, fingerprint: 'f1' })
  await load(session, run, batchOf({ records: [listed] }))
  const before = await records(run, '*, ctid::text, xmin::text, xmax::text')
  await load(session, run, batchOf({ records: [{ ...listed, ordinal: 2 }] }))
  expect(await records(run, '*, ctid::text, xmin::text, xmax::text')).toEqual(before)
  await load(session, run, batchOf({ records: [{ ...listed, ordinal: 3, fingerprint: 'f2' }] }))
  expect(await records(run, 'ordinal, joined_version, fingerprint')).toEqual([
    { ordinal: 3, joined_version: 1, fingerprint: 'f2' },
  ])
  await load(session, run, batchOf({ records: [{ ...listed, ordinal: 4, fingerprint: 'f2', joinedVersion: 2 }] }))
  expect(await records(run, 'ordinal, joined_version, fingerprint')).toEqual([
    { ordinal: 4, joined_version: 2, fingerprint: 'f2' },
  ])
})

test('every outcome is kept with its reason, and one takes the place of another', async () => {
  const run = await freshRun()
  for (const [ordinal, outcome] of (['pending', 'row', 'reject', 'skip'] as const).entries()) {
    const reason = outcome === 'row' ? null : `why-${outcome}`
    await load(session, run, batchOf({ records: [recordOf({ ordinal, outcome, reason })] }))
    expect(await records(run, 'outcome, reason')).toEqual([{ outcome, reason }])
  }
})

test('a record that is read again with the same version and ordinal gets the payload that is kept now', async () => {
  const run = await freshRun()
  await load(session, run, batchOf({ records: [recordOf({ payload: null, payloadHash: null })] }))
  await load(session, run, batchOf({ records: [recordOf()] }))
  expect(await records(run)).toMatchObject([{ ordinal: 1, payload: '{"id":"rec-1"}', payload_hash: 'a1' }])
})

const collected = async <T>(pages: AsyncIterable<readonly T[]>): Promise<readonly (readonly T[])[]> => {
  const all: (readonly T[])[] = []
  for await (const page of pages) all.push(page)
  return all
}

test('kept records are read in key order, page by page, without what has no payload', async () => {
  const run = await freshRun()
  const ids = ['b', 'a', 'e', 'd', 'c', 'B', 'ä']
  const gone = recordOf({ recordId: 'gone', payload: null, payloadHash: null })
  await load(session, run, batchOf({ records: [...ids.map((recordId) => recordOf({ recordId })), gone] }))
  const pages = await collected(keptRecords(session, run, 3))
  expect(pages.map((page) => page.map(({ key }) => key))).toEqual([['B', 'a', 'b'], ['c', 'd', 'e'], ['ä']])
  expect(pages[0]?.[0]).toEqual({
    key: 'B',
    payload: '{"id":"rec-1"}',
    parentId: null,
    windowAt: null,
    joinedVersion: null,
    fingerprint: null,
    place: { version: 1, ordinal: 1, fallbackKey: 'B', file: null },
  })
})

test('a kept record is as late as its row, so that replaying it is not stale', async () => {
  const run = await freshRun()
  // A corrected mapping: the record is the same, its row is not.
  await load(session, run, batchOf({ records: [recordOf({ ordinal: 1 })], rows: [row({ source_ordinal: 1 })] }))
  const corrected = row({ source_ordinal: 50, first_name: 'corrected' })
  await load(session, run, batchOf({ records: [recordOf({ ordinal: 50 })], rows: [corrected] }))
  expect(await records(run)).toMatchObject([{ ordinal: 50 }])
  const [[kept] = []] = await collected(keptRecords(session, run, 10))
  expect(kept?.place.ordinal).toBe(50)
  const replay = await laterRun({ command: 'replay', authoritative: true })
  const { upsert } = await load(
    session,
    replay,
    batchOf({ rows: [row({ source_ordinal: kept?.place.ordinal ?? 0, first_name: 'a replay says' })] }),
  )
  expect(upsert).toMatchObject({ updated: 1, stale: 0 })
})

test('a kept record of several rows is as late as the latest of them', async () => {
  const run = await freshRun()
  const of = (message_id: string, source_ordinal: number) => row({ record_id: 'conv', message_id, source_ordinal })
  const conv = recordOf({ recordId: 'conv' })
  await load(session, run, batchOf({ records: [conv], rows: [of('conv/1', 1), of('conv/2', 1)] }))
  const corrected = { ...of('conv/2', 50), first_name: 'corrected' }
  await load(session, run, batchOf({ records: [{ ...conv, ordinal: 50 }], rows: [of('conv/1', 50), corrected] }))
  expect(await records(run)).toMatchObject([{ ordinal: 50 }])
})

test('what its listing showed of a record goes through a replay with it, also out of quarantine', async () => {
  const run = await freshRun()
  const stub = { parentId: 'call-1', windowAt: 1_784_041_331_000_001, joinedVersion: 5, fingerprint: 'f1' }
  const rejected = recordOf({ ...stub, recordId: 'rejected', outcome: 'reject', reason: 'missing-time' })
  await load(
    session,
    run,
    batchOf({ records: [recordOf(stub), rejected], rejects: [rejectOf({ rejectKey: 'rejected' })] }),
  )
  expect(await collected(keptRecords(session, run, 10))).toMatchObject([[{ key: 'rec-1', ...stub }]])
  expect(await collected(keptRejects(session, run, 10))).toMatchObject([[{ key: 'rejected', ...stub }]])
})

test('a kept record does not borrow the ordinal of a row that another record made', async () => {
  const run = await freshRun()
  await load(session, run, batchOf({ records: [recordOf({ ordinal: 1 })], rows: [row({ source_ordinal: 1 })] }))
  await load(session, run, batchOf({ rows: [row({ source_ordinal: 50, first_name: 'of a later dump' })] }))
  const [[kept] = []] = await collected(keptRecords(session, run, 10))
  expect(kept?.place.ordinal).toBe(1)
  const replay = await laterRun({ command: 'replay', authoritative: true })
  const { upsert } = await load(session, replay, batchOf({ rows: [row({ source_ordinal: 1 })] }))
  expect(upsert).toMatchObject({ updated: 0, stale: 1 })
})

test('kept rejects are the open ones that can be flattened again, with their place', async () => {
  const run = await freshRun()
  const file = { name: 'july.csv', contentHash: 'f1', ordinal: 3, line: 5 }
  await load(
    session,
    run,
    batchOf({
      rejects: [
        rejectOf({ rejectKey: 'open', file }),
        rejectOf({ rejectKey: 'text', payloadKind: 'text', payload: '{' }),
        rejectOf({ rejectKey: 'bytes', payloadKind: 'base64', payload: '/w==' }),
        rejectOf({ rejectKey: 'resolved' }),
        rejectOf({ rejectKey: 'aged' }),
      ],
    }),
  )
  await load(session, run, batchOf({ rows: [row({ message_id: 'resolved' })] }))
  await database.rows("update reelhouse.rejected_records set payload = null where reject_key = 'aged'")
  expect(await collected(keptRejects(session, run, 10))).toEqual([
    [
      {
        key: 'open',
        payload: '{"id":"rec-1"}',
        parentId: null,
        windowAt: null,
        joinedVersion: null,
        fingerprint: null,
        place: { version: 1, ordinal: 1, fallbackKey: 'open', file },
      },
    ],
  ])
})
