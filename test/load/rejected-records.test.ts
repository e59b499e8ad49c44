import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FilePlace, Reject } from '../../src/domain/batch.ts'
import type { Run } from '../../src/domain/run.ts'
import { beginFile } from '../../src/load/loaded-files.ts'
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

const quarantine = (run: Run) =>
  database.rows(
    `select reject_key, code, version, ordinal, resolved_at is null as open
     from reelhouse.rejected_records where connection_key = $1 order by reject_key`,
    [run.connectionKey],
  )

/** Also what must not change when the same is read again. */
const everything = (run: Run) =>
  database.rows(
    'select *, ctid::text, xmin::text, xmax::text from reelhouse.rejected_records where connection_key = $1',
    [run.connectionKey],
  )

const entry = (stated: Record<string, unknown> = {}) => ({
  reject_key: 'rec-1',
  code: 'invalid-time',
  version: 1,
  ordinal: 1,
  open: true,
  ...stated,
})

const rejects = (...stated: readonly Partial<Reject>[]) => batchOf({ rejects: stated.map(rejectOf) })

test('a reject is kept with its reason, its content and its place', async () => {
  const run = await freshRun()
  const file: FilePlace = { name: 'dumps/july.csv', contentHash: 'f1', ordinal: 4, line: 6 }
  await load(session, run, rejects({ file }))
  expect(
    await database.rows(
      `select stream, reject_key, code, path, detail, version, ordinal, payload_kind, payload, content_hash, file_ordinal,
        file_name, line, resolved_at, run_id, first_seen_at = last_changed_at as new
       from reelhouse.rejected_records where connection_key = $1`,
      [run.connectionKey],
    ),
  ).toEqual([
    {
      stream: 'recordings',
      reject_key: 'rec-1',
      code: 'invalid-time',
      path: 'start_time',
      detail: '"soon" is no instant',
      version: 1,
      ordinal: 1,
      payload_kind: 'record',
      payload: '{"id":"rec-1"}',
      content_hash: 'f1',
      file_ordinal: 4,
      file_name: 'dumps/july.csv',
      line: 6,
      resolved_at: null,
      run_id: run.runId,
      new: true,
    },
  ])
})

test('what Postgres cannot hold is replaced, wherever it stands, and costs no batch', async () => {
  const run = await freshRun()
  const hostile = rejectOf({
    rejectKey: 'a\0b\ud800',
    reason: { code: 'co\0de', path: 'pa\0th', detail: 'de\0tail' },
    payloadKind: 'text',
    payload: 'one\0two\udc00',
    file: { name: 'dump\0.csv', contentHash: 'f1', ordinal: 0, line: 1 },
  })
  await load(session, run, batchOf({ rejects: [hostile], records: [recordOf({ recordId: 'r\0', reason: 'x\0' })] }))
  expect(
    await database.rows(
      'select reject_key, code, path, detail, payload, file_name from reelhouse.rejected_records where connection_key = $1',
      [run.connectionKey],
    ),
  ).toEqual([
    {
      reject_key: 'a\ufffdb\ufffd',
      code: 'co\ufffdde',
      path: 'pa\ufffdth',
      detail: 'de\ufffdtail',
      payload: 'one\ufffdtwo\ufffd',
      file_name: 'dump\ufffd.csv',
    },
  ])
  const before = await everything(run)
  await load(session, run, batchOf({ rejects: [hostile] }))
  expect(await everything(run)).toEqual(before)
})

describe('reading a reject again', () => {
  test('changes nothing, whether it is read with the same place in the order or a later one', async () => {
    const run = await freshRun()
    await load(session, run, rejects({}))
    const before = await everything(run)
    await load(session, run, rejects({}))
    await load(session, await laterRun(), rejects({ ordinal: 5 }))
    expect(await everything(run)).toEqual(before)
  })

  test('with another reason or another content is written, and stays one reject', async () => {
    const run = await freshRun()
    await load(session, run, rejects({}))
    await load(session, run, rejects({ ordinal: 2, reason: { code: 'missing-time', path: null, detail: 'none' } }))
    expect(await quarantine(run)).toEqual([entry({ code: 'missing-time', ordinal: 2 })])
    await load(
      session,
      run,
      rejects({
        ordinal: 3,
        payload: '{"id":"rec-1","x":1}',
        reason: { code: 'missing-time', path: null, detail: 'none' },
      }),
    )
    expect(await quarantine(run)).toEqual([entry({ code: 'missing-time', ordinal: 3 })])
  })

  test('of an older version is ignored', async () => {
    const run = await freshRun()
    await load(session, run, rejects({ version: 2, reason: { code: 'newer', path: null, detail: '' } }))
    const before = await everything(run)
    await load(session, run, rejects({ version: 1, ordinal: 9 }, { rejectKey: 'rec-1', version: null, ordinal: 99 }))
    expect(await everything(run)).toEqual(before)
  })

  test('whose payload has aged out leaves it so', async () => {
    const run = await freshRun()
    await load(session, run, rejects({}))
    await database.rows('update reelhouse.rejected_records set payload = null where connection_key = $1', [
      run.connectionKey,
    ])
    const before = await everything(run)
    await load(session, run, rejects({}))
    expect(await everything(run)).toEqual(before)
  })

  test('twice in one batch keeps the newest: a stated version beats none, then the higher ordinal', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      rejects(
        { version: null, ordinal: 9, reason: { code: 'unstated', path: null, detail: '' } },
        { version: 1, ordinal: 2, reason: { code: 'second', path: null, detail: '' } },
        { version: 1, ordinal: 1, reason: { code: 'first', path: null, detail: '' } },
      ),
    )
    expect(await quarantine(run)).toEqual([entry({ code: 'second', version: 1, ordinal: 2 })])
  })
})

