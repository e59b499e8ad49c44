import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batch } from '../../src/domain/batch.ts'
import type { Run } from '../../src/domain/run.ts'
import { keptRecords } from '../../src/load/kept-records.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, load, recordOf, rejectOf, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { rowVersions } from '../support/table-state.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun, laterRun } = runsOf(() => session)

const at = (second: number): number => Date.UTC(2026, 6, 14, 15, 0, second) * 1000

const rows = (run: Run, columns = 'message_id, deleted_at, recording_status, source_ordinal') =>
  database.rows(`select ${columns} from reelhouse.call_recordings where connection_key = $1 order by message_id`, [
    run.rowConnectionKey,
  ])
const records = (run: Run, columns = 'record_id, outcome, reason, ordinal') =>
  database.rows(`select ${columns} from reelhouse.source_records where connection_key = $1 order by record_id`, [
    run.connectionKey,
  ])

/** A record, read at a second, that is one row. */
const readAt = (second: number, stated: Partial<Batch> = {}): Batch => ({
  ...batchOf({
    rows: [row({ source_ordinal: at(second) })],
    records: [recordOf({ ordinal: at(second), fingerprint: 'f1' })],
  }),
  ...stated,
})

const gone = (second: number, recordId = 'rec-1') => batchOf({ gone: [{ recordId, readAt: at(second) }] })

