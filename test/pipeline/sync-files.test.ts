import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LoadError, LockHeldError, SourceProtocolError, TransientError } from '../../src/domain/errors.ts'
import type { Step } from '../../src/domain/step.ts'
import { takeLock } from '../../src/load/locks.ts'
import type { FileReadProgress } from '../../src/pipeline/reporter.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { flattenListRecord, type ListFile } from '../support/list-stream.ts'
import { sync, withLoader } from '../support/syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let connections = 0
const freshConnection = (): string => {
  connections += 1
  return `connection-${connections}`
}

const of = (connection: string, sql: string) =>
  database.rows(sql.replace('$c', '(select connection_key from reelhouse.connections where connection_id = $1)'), [
    connection,
  ])

const ids = async (connection: string) =>
  (await of(connection, 'select message_id from reelhouse.call_recordings where connection_key = $c order by 1')).map(
    ({ message_id }) => message_id,
  )
const names = async (connection: string) =>
  (
    await of(
      connection,
      'select first_name from reelhouse.call_recordings where connection_key = $c order by message_id',
    )
  ).map(({ first_name }) => first_name)
const runs = (connection: string, columns = 'state, error') =>
  of(connection, `select ${columns} from reelhouse.runs where connection_key = $c order by run_id`)
const ledger = (connection: string, columns = 'file_name, state, records_committed') =>
  of(connection, `select ${columns} from reelhouse.loaded_files where connection_key = $c order by file_key`)

const recordsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `rec-${String(first + n).padStart(2, '0')}` }))
const fileOf = (name: string, first: number, count: number, stated: Partial<ListFile> = {}): ListFile => ({
  name,
  records: recordsFrom(first, count),
  ...stated,
})

const noRows = { rows: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 }