describe('success resolves', () => {
  test('by the id of the record, when its version is at least as new', async () => {
    const run = await freshRun()
    await load(session, run, rejects({ version: 2 }))
    await load(session, run, batchOf({ rows: [row({ source_version: 1, source_ordinal: 9 })] }))
    expect(await quarantine(run)).toEqual([entry({ version: 2 })])
    await load(session, run, batchOf({ rows: [row({ source_version: 2 })] }))
    expect(await quarantine(run)).toEqual([entry({ version: 2, open: false })])
  })

  test('by the id of the record also when its row is stored already with equal content', async () => {
    const run = await freshRun()
    await load(session, run, batchOf({ rows: [row()] }))
    await load(session, run, rejects({ ordinal: 5 }))
    await load(session, run, batchOf({ rows: [row({ source_ordinal: 6 })] }))
    expect(await quarantine(run)).toEqual([entry({ ordinal: 6, open: false })])
  })

  test('only within the connection and the stream', async () => {
    const [one, other] = [await freshRun(), await freshRun()]
    await load(session, one, rejects({}))
    await load(session, { ...one, stream: 'messages' }, rejects({}))
    await load(session, other, batchOf({ rows: [row({ source_version: 5 })] }))
    expect(await quarantine(one)).toEqual([entry(), entry()])
    await load(session, one, batchOf({ rows: [row({ source_version: 5 })] }))
    expect(
      await database.rows(
        'select stream, resolved_at is null as open from reelhouse.rejected_records where connection_key = $1 order by stream',
        [one.connectionKey],
      ),
    ).toEqual([
      { stream: 'messages', open: true },
      { stream: 'recordings', open: false },
    ])
  })

  test('at the same place of the file, of a record whose id could not be read', async () => {
    const run = await freshRun()
    const load1 = await begin(run, 'f1', 'a')
    const place = (ordinal: number): FilePlace => ({ name: 'july.csv', contentHash: 'f1', ordinal, line: ordinal + 2 })
    const idless = [0, 1, 2].map((n) => rejectOf({ rejectKey: `f1:${n}`, version: null, ordinal: n, file: place(n) }))
    await load(session, run, batchOf({ rejects: idless, fileProgress: progress(load1, 0, 3) }))
    const load2 = await begin(run, 'f1', 'b')
    // Now 0 is a row and 1 is still rejected; 2 has not been reached.
    const batch = batchOf({
      rows: [row({ message_id: 'rec-0' })],
      rejects: idless.slice(1, 2),
      fileProgress: progress(load2, 0, 2),
    })
    await load(session, run, batch)
    expect(await quarantine(run)).toEqual([
      entry({ reject_key: 'f1:0', version: null, ordinal: 0, open: false }),
      entry({ reject_key: 'f1:1', version: null, ordinal: 1 }),
      entry({ reject_key: 'f1:2', version: null, ordinal: 2 }),
    ])
  })

  test('at the same place of the file, also when another reject is there now', async () => {
    const run = await freshRun()
    const place: FilePlace = { name: 'july.csv', contentHash: 'f2', ordinal: 0, line: 2 }
    const first = rejectOf({ rejectKey: 'f2:0', file: place })
    await load(
      session,
      run,
      batchOf({ rejects: [first], fileProgress: progress(await begin(run, 'f2', 'a'), 0, 1, 'f2') }),
    )
    const now = rejectOf({ rejectKey: 'rec-7', file: place })
    await load(
      session,
      run,
      batchOf({ rejects: [now], fileProgress: progress(await begin(run, 'f2', 'b'), 0, 1, 'f2') }),
    )
    expect(await quarantine(run)).toEqual([entry({ reject_key: 'f2:0', open: false }), entry({ reject_key: 'rec-7' })])
  })

  test('by the keys that a replay has settled, unless they were rejected again meanwhile', async () => {
    const run = await freshRun()
    await load(session, run, rejects({ rejectKey: 'a' }, { rejectKey: 'b' }, { rejectKey: 'c\0' }))
    const replay = await laterRun({ command: 'replay', authoritative: true })
    await load(session, run, rejects({ rejectKey: 'b', version: 2 }))
    await load(session, replay, batchOf({ settled: ['a', 'b', 'c\0'] }))
    expect(await quarantine(run)).toEqual([
      entry({ reject_key: 'a', open: false }),
      entry({ reject_key: 'b', version: 2 }),
      entry({ reject_key: 'c\ufffd', open: false }),
    ])
  })
})