describe('a record that the source has deleted', () => {
  test('leaves its row, which says when and is not shown as living', async () => {
    const run = await freshRun()
    await load(session, run, readAt(1))
    const [before] = await rows(run, 'last_changed_at, first_loaded_at')
    const later = await laterRun()
    const counts = await load(session, later, gone(2))
    expect(counts.upsert.rows).toBe(0)
    expect(
      await rows(
        run,
        `message_id, deleted_at, recording_status, source_version, source_ordinal, run_id, first_name,
         last_changed_at > '${before?.last_changed_at}' as changed, first_loaded_at`,
      ),
    ).toEqual([
      {
        message_id: 'rec-1',
        deleted_at: '2026-07-14 15:00:02+00',
        recording_status: 'deleted',
        source_version: 1,
        source_ordinal: at(2),
        run_id: later.runId,
        first_name: 'Jo',
        changed: true,
        first_loaded_at: before?.first_loaded_at,
      },
    ])
    expect(await records(run, 'outcome, reason, ordinal, version, fingerprint, payload, run_id')).toEqual([
      {
        outcome: 'deleted',
        reason: 'gone',
        ordinal: at(2),
        version: 1,
        fingerprint: 'f1',
        payload: '{"id":"rec-1"}',
        run_id: later.runId,
      },
    ])
    expect(
      await database.rows(
        `select message_id from reelhouse.recordings join reelhouse.connections using (connection_id)
         where connection_key = $1`,
        [later.connectionKey],
      ),
    ).toEqual([])
  })

  test('is deleted once: proving it again writes nothing', async () => {
    const run = await freshRun()
    await load(session, run, readAt(1))
    await load(session, run, gone(2))
    const before = await rowVersions(database)
    await load(session, run, gone(3))
    await load(session, run, gone(3, 'never-seen'))
    expect(await rowVersions(database)).toEqual(before)
  })

  test('lives again when it is seen later, with equal content and version', async () => {
    const run = await freshRun()
    await load(session, run, readAt(1))
    await load(session, run, gone(2))
    expect((await load(session, run, readAt(3))).upsert).toMatchObject({ updated: 1 })
    expect(await rows(run)).toEqual([
      { message_id: 'rec-1', deleted_at: null, recording_status: 'available', source_ordinal: at(3) },
    ])
    expect(await records(run)).toEqual([{ record_id: 'rec-1', outcome: 'row', reason: null, ordinal: at(3) }])
    // A proof from before that is too old.
    await load(session, run, gone(2))
    expect(await rows(run)).toMatchObject([{ deleted_at: null }])
  })

  test('lives again without the status of a deleted one, also when the source states none', async () => {
    const run = await freshRun()
    await load(session, run, readAt(1))
    await load(session, run, gone(2))
    const unstated = row({ source_ordinal: at(3), recording_status: undefined })
    await load(session, run, batchOf({ rows: [unstated] }))
    expect(await rows(run)).toMatchObject([{ deleted_at: null, recording_status: null }])
  })

  test.each(['reject', 'skip', 'pending'] as const)(
    'lives again as it was when it is seen as a %s',
    async (outcome) => {
      const run = await freshRun()
      await load(session, run, readAt(1))
      await load(session, run, gone(2))
      const seen = (second: number): Batch =>
        batchOf({ records: [recordOf({ ordinal: at(second), outcome, reason: 'why', payload: '{"odd":1}' })] })
      await load(session, run, seen(3))
      const living = { message_id: 'rec-1', deleted_at: null, recording_status: null, source_ordinal: at(3) }
      expect(await rows(run)).toEqual([living])
      expect(await records(run)).toEqual([{ record_id: 'rec-1', outcome, reason: 'why', ordinal: at(3) }])
      // A proof from before that is too old, and so is a reading: the row has been living since.
      await load(session, run, gone(2))
      await load(session, run, seen(2))
      expect(await rows(run)).toEqual([living])
      await load(session, run, gone(4))
      expect(await rows(run)).toMatchObject([{ recording_status: 'deleted', source_ordinal: at(4) }])
      // A reading from before the proof brings nothing back.
      await load(session, run, seen(3))
      expect(await rows(run)).toMatchObject([{ recording_status: 'deleted', source_ordinal: at(4) }])
    },
  )

  test('lives again with what is stored when it is seen with an older version, and can be deleted again', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      readAt(1, { rows: [row({ source_ordinal: at(1), source_version: 9, first_name: 'Ann' })] }),
    )
    await load(session, run, gone(2))
    const older = readAt(3, { rows: [row({ source_ordinal: at(3), source_version: 5, first_name: 'Jo' })] })
    expect((await load(session, run, older)).upsert).toMatchObject({ stale: 1 })
    expect(await rows(run, 'first_name, source_version, deleted_at')).toEqual([
      { first_name: 'Ann', source_version: 9, deleted_at: null },
    ])
    expect(await records(run)).toMatchObject([{ outcome: 'row', ordinal: at(3) }])
    await load(session, run, gone(4))
    expect(await rows(run)).toMatchObject([{ recording_status: 'deleted' }])
    expect(await records(run)).toMatchObject([{ outcome: 'deleted' }])
  })

  test('lives again with all its rows when it is seen and rejected', async () => {
    const run = await freshRun()
    const of = (message_id: string) => row({ record_id: 'conv', message_id, source_ordinal: at(1) })
    await load(
      session,
      run,
      batchOf({ rows: [of('conv/1'), of('conv/2')], records: [recordOf({ recordId: 'conv', ordinal: at(1) })] }),
    )
    await load(session, run, gone(2, 'conv'))
    await load(
      session,
      run,
      batchOf({ records: [recordOf({ recordId: 'conv', ordinal: at(3), outcome: 'reject', reason: 'why' })] }),
    )
    expect(await rows(run, 'message_id, deleted_at')).toEqual([
      { message_id: 'conv/1', deleted_at: null },
      { message_id: 'conv/2', deleted_at: null },
    ])
  })

  test.each([
    ['alone', []],
    [
      'beside a record that is older than what is stored',
      [row({ source_version: 0, source_ordinal: at(3), first_name: 'Ann' })],
    ],
  ])('lives again with the rows that it has now, and no others (%s)', async (_, beside) => {
    const run = await freshRun()
    const of = (message_id: string, second: number) =>
      row({ record_id: 'conv', message_id, source_ordinal: at(second) })
    const record = (second: number) => recordOf({ recordId: 'conv', ordinal: at(second) })
    await load(session, run, readAt(1))
    await load(session, run, batchOf({ rows: [of('conv/1', 1), of('conv/2', 1)], records: [record(1)] }))
    await load(session, run, gone(2, 'conv'))
    const { upsert } = await load(
      session,
      run,
      batchOf({
        rows: [of('conv/1', 3), ...beside],
        records: [record(3), ...beside.map(() => recordOf({ ordinal: at(3) }))],
      }),
    )
    expect(upsert).toMatchObject({ updated: 1, stale: beside.length })
    expect(await rows(run, 'message_id, deleted_at is not null as deleted')).toEqual([
      { message_id: 'conv/1', deleted: false },
      { message_id: 'conv/2', deleted: true },
      { message_id: 'rec-1', deleted: false },
    ])
  })

  test('stays deleted when what was read before that is committed later', async () => {
    const run = await freshRun()
    await load(session, run, readAt(1))
    await load(session, run, gone(5))
    expect((await load(session, run, readAt(4))).upsert).toMatchObject({ stale: 1 })
    expect(await rows(run)).toMatchObject([{ recording_status: 'deleted' }])
    expect(await records(run)).toMatchObject([{ outcome: 'deleted', ordinal: at(5) }])
  })

  test('is judged within one batch by when it was read and when it was gone', async () => {
    const [first, then] = [await freshRun(), await freshRun()]
    await load(session, first, readAt(1, { gone: [{ recordId: 'rec-1', readAt: at(2) }] }))
    expect(await rows(first)).toMatchObject([{ recording_status: 'deleted' }])
    await load(session, then, readAt(3, { gone: [{ recordId: 'rec-1', readAt: at(2) }] }))
    expect(await rows(then)).toMatchObject([{ deleted_at: null, recording_status: 'available' }])
    expect(await records(then)).toMatchObject([{ outcome: 'row' }])
  })

  test('takes all its rows with it, and no row of another record', async () => {
    const run = await freshRun()
    const of = (record_id: string, message_id: string) => row({ record_id, message_id, source_ordinal: at(1) })
    await load(session, run, batchOf({ rows: [of('conv', 'conv/1'), of('conv', 'conv/2'), of('other', 'conv')] }))
    await load(session, run, gone(2, 'conv'))
    expect(await rows(run, 'message_id, deleted_at is not null as deleted')).toEqual([
      { message_id: 'conv', deleted: false },
      { message_id: 'conv/1', deleted: true },
      { message_id: 'conv/2', deleted: true },
    ])
  })

  test('is waited for no more, and what was rejected of it is settled', async () => {
    const run = await freshRun()
    const ids = ['waited-for', 'rejected', 'other']
    await load(
      session,
      run,
      batchOf({
        records: [
          recordOf({ recordId: 'waited-for', outcome: 'pending', reason: 'status-processing', ordinal: at(1) }),
          recordOf({ recordId: 'rejected', outcome: 'reject', reason: 'missing-time', ordinal: at(1) }),
        ],
        rejects: ids.map((rejectKey) => rejectOf({ rejectKey, ordinal: at(1) })),
        followUps: ids.map((recordId) => followUpOf({ recordId })),
      }),
    )
    const readSince = recordOf({ recordId: 'other', outcome: 'pending', reason: 'status-processing', ordinal: at(3) })
    await load(
      session,
      run,
      batchOf({
        records: [readSince],
        gone: ids.map((recordId) => ({ recordId, readAt: at(recordId === 'other' ? 0 : 2) })),
      }),
    )
    expect(await records(run)).toEqual([
      { record_id: 'other', outcome: 'pending', reason: 'status-processing', ordinal: at(3) },
      { record_id: 'rejected', outcome: 'deleted', reason: 'gone', ordinal: at(2) },
      { record_id: 'waited-for', outcome: 'deleted', reason: 'gone', ordinal: at(2) },
    ])
    expect(
      await database.rows(
        'select reject_key, resolved_at is null as open from reelhouse.rejected_records where connection_key = $1 order by 1',
        [run.connectionKey],
      ),
    ).toEqual([
      { reject_key: 'other', open: true },
      { reject_key: 'rejected', open: false },
      { reject_key: 'waited-for', open: false },
    ])
    expect(
      await database.rows('select record_id from reelhouse.follow_ups where connection_key = $1', [run.connectionKey]),
    ).toEqual([{ record_id: 'other' }])
  })

  test('is not replayed, nor is one that is still waited for', async () => {
    const run = await freshRun()
    const outcomes = ['row', 'skip', 'pending', 'reject', 'forgotten'] as const
    const kept = outcomes.map((outcome) => recordOf({ recordId: outcome, outcome, ordinal: at(1) }))
    await load(session, run, batchOf({ records: [...kept, recordOf({ recordId: 'deleted', ordinal: at(1) })] }))
    await load(session, run, gone(2, 'deleted'))
    const replayed: string[] = []
    for await (const page of keptRecords(session, run, 10)) replayed.push(...page.map(({ key }) => key))
    expect(replayed).toEqual(['row', 'skip'])
  })
})

test('what a connection reads into another is deleted there', async () => {
  const [own, other] = [await freshRun(), await freshRun()]
  const into = { ...own, rowConnectionKey: other.connectionKey }
  await load(session, into, readAt(1))
  await load(session, other, batchOf({ rows: [row({ message_id: 'rec-2', source_ordinal: at(1) })] }))
  await load(session, into, gone(2))
  expect(await rows(other, 'message_id, deleted_at is not null as deleted')).toEqual([
    { message_id: 'rec-1', deleted: true },
    { message_id: 'rec-2', deleted: false },
  ])
  expect(await records(own)).toMatchObject([{ outcome: 'deleted' }])
})
