import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batch } from '../../src/domain/batch.ts'
import { LoadError, TransientError } from '../../src/domain/errors.ts'
import type { FileContent } from '../../src/domain/file-load.ts'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Step } from '../../src/domain/step.ts'
import type { LoaderOptions } from '../../src/load/opened-loader.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, openLoader, rejectOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let second: Session
beforeAll(async () => {
  database = await createTestDatabase()
  second = await database.session()
})
afterAll(() => database.drop())

const content: FileContent = {
  fileName: 'calls.csv',
  contentHash: 'content',
  contentBytes: 1000,
  mappingHash: 'mapping',
  version: null,
  versionIsStated: false,
}

let connections = 0
const nextConnection = (): string => {
  connections += 1
  return `connection-${connections}`
}

type Stated = Partial<Pick<LoaderOptions, 'openSecond' | 'reached' | 'command'>>

/** A file whose load has begun, by a process of its own. */
const openFile = async (connection: string, stated: Stated = {}) => {
  const opened = await openLoader(database, connection, { openSecond: async () => second, ...stated })
  const run = await opened.loader.startRun()
  const { fileKey, recordsCommitted } = await opened.loader.beginFile(content)
  const progress = (from: number, to: number) => ({ fileKey, contentHash: 'content', version: null, from, to })
  return { ...opened, run, fileKey, recordsCommitted, progress }
}

/** Each list of rows as one batch, in file order; ordinals are those of the file. */
const batchesOf = (
  lists: readonly (readonly Partial<PlacedRow>[])[],
  progress: (from: number, to: number) => NonNullable<Batch['fileProgress']>,
): readonly Batch[] => {
  let from = 0
  return lists.map((list) => {
    const rows = list.map((stated, place) => row({ ...stated, source_ordinal: from + place }))
    const fileProgress = progress(from, from + rows.length)
    from += rows.length
    return batchOf({ rows, fileProgress })
  })
}

const columns = `message_id, first_name, last_name, message_text, portfolio_id, source_version, source_ordinal, map_keys, deleted_at`

const stored = (connection: string) =>
  database.rows(
    `select ${columns} from reelhouse.call_recordings join reelhouse.connections using (connection_key)
     where connection_id = $1 order by message_id`,
    [connection],
  )

const counters = 'listed, flattened, rejected, rows, inserted, updated, unchanged, stale, duplicate'

const counted = (connection: string) =>
  database.rows(
    `select ${counters} from reelhouse.runs join reelhouse.connections using (connection_key)
     where connection_id = $1 order by run_id`,
    [connection],
  )

const ledger = (connection: string) =>
  database.rows(
    `select f.state, f.records_committed, f.flattened from reelhouse.loaded_files f join reelhouse.connections using (connection_key)
     where connection_id = $1`,
    [connection],
  )

const uncounted = () => database.rows('select from_record from reelhouse.file_batches')

const loadInTwo = async (lists: readonly (readonly Partial<PlacedRow>[])[], stated: Stated = {}) => {
  const connection = nextConnection()
  const { loader, run, fileKey, progress, die } = await openFile(connection, stated)
  const batches = batchesOf(lists, progress)
  await Promise.all(batches.map((batch) => loader.commitBatch(run, batch)))
  await loader.completeFile(fileKey, lists.flat().length, run)
  await loader.finishRun(run, 'succeeded', null)
  await die()
  return { rows: await stored(connection), counts: await counted(connection), ledger: await ledger(connection) }
}

/** What waits at it goes on when it is opened. */
const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

/** No batch goes on from its staging before two of them are there. */
const sideBySide = () => {
  let staged = 0
  let letGo: (() => void) | undefined
  const both = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return async (step: Step): Promise<void> => {
    if (step !== 'batch-staged') return
    staged += 1
    if (staged === 2) letGo?.()
    await both
  }
}

const maybe = <T>(...values: readonly T[]) => fc.constantFrom<T | null | undefined>(undefined, null, ...values)

const anyRow = fc.record({
  message_id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  first_name: maybe('x', 'y'),
  last_name: maybe('z'),
  deleted_at: maybe(3_000_000),
  source_version: fc.constantFrom(null, null, 1, 2),
  map_keys: fc.record({ k: maybe('1', '2'), m: maybe('3') }, { requiredKeys: ['k'] }),
})