describe('a reject of a record that is loaded', () => {
  test('is born resolved when a newer version is loaded', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      batchOf({ rows: [row({ source_version: 2 }), row({ message_id: 'rec-2', source_version: 0 })] }),
    )
    await load(session, run, rejects({ version: 1 }, { rejectKey: 'rec-2', version: null, ordinal: 99 }))
    expect(await quarantine(run)).toEqual([
      entry({ open: false }),
      // Its version could not be read: it may be the newest.
      entry({ reject_key: 'rec-2', version: null, ordinal: 99, open: true }),
    ])
    const before = await everything(run)
    await load(session, run, rejects({ version: 1 }, { rejectKey: 'rec-2', version: null, ordinal: 99 }))
    expect(await everything(run)).toEqual(before)
  })

  test('is judged by the newest of its rows, when it made several', async () => {
    const run = await freshRun()
    const of = (message_id: string, source_version: number) => row({ record_id: 'conv', message_id, source_version })
    await load(session, run, batchOf({ rows: [of('conv/1', 1), of('conv/2', 3), of('conv/3', 2)] }))
    await load(session, run, rejects({ rejectKey: 'conv', version: 2 }))
    expect(await quarantine(run)).toEqual([entry({ reject_key: 'conv', version: 2, open: false })])
    await load(session, run, rejects({ rejectKey: 'conv', version: 4 }))
    expect(await quarantine(run)).toEqual([entry({ reject_key: 'conv', version: 4 })])
    await load(session, run, batchOf({ rows: [of('conv/1', 4)] }))
    expect(await quarantine(run)).toEqual([entry({ reject_key: 'conv', version: 4, open: false })])
  })

  test('is open when it is a newer version', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      batchOf({ rows: [row({ source_version: 2 }), row({ message_id: 'rec-2', source_version: null })] }),
    )
    await load(session, run, rejects({ version: 3 }, { rejectKey: 'rec-2', version: -1, ordinal: 0 }))
    expect(await quarantine(run)).toEqual([
      entry({ version: 3 }),
      entry({ reject_key: 'rec-2', version: -1, ordinal: 0 }),
    ])
  })

  test('is judged in the same batch by version and ordinal, not by what comes first', async () => {
    const run = await freshRun()
    await load(
      session,
      run,
      batchOf({
        rows: [
          row({ message_id: 'a', source_ordinal: 2 }),
          row({ message_id: 'b', source_ordinal: 1 }),
          row({ message_id: 'c', source_version: null, source_ordinal: 9 }),
        ],
        rejects: [
          rejectOf({ rejectKey: 'a', ordinal: 1 }),
          rejectOf({ rejectKey: 'b', ordinal: 2 }),
          rejectOf({ rejectKey: 'c', version: 0, ordinal: 0 }),
        ],
      }),
    )
    expect(await quarantine(run)).toEqual([
      entry({ reject_key: 'a', open: false }),
      entry({ reject_key: 'b', ordinal: 2 }),
      entry({ reject_key: 'c', version: 0, ordinal: 0 }),
    ])
  })

  test('stays resolved when what was rejected before the success is read again', async () => {
    const run = await freshRun()
    // The row keeps ordinal 1: its content at ordinal 7 is the same.
    await load(session, run, batchOf({ rows: [row({ source_ordinal: 1 })] }))
    const file = batchOf({ rejects: [rejectOf({ ordinal: 3 })], rows: [row({ source_ordinal: 7 })] })
    await load(session, run, file)
    expect(await quarantine(run)).toEqual([entry({ ordinal: 7, open: false })])
    const before = await everything(run)
    await load(session, run, file)
    await load(session, run, rejects({ ordinal: 3 }))
    expect(await everything(run)).toEqual(before)
  })

  test('is open again when a replay rejects the version that was loaded', async () => {
    const run = await freshRun()
    await load(session, run, rejects({}))
    await load(session, run, batchOf({ rows: [row()] }))
    expect(await quarantine(run)).toEqual([entry({ open: false })])
    const replay = await laterRun({ command: 'replay', authoritative: true })
    await load(session, replay, rejects({}))
    expect(await quarantine(run)).toEqual([entry()])
  })
})

const begin = (run: Run, contentHash: string, mappingHash: string) =>
  beginFile(session, run.connectionKey, {
    fileName: 'july.csv',
    contentHash,
    contentBytes: 100,
    mappingHash,
    version: null,
    versionIsStated: false,
  })

const progress = ({ fileKey }: { readonly fileKey: number }, from: number, to: number, contentHash = 'f1') => ({
  fileKey,
  contentHash,
  version: null,
  from,
  to,
})