describe('a sync', () => {
  test('loads every file, batch after batch, and accounts for every record', async () => {
    const connection = freshConnection()
    const progress: FileReadProgress[] = []
    const mixed: ListFile = {
      name: 'b.csv',
      records: [
        { id: 'x' },
        { reject: 'missing-time', id: 'y' },
        { unreadable: '{' },
        { skip: 'screen' },
        { throws: 'boom' },
      ],
    }
    const outcome = await sync(database, { connection, files: [fileOf('a.csv', 0, 5), mixed], progress })
    expect(outcome).toEqual({
      state: 'succeeded',
      loaded: 2,
      known: 0,
      failures: [],
      counts: {
        read: { listed: 10, flattened: 6, rejected: 3, skipped: 1, pending: 0 },
        upsert: { ...noRows, rows: 6, inserted: 6 },
        tallies: { 'portfolio-unmapped': 6, 'skip.screen': 1 },
      },
    })
    expect(await ids(connection)).toEqual(['rec-00', 'rec-01', 'rec-02', 'rec-03', 'rec-04', 'x'])
    expect(
      await ledger(connection, 'file_name, state, records_committed, records_total, flattened, rejected, skipped'),
    ).toEqual([
      {
        file_name: 'a.csv',
        state: 'loaded',
        records_committed: 5,
        records_total: 5,
        flattened: 5,
        rejected: 0,
        skipped: 0,
      },
      {
        file_name: 'b.csv',
        state: 'loaded',
        records_committed: 5,
        records_total: 5,
        flattened: 1,
        rejected: 3,
        skipped: 1,
      },
    ])
    expect(progress.map(({ file, records }) => [file, records])).toEqual([
      ['a.csv', 2],
      ['a.csv', 4],
      ['a.csv', 5],
      ['b.csv', 2],
      ['b.csv', 5],
    ])
    expect(await runs(connection, 'state, error, listed, rows, inserted')).toEqual([
      { state: 'succeeded', error: null, listed: 10, rows: 6, inserted: 6 },
    ])
  })

  test('with nothing new neither scans nor reads a file, and costs one row of runs', async () => {
    const connection = freshConnection()
    const files = [fileOf('a.csv', 0, 3), fileOf('b.csv', 3, 3)]
    await sync(database, { connection, files })
    const before = await of(
      connection,
      'select *, ctid::text, xmin::text, xmax::text from reelhouse.loaded_files where connection_key = $c',
    )
    const journal: string[] = []
    const outcome = await sync(database, { connection, files, journal })
    expect(outcome).toMatchObject({ state: 'succeeded', loaded: 0, known: 2, counts: { upsert: noRows } })
    expect(journal).toEqual([])
    expect(
      await of(
        connection,
        'select *, ctid::text, xmin::text, xmax::text from reelhouse.loaded_files where connection_key = $c',
      ),
    ).toEqual(before)
    expect(await runs(connection)).toHaveLength(2)
  })

  test('scans a file whose marks changed, and knows its content', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [fileOf('a.csv', 0, 3)] })
    const journal: string[] = []
    const touched = fileOf('a.csv', 0, 3, { modifiedAt: Date.now() * 1000 - 60_000_000 })
    expect(await sync(database, { connection, files: [touched], journal })).toMatchObject({ loaded: 0, known: 1 })
    expect(journal).toEqual(['scan a.csv'])
    expect(await sync(database, { connection, files: [touched], journal })).toMatchObject({ loaded: 0, known: 1 })
    expect(journal).toEqual(['scan a.csv'])
  })

  test('scans a file again that was changed just before it was read', async () => {
    const connection = freshConnection()
    const fresh = fileOf('a.csv', 0, 1, { modifiedAt: Date.now() * 1000 })
    const journal: string[] = []
    for (let n = 0; n < 2; n += 1) await sync(database, { connection, files: [fresh], journal })
    expect(journal).toEqual(['scan a.csv', 'read a.csv 0', 'scan a.csv'])
  })

  test('of an empty file knows it from then on', async () => {
    const connection = freshConnection()
    expect(await sync(database, { connection, files: [fileOf('a.csv', 0, 0)] })).toMatchObject({ loaded: 1 })
    expect(await sync(database, { connection, files: [fileOf('a.csv', 0, 0)] })).toMatchObject({ known: 1 })
  })

  test('by force reads known files again and lets what they become now win', async () => {
    const connection = freshConnection()
    const files = [fileOf('a.csv', 0, 3)]
    await sync(database, { connection, files })
    const better: typeof flattenListRecord = (record, context) => {
      const flattened = flattenListRecord(record, context)
      return flattened.kind === 'rows'
        ? { ...flattened, rows: flattened.rows.map((row) => ({ ...row, first_name: 'Ann' })) }
        : flattened
    }
    const outcome = await sync(database, { connection, files, force: true, flatten: better })
    expect(outcome).toMatchObject({ loaded: 1, known: 0, counts: { upsert: { updated: 3 } } })
    expect(await names(connection)).toEqual(['Ann', 'Ann', 'Ann'])
  })

  test('after a corrected mapping loads known files again; what was rejected then is resolved', async () => {
    const connection = freshConnection()
    const records = [{ id: 'a' }, { reject: 'missing-id' }, { reject: 'missing-time', id: 'c' }]
    await sync(database, { connection, files: [{ name: 'a.csv', records }] })
    const quarantine =
      'select reject_key, resolved_at is null as open from reelhouse.rejected_records where connection_key = $c order by reject_key desc'
    expect((await of(connection, quarantine)).map(({ open }) => open)).toEqual([true, true])
    let ordinal = 0
    const corrected: typeof flattenListRecord = (_, context) => {
      ordinal += 1
      return flattenListRecord({ id: `corrected-${ordinal}` }, context)
    }
    await sync(database, {
      connection,
      files: [{ name: 'a.csv', records }],
      mappingHash: 'mapping-b',
      flatten: corrected,
    })
    expect((await of(connection, quarantine)).map(({ open }) => open)).toEqual([false, false])
  })
})