describe('the batches of a file, in two sessions', () => {
  test('leave what they leave one after the other, and count the same, whatever they share', async () => {
    const lists = fc.array(fc.array(anyRow, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(lists, async (stated) => {
        expect(await loadInTwo(stated)).toEqual(await loadInTwo(stated, { openSecond: undefined }))
      }),
      { numRuns: 20 },
    )
    expect(await uncounted()).toEqual([])
  }, 120_000)

  test('commit in the order of the file: the second waits for a slow first one', async () => {
    const steps: string[] = []
    let slow = true
    const reached = async (step: Step): Promise<void> => {
      if (step === 'batch-before-commit' || step === 'batch-committed') steps.push(step)
      if (step !== 'batch-staged' || !slow) return
      slow = false
      await sleep(300)
    }
    const { counts } = await loadInTwo([[{ message_id: 'a' }], [{ message_id: 'b' }]], { reached })
    expect(steps).toEqual(['batch-before-commit', 'batch-committed', 'batch-before-commit', 'batch-committed'])
    expect(counts).toMatchObject([{ listed: 2, inserted: 2 }])
  })

  test('do their work side by side', async () => {
    const { counts } = await loadInTwo([[{ message_id: 'a' }], [{ message_id: 'b' }]], { reached: sideBySide() })
    expect(counts).toMatchObject([{ inserted: 2 }])
  })

  test('fail together with the one in front: what is committed is the beginning of the file', async () => {
    const connection = nextConnection()
    const { loader, run, progress } = await openFile(connection)
    const lists = [[{ message_id: 'a' }], [{ message_id: 'b', call_duration_in_sec: -1 }], [{ message_id: 'c' }]]
    const results = await Promise.allSettled(batchesOf(lists, progress).map((batch) => loader.commitBatch(run, batch)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(results[2]).toMatchObject({ reason: expect.any(LoadError) })
    await loader.finishRun(run, 'failed', 'refused')
    expect((await stored(connection)).map(({ message_id }) => message_id)).toEqual(['a'])
    expect(await counted(connection)).toMatchObject([{ listed: 1, inserted: 1 }])
    expect(await ledger(connection)).toEqual([{ state: 'loading', records_committed: 1, flattened: 1 }])
  })

  test('a reject and the row that resolves it are seen one after the other', async () => {
    const connection = nextConnection()
    const { loader, run, progress } = await openFile(connection)
    const reject = batchOf({ rejects: [rejectOf({ rejectKey: 'a', version: null })], fileProgress: progress(0, 1) })
    const good = batchOf({
      rows: [row({ message_id: 'a', source_version: null, source_ordinal: 5 })],
      fileProgress: progress(1, 2),
    })
    await Promise.all([loader.commitBatch(run, reject), loader.commitBatch(run, good)])
    expect(
      await database.rows('select resolved_at is null as open from reelhouse.rejected_records where run_id = $1', [
        run.runId,
      ]),
    ).toEqual([{ open: false }])
  })

  test('are counted by the next run when the process dies: the file goes on behind them', async () => {
    const connection = nextConnection()
    const dead = await openFile(connection, { reached: sideBySide() })
    const lists = [[{ message_id: 'a' }], [{ message_id: 'b' }]]
    const batches = batchesOf(lists, dead.progress)
    await Promise.all(batches.map((batch) => dead.loader.commitBatch(dead.run, batch)))
    expect(await counted(connection)).toMatchObject([{ listed: 1 }])
    expect(await uncounted()).toEqual([{ from_record: 1 }])
    await dead.die()

    const next = await openFile(connection)
    expect(next.recordsCommitted).toBe(2)
    expect(await uncounted()).toEqual([])
    expect(await counted(connection)).toMatchObject([
      { listed: 2, flattened: 2, rows: 2, inserted: 2 },
      { listed: 0, rows: 0 },
    ])
    await next.die()
  })

  test('are counted by a later run when the next one dies of counting them, also when that one goes on with no file', async () => {
    const connection = nextConnection()
    const dead = await openFile(connection, { reached: sideBySide() })
    const batches = batchesOf([[{ message_id: 'a' }], [{ message_id: 'b' }]], dead.progress)
    await Promise.all(batches.map((batch) => dead.loader.commitBatch(dead.run, batch)))
    await dead.die()

    await database.rows(`
      create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused on purpose' using errcode = '40001'; end $$;
      create trigger refuse before delete on reelhouse.file_batches for each statement execute function refuse()`)
    const refused = await openLoader(database, connection)
    await expect(refused.loader.startRun()).rejects.toThrow(TransientError)
    await refused.die()
    await database.rows('drop function refuse cascade')

    const next = await openLoader(database, connection)
    await next.loader.startRun()
    expect(await counted(connection)).toMatchObject([{ listed: 2, inserted: 2 }, { listed: 0 }])
    expect(await uncounted()).toEqual([])
    await next.die()
  })

  test('are counted once when another process has taken the file over the same records meanwhile', async () => {
    const connection = nextConnection()
    const gates = [gate(), gate()] as const
    const [first, second] = [gate(), gate()]
    const staged = [first, second]
    const reached = async (step: Step): Promise<void> => {
      if (step !== 'batch-staged') return
      const place = 2 - staged.length
      staged.shift()?.open()
      await gates[place]?.opened
    }
    const late = await openFile(connection, { reached })
    const [front, behind] = batchesOf([[{ message_id: 'a' }], [{ message_id: 'b' }]], late.progress)
    if (front === undefined || behind === undefined) throw new Error('two batches')
    const frontDone = late.loader.commitBatch(late.run, front)
    await first.opened
    const behindDone = late.loader.commitBatch(late.run, behind)
    await second.opened
    gates[0].open()
    await frontDone

    const other = await openFile(connection, { command: 'replay' })
    const rows = [row({ message_id: 'c', source_ordinal: 1 })]
    await other.loader.commitBatch(other.run, batchOf({ rows, fileProgress: other.progress(1, 2) }))
    gates[1].open()
    await behindDone
    expect(await uncounted()).toEqual([{ from_record: 1 }])
    await late.die()
    await other.die()

    const next = await openFile(connection)
    expect(next.recordsCommitted).toBe(2)
    expect(await ledger(connection)).toEqual([{ state: 'loading', records_committed: 2, flattened: 2 }])
    expect(await uncounted()).toEqual([])
    await next.die()
  })

  test('another process that is at the same place of the file is a LoadError for the one that comes late', async () => {
    const connection = nextConnection()
    const one = await openFile(connection)
    const other = await openFile(connection, { command: 'replay' })
    const lists = [[{ message_id: 'a' }], [{ message_id: 'b' }]]
    await Promise.all(batchesOf(lists, one.progress).map((batch) => one.loader.commitBatch(one.run, batch)))
    const late = batchesOf(lists, other.progress).map((batch) => other.loader.commitBatch(other.run, batch))
    for (const result of await Promise.allSettled(late))
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(LoadError) })
  })

  test('all go by one session when the warehouse has no other to spare', async () => {
    const openSecond = () => Promise.reject(new Error('sorry, too many clients already'))
    const { counts, ledger: files } = await loadInTwo([[{ message_id: 'a' }], [{ message_id: 'b' }]], { openSecond })
    expect(counts).toMatchObject([{ listed: 2, inserted: 2 }])
    expect(files).toEqual([{ state: 'loaded', records_committed: 2, flattened: 2 }])
  })

  test('let go of what they have locked when the one in front is held up, perhaps by who waits for it', async () => {
    const connection = nextConnection()
    const { loader, run, progress, fileKey } = await openFile(connection)
    const [first, second] = batchesOf([[{ message_id: 'a' }], [{ message_id: 'b' }]], progress)
    if (first === undefined || second === undefined) throw new Error('two batches')
    const other = await database.session()
    await other.client.query('begin')
    const insert = (id: string) =>
      other.client.query(
        `insert into reelhouse.call_recordings (connection_key, conversation_id, message_id, created_at, source, media, record_id,
           source_ordinal, first_loaded_at, last_changed_at, run_id)
         values ($1, 'c', $2, now(), 'files', 'audio', $2, -1, now(), now(), 0)`,
        [run.rowConnectionKey, id],
      )
    // It has what the first batch wants, and wants what the second has.
    await insert('a')
    const both = Promise.all([loader.commitBatch(run, first), loader.commitBatch(run, second)])
    await sleep(500)
    await insert('b')
    await other.client.query('commit')
    await both
    await loader.completeFile(fileKey, 2, run)
    expect(await stored(connection)).toMatchObject([{ first_name: 'Jo' }, { first_name: 'Jo' }])
  }, 30_000)
})