describe('when a file breaks off', () => {
  test('what was read before is committed, and the next run goes on from there', async () => {
    const connection = freshConnection()
    const broken = fileOf('a.csv', 0, 9, { breaksAt: 7 })
    const warnings: string[] = []
    const outcome = await sync(database, { connection, files: [broken], warnings })
    expect(outcome).toMatchObject({ state: 'failed', loaded: 0, counts: { read: { listed: 7 } } })
    expect(outcome.failures).toEqual([new SourceProtocolError('a.csv: breaks off at record 7')])
    expect(warnings).toEqual(['a.csv: breaks off at record 7'])
    expect(await ids(connection)).toHaveLength(7)
    expect(await ledger(connection)).toEqual([{ file_name: 'a.csv', state: 'loading', records_committed: 7 }])
    expect(await runs(connection)).toEqual([{ state: 'failed', error: 'a.csv: breaks off at record 7' }])
    const journal: string[] = []
    const next = await sync(database, { connection, files: [fileOf('a.csv', 0, 9)], journal })
    expect(next).toMatchObject({
      state: 'succeeded',
      loaded: 1,
      counts: { read: { listed: 2 }, upsert: { inserted: 2 } },
    })
    expect(journal).toEqual(['scan a.csv', 'read a.csv 7'])
    expect(await ledger(connection)).toEqual([{ file_name: 'a.csv', state: 'loaded', records_committed: 9 }])
  })

  test('its neighbours are loaded, and every failure is told', async () => {
    const connection = freshConnection()
    const files = [
      fileOf('a.csv', 0, 2, { breaksAt: 1 }),
      fileOf('b.csv', 2, 2),
      fileOf('c.csv', 4, 2, { problem: 'c.csv: its name states no version' }),
      fileOf('d.csv', 6, 2, { scanFails: true }),
      fileOf('e.csv', 8, 2),
    ]
    const outcome = await sync(database, { connection, files })
    expect(outcome).toMatchObject({ state: 'failed', loaded: 2, known: 0 })
    const told = [
      'a.csv: breaks off at record 1',
      'c.csv: its name states no version',
      'd.csv: not what it claims to be',
    ]
    expect(outcome.failures.map(({ message }) => message)).toEqual(told)
    expect(await ids(connection)).toEqual(['rec-00', 'rec-02', 'rec-03', 'rec-08', 'rec-09'])
    expect(await runs(connection)).toEqual([{ state: 'failed', error: told.join('\n') }])
  })
})

describe('when the operator stops the run', () => {
  test('the batch in hand is committed, and the next run goes on from there', async () => {
    const connection = freshConnection()
    const stop = new AbortController()
    const files = [fileOf('a.csv', 0, 9), fileOf('b.csv', 9, 2)]
    const outcome = await sync(database, {
      connection,
      files,
      batchRows: 4,
      signal: stop.signal,
      beforePage: (_, from) => {
        if (from === 4) stop.abort('SIGTERM')
      },
    })
    expect(outcome).toMatchObject({ state: 'stopped', loaded: 0, failures: [], counts: { read: { listed: 6 } } })
    expect(await runs(connection)).toEqual([{ state: 'stopped', error: null }])
    expect(await ledger(connection)).toEqual([{ file_name: 'a.csv', state: 'loading', records_committed: 6 }])
    const next = await sync(database, { connection, files })
    expect(next).toMatchObject({
      state: 'succeeded',
      loaded: 2,
      counts: { read: { listed: 5 }, upsert: { inserted: 5 } },
    })
    expect(await ids(connection)).toHaveLength(11)
  })

  test('on the last page of a file, the next run only completes it', async () => {
    const connection = freshConnection()
    const stop = new AbortController()
    const files = [fileOf('a.csv', 0, 4)]
    const beforePage = (_: string, from: number) => (from === 2 ? stop.abort('SIGINT') : undefined)
    expect(await sync(database, { connection, files, signal: stop.signal, beforePage })).toMatchObject({
      state: 'stopped',
    })
    expect(await ledger(connection)).toEqual([{ file_name: 'a.csv', state: 'loading', records_committed: 4 }])
    expect(await sync(database, { connection, files })).toMatchObject({
      state: 'succeeded',
      loaded: 1,
      counts: { read: { listed: 0 }, upsert: noRows },
    })
  })

  test('while another process reads the connection, it is stopped and not failed', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [] })
    const [{ connection_key: key } = { connection_key: 0 }] = await database.rows<{ connection_key: number }>(
      'select connection_key from reelhouse.connections where connection_id = $1',
      [connection],
    )
    const held = await takeLock(await database.session(), { name: 'window', key, patience: 0 })
    const stop = new AbortController()
    const waiting = sync(database, { connection, files: [fileOf('a.csv', 0, 1)], signal: stop.signal })
    await sleep(150)
    stop.abort('SIGTERM')
    expect(await waiting).toMatchObject({ state: 'stopped', failures: [] })
    await held?.release()
  })
})

describe('when the warehouse fails', () => {
  test('the run ends with a LoadError, which is on record; later files are left for the next run', async () => {
    const connection = freshConnection()
    const impossible: typeof flattenListRecord = (record, context) => {
      const flattened = flattenListRecord(record, context)
      return flattened.kind === 'rows' && flattened.rows.some(({ message_id }) => message_id === 'rec-05')
        ? { ...flattened, rows: flattened.rows.map((row) => ({ ...row, call_duration_in_sec: -1 })) }
        : flattened
    }
    const files = [fileOf('a.csv', 0, 9), fileOf('b.csv', 9, 2)]
    const outcome = await sync(database, { connection, files, flatten: impossible })
    expect(outcome).toMatchObject({ state: 'failed', loaded: 0, counts: { read: { listed: 4 } } })
    expect(outcome.failures).toHaveLength(1)
    expect(outcome.failures[0]).toBeInstanceOf(LoadError)
    expect(await ids(connection)).toEqual(['rec-00', 'rec-01', 'rec-02', 'rec-03'])
    const [run] = await runs(connection)
    expect(run).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/refused a batch of 2 rows.*SQLSTATE 23514/),
    })
    expect(await ledger(connection)).toEqual([{ file_name: 'a.csv', state: 'loading', records_committed: 4 }])
    expect(await sync(database, { connection, files })).toMatchObject({
      state: 'succeeded',
      loaded: 2,
      counts: { read: { listed: 7 } },
    })
  })

  test.each(['run-started', 'file-scanned', 'file-begun', 'batch-committed', 'file-read', 'file-completed'] as const)(
    'a session lost at %s is a TransientError, and the next run ends as if nothing had been',
    async (at) => {
      const connection = freshConnection()
      const files = [fileOf('a.csv', 0, 5), fileOf('b.csv', 5, 3)]
      let lost = false
      const lose = async (step: Step): Promise<void> => {
        if (step !== at || lost) return
        lost = true
        await database.rows(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'reelhouse test'",
        )
        await sleep(20)
      }
      const outcome = await sync(database, { connection, files, reached: lose })
      expect(outcome.state).toBe('failed')
      expect(outcome.failures).toHaveLength(1)
      expect(outcome.failures[0]).toBeInstanceOf(TransientError)
      const next = await sync(database, { connection, files })
      expect(next).toMatchObject({ state: 'succeeded', failures: [] })
      expect(await ids(connection)).toEqual(recordsFrom(0, 8).map(({ id }) => id))
      expect(await ledger(connection)).toEqual([
        { file_name: 'a.csv', state: 'loaded', records_committed: 5 },
        { file_name: 'b.csv', state: 'loaded', records_committed: 3 },
      ])
      expect((await runs(connection)).map(({ state }) => state)).toEqual(['abandoned', 'succeeded'])
    },
  )

  test('so that the end of the run cannot be written, the first failure is what is told', async () => {
    const connection = freshConnection()
    const failAtEnd = async (step: Step): Promise<void> => {
      if (step === 'run-before-finish') throw new TransientError('the end of the run is lost')
    }
    const broken = [fileOf('a.csv', 0, 2, { breaksAt: 1 })]
    const outcome = await sync(database, { connection, files: broken, reached: failAtEnd })
    expect(outcome.failures.map(({ message }) => message)).toEqual(['a.csv: breaks off at record 1'])
    await expect(sync(database, { connection, files: [], reached: failAtEnd })).rejects.toThrow(
      'the end of the run is lost',
    )
    expect((await runs(connection)).map(({ state }) => state)).toEqual(['abandoned', 'running'])
  })

  test('a defect is thrown after the run is marked failed', async () => {
    const connection = freshConnection()
    const defect = async (step: Step): Promise<void> => {
      if (step === 'file-scanned') throw new TypeError('x is undefined')
    }
    await expect(sync(database, { connection, files: [fileOf('a.csv', 0, 1)], reached: defect })).rejects.toThrow(
      TypeError,
    )
    expect(await runs(connection)).toEqual([{ state: 'failed', error: 'x is undefined' }])
  })
})

describe('two processes', () => {
  test('never sync one connection at the same time: the second does nothing', async () => {
    const connection = freshConnection()
    await withLoader(database, { connection }, async (loader) => {
      await loader.startRun()
      const second = sync(database, { connection, files: [fileOf('a.csv', 0, 1)] })
      await expect(second).rejects.toThrow(LockHeldError)
      await expect(second).rejects.toThrow(`connection ${connection}: another sync of it is running; nothing was done`)
    })
    expect(await runs(connection)).toEqual([{ state: 'running', error: null }])
    await sync(database, { connection, files: [] })
    expect(await runs(connection)).toEqual([
      { state: 'abandoned', error: 'its process ended without a word' },
      { state: 'succeeded', error: null },
    ])
  })
})

describe('files of several versions', () => {
  const versions = (connection: string) =>
    of(
      connection,
      'select first_name, source_version, xmin::text from reelhouse.call_recordings where connection_key = $c',
    )
  const dump = (version: number, first_name: string, more: ListFile['records'] = []): ListFile => ({
    name: `${version}.csv`,
    version,
    records: [{ id: 'rec-1', first_name }, { skip: `of version ${version}` }, ...more],
  })

  test('write a row that is the same in a later one once', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [dump(1, 'Ann')], recordsKept: 'payloads' })
    const before = await versions(connection)
    const records = () =>
      of(connection, 'select xmin::text, version from reelhouse.source_records where connection_key = $c')
    const recordsBefore = await records()
    const outcome = await sync(database, {
      connection,
      files: [dump(2, 'Ann', [{ id: 'rec-2' }])],
      recordsKept: 'payloads',
    })
    expect(outcome.counts.upsert).toEqual({ ...noRows, rows: 2, inserted: 1, unchanged: 1 })
    expect(await versions(connection)).toEqual([...before, expect.anything()])
    expect(await records()).toEqual([...recordsBefore, expect.anything()])
  })

  test('that come in the wrong order end as in the right one, also when a row was the same in the latest', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [dump(1, 'Ann')] })
    await sync(database, { connection, files: [dump(1, 'Ann'), dump(3, 'Ann')] })
    const late = await sync(database, { connection, files: [dump(1, 'Ann'), dump(2, 'Bea'), dump(3, 'Ann')] })
    expect(late).toMatchObject({ loaded: 2, known: 1 })
    expect(await versions(connection)).toMatchObject([{ first_name: 'Ann', source_version: 3 }])
    const again = await sync(database, { connection, files: [dump(1, 'Ann'), dump(2, 'Bea'), dump(3, 'Ann')] })
    expect(again).toMatchObject({ loaded: 0, known: 3 })
  })

  test('that come in the wrong order and change nothing load no other again', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [dump(1, 'Ann'), dump(3, 'Ann')] })
    const late = await sync(database, {
      connection,
      files: [dump(1, 'Ann'), dump(2, 'Ann', [{ id: 'rec-2' }]), dump(3, 'Ann')],
    })
    expect(late).toMatchObject({ loaded: 1, known: 2 })
  })

  test('of which a late one is killed behind its rows: the next sync loads the latest again', async () => {
    const connection = freshConnection()
    const files = [dump(1, 'Ann'), dump(3, 'Ann')]
    await sync(database, { connection, files })
    const reached = (step: Step) => {
      if (step === 'file-completed') throw new TransientError('killed')
    }
    await sync(database, { connection, files: [...files, dump(2, 'Bea')].sort(byVersion), reached })
    expect(await versions(connection)).toMatchObject([{ first_name: 'Bea', source_version: 2 }])
    await sync(database, { connection, files: [...files, dump(2, 'Bea')].sort(byVersion) })
    expect(await versions(connection)).toMatchObject([{ first_name: 'Ann', source_version: 3 }])
  })

  test.each([
    ['by its marks', {}],
    ['by its content', { modifiedAt: Date.now() * 1000 + 60_000_000 }],
  ])(
    'of which an early one was begun, and comes back as the last: a later one that was passed as known %s is loaded again in the same sync',
    async (_, marks) => {
      const connection = freshConnection()
      const killed = (step: Step) => {
        if (step === 'file-begun') throw new TransientError('killed')
      }
      const early = { ...dump(2, 'Bea'), name: 'early.csv' }
      const later = { ...dump(3, 'Ann'), ...marks }
      await sync(database, { connection, files: [dump(1, 'Ann')] })
      await sync(database, { connection, files: [dump(1, 'Ann'), early], reached: killed })
      await sync(database, { connection, files: [dump(1, 'Ann'), later] })
      const files = [dump(1, 'Ann'), later, { ...early, version: 4 }]
      const journal: string[] = []
      expect(await sync(database, { connection, files, journal })).toMatchObject({
        state: 'succeeded',
        loaded: 2,
        known: 1,
      })
      expect(journal.slice(-4)).toEqual(['scan early.csv', 'read early.csv 0', 'scan 3.csv', 'read 3.csv 0'])
      expect(await versions(connection)).toMatchObject([{ first_name: 'Ann', source_version: 3 }])
      expect(await sync(database, { connection, files })).toMatchObject({ loaded: 0, known: 3 })
    },
  )

  const byVersion = (a: ListFile, b: ListFile) => (a.version ?? 0) - (b.version ?? 0)
})
