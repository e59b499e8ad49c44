import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noReadCounts } from '../../src/domain/counts.ts'
import { LoadError } from '../../src/domain/errors.ts'
import type { FileContent, FileLoad } from '../../src/domain/file-load.ts'
import type { Run } from '../../src/domain/run.ts'
import { advanceFile, beginFile, completeFile, isLoaded } from '../../src/load/loaded-files.ts'
import { rememberSeen, seenContent } from '../../src/load/seen-files.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, loadRows, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun } = runsOf(() => session)

const file = (stated: Partial<FileContent> = {}): FileContent => ({
  fileName: 'dumps/calls.csv',
  contentHash: 'content-a',
  contentBytes: 1000,
  mappingHash: 'mapping-a',
  version: null,
  versionIsStated: false,
  ...stated,
})

const known = (run: Run, content: FileContent) => isLoaded(session, run.connectionKey, content)
const begin = (run: Run, content: FileContent) => beginFile(session, run.connectionKey, content)

/** Loads one row of the file, which says what the file has in `name`. */
const loadContent = async (run: Run, content: FileContent, name: string): Promise<FileLoad> => {
  const begun = await begin(run, content)
  const only = row({ first_name: name, source_version: begun.version, source_ordinal: begun.ordinalBase })
  const { fileKey, version } = begun
  const fileProgress = { fileKey, contentHash: content.contentHash, version, from: 0, to: 1 }
  await load(session, run, batchOf({ rows: [only], fileProgress }))
  await completeFile(session, begun.fileKey, 1, run.runId)
  return begun
}

const nameOf = async (run: Run): Promise<unknown> =>
  (
    await database.rows('select first_name from reelhouse.call_recordings where connection_key = $1', [
      run.connectionKey,
    ])
  )[0]?.first_name

const ledger = (run: Run, columns: string) =>
  database.rows(`select ${columns} from reelhouse.loaded_files where connection_key = $1 order by file_key`, [
    run.connectionKey,
  ])

describe('a file', () => {
  test('is known when all of it is loaded, and not before', async () => {
    const run = await freshRun()
    expect(await known(run, file())).toBe(false)
    const begun = await begin(run, file())
    expect(begun).toMatchObject({ version: null, recordsCommitted: 0 })
    expect(await known(run, file())).toBe(false)
    await completeFile(session, begun.fileKey, 0, run.runId)
    expect(await known(run, file())).toBe(true)
    expect(
      await ledger(run, 'state, records_total, file_name, content_bytes, loaded_at is null as open, run_id'),
    ).toEqual([
      {
        state: 'loaded',
        records_total: 0,
        file_name: 'dumps/calls.csv',
        content_bytes: 1000,
        open: false,
        run_id: run.runId,
      },
    ])
  })

  test('is known by its content under another name', async () => {
    const run = await freshRun()
    await loadContent(run, file(), 'a')
    expect(await known(run, file({ fileName: 'archive/calls-old.csv' }))).toBe(true)
  })

  test('is not known to another connection', async () => {
    await loadContent(await freshRun(), file(), 'a')
    expect(await known(await freshRun(), file())).toBe(false)
  })

  test('goes on where it stopped, with the version and the ordinals of its beginning', async () => {
    const run = await freshRun()
    const begun = await begin(run, file({ version: 5 }))
    await advanceFile(
      session,
      { fileKey: begun.fileKey, contentHash: '', version: null, from: 0, to: 7 },
      { ...noReadCounts, listed: 7, flattened: 4, rejected: 2, skipped: 1 },
      run.runId,
    )
    expect(await begin(run, file({ version: 9, fileName: 'renamed.csv' }))).toEqual({ ...begun, recordsCommitted: 7 })
    expect(await ledger(run, 'state, records_committed, flattened, rejected, skipped')).toEqual([
      { state: 'loading', records_committed: 7, flattened: 4, rejected: 2, skipped: 1 },
    ])
  })

  test('is loaded again from its start by force, with the same ordinals', async () => {
    const run = await freshRun()
    const begun = await loadContent(run, file(), 'a')
    expect(await begin(run, file({ fileName: 'renamed.csv' }))).toEqual(begun)
    expect(
      await ledger(run, 'state, forced, records_committed, records_total, flattened, file_name, loaded_at'),
    ).toEqual([
      {
        state: 'loading',
        forced: true,
        records_committed: 0,
        records_total: null,
        flattened: 0,
        file_name: 'renamed.csv',
        loaded_at: null,
      },
    ])
  })

  test('that is loaded again by force wins also when a run goes on with it that is not forced', async () => {
    const run = await freshRun()
    const begun = await loadContent(run, file(), 'Zoe')
    await begin(run, file())
    const only = row({ first_name: 'Ann', source_version: null, source_ordinal: begun.ordinalBase })
    const fileProgress = { fileKey: begun.fileKey, contentHash: 'content-a', version: null, from: 0, to: 1 }
    await load(session, run, batchOf({ rows: [only], fileProgress }))
    expect(await nameOf(run)).toBe('Ann')
  })

  test('with a corrected mapping is loaded again and wins; going back to the first mapping loads again and wins', async () => {
    const run = await freshRun()
    await loadContent(run, file({ version: 3 }), 'mapping a')
    const corrected = file({ mappingHash: 'mapping-b', version: 8 })
    expect(await known(run, corrected)).toBe(false)
    expect((await loadContent(run, corrected, 'mapping b')).version).toBe(3)
    expect(await nameOf(run)).toBe('mapping b')
    expect(await known(run, corrected)).toBe(true)
    expect(await known(run, file({ version: 3 }))).toBe(false)
    expect((await loadContent(run, file({ version: 9 }), 'A again')).version).toBe(3)
    expect(await nameOf(run)).toBe('A again')
    expect(await known(run, file())).toBe(true)
    expect(await ledger(run, 'mapping_hash, state')).toEqual([
      { mapping_hash: 'mapping-a', state: 'loaded' },
      { mapping_hash: 'mapping-b', state: 'loaded' },
    ])
  })

  test('whose corrected mapping is half loaded goes on with it', async () => {
    const run = await freshRun()
    await loadContent(run, file(), 'a')
    const begun = await begin(run, file({ mappingHash: 'mapping-b' }))
    expect(await known(run, file())).toBe(false)
    expect(await begin(run, file({ mappingHash: 'mapping-b' }))).toEqual(begun)
  })

  test('whose content changes and changes back is loaded each time, and the last wins', async () => {
    const run = await freshRun()
    const b = file({ contentHash: 'content-b' })
    await loadContent(run, file(), 'content a')
    await loadContent(run, b, 'content b')
    expect(await nameOf(run)).toBe('content b')
    expect(await known(run, file())).toBe(false)
    await loadContent(run, file(), 'content a again')
    expect(await nameOf(run)).toBe('content a again')
    expect(await known(run, file())).toBe(true)
    expect(await known(run, b)).toBe(false)
    await loadContent(run, b, 'content b again')
    expect(await nameOf(run)).toBe('content b again')
  })

  test('that is changed back while only half of it was loaded begins again', async () => {
    const run = await freshRun()
    const begun = await begin(run, file())
    await advanceFile(
      session,
      { fileKey: begun.fileKey, contentHash: '', version: null, from: 0, to: 2 },
      { ...noReadCounts, listed: 2, flattened: 2 },
      run.runId,
    )
    await loadContent(run, file({ contentHash: 'content-b' }), 'b')
    const again = await begin(run, file())
    expect(again).toMatchObject({ fileKey: begun.fileKey, recordsCommitted: 0 })
    expect(again.ordinalBase).toBeGreaterThan(begun.ordinalBase)
  })

  test('of the same content beside another one that changed is known', async () => {
    const run = await freshRun()
    await loadContent(run, file({ fileName: 'a.csv' }), 'a')
    await loadContent(run, file({ fileName: 'b.csv', contentHash: 'content-b' }), 'b')
    expect(await known(run, file({ fileName: 'a.csv' }))).toBe(true)
  })

  test('whose name states a higher version is loaded again; a lower or equal one is known', async () => {
    const run = await freshRun()
    const stated = (version: number | null, fileName = `calls-${version}.csv`) =>
      file({ version, versionIsStated: true, fileName })
    await loadContent(run, stated(2), 'two')
    expect(await known(run, stated(2, 'copy-of-2.csv'))).toBe(true)
    expect(await known(run, stated(1))).toBe(true)
    expect(await known(run, stated(null))).toBe(true)
    expect(await known(run, stated(3))).toBe(false)
    expect((await loadContent(run, stated(3), 'three')).version).toBe(3)
    expect(await nameOf(run)).toBe('three')
    expect(await known(run, stated(3))).toBe(true)
  })

  test('with a corrected mapping and a higher stated version has that version', async () => {
    const run = await freshRun()
    await loadContent(run, file({ version: 2, versionIsStated: true }), 'two')
    const next = file({ version: 3, versionIsStated: true, mappingHash: 'mapping-b' })
    expect((await loadContent(run, next, 'three')).version).toBe(3)
  })

  test('whose corrected mapping states a version in its name has that version, lower or not, also by force', async () => {
    const run = await freshRun()
    await loadContent(run, file({ version: 900 }), 'by mtime')
    const stated = file({ version: 20, versionIsStated: true, mappingHash: 'mapping-b' })
    expect((await loadContent(run, stated, 'stated')).version).toBe(20)
    const corrected = { ...stated, version: 10, mappingHash: 'mapping-c' }
    expect((await loadContent(run, corrected, 'corrected')).version).toBe(10)
    expect((await begin(run, { ...corrected, version: 5 })).version).toBe(5)
  })

  test('whose corrected mapping states no version has none, and by mtime the one it was first seen with', async () => {
    const run = await freshRun()
    await loadContent(run, file({ version: 900 }), 'by mtime')
    expect((await begin(run, file({ version: 950, mappingHash: 'mapping-b' }))).version).toBe(900)
    expect((await begin(run, file({ version: null, mappingHash: 'mapping-c' }))).version).toBeNull()
  })

  test('that log rotation renames to what another one was called is known', async () => {
    const run = await freshRun()
    await loadContent(run, file({ fileName: 'calls.1.csv', contentHash: 'older' }), 'older')
    await loadContent(run, file({ fileName: 'calls.csv', contentHash: 'newer' }), 'newer')
    await loadContent(run, file({ fileName: 'calls.2.csv', contentHash: 'third' }), 'third')
    expect(await known(run, file({ fileName: 'calls.2.csv', contentHash: 'older' }))).toBe(true)
    expect(await known(run, file({ fileName: 'calls.1.csv', contentHash: 'newer' }))).toBe(true)
  })
})

describe('the ordinals of a file', () => {
  test('lie above those of every earlier file of other connections, which may load into the same rows', async () => {
    const huge = await loadContent(await freshRun(), file({ contentBytes: 100_000_000 }), 'huge')
    const later = await begin(await freshRun(), file())
    expect(later.ordinalBase).toBeGreaterThan(huge.ordinalBase + 100_000_000)
  })

  test('lie above those of every earlier file, however many records these can have, and not before now', async () => {
    const run = await freshRun()
    const before = Date.now() * 1000 - 1_000_000
    const first = await begin(run, file({ contentBytes: 5_000_000_000_000 }))
    expect(first.ordinalBase).toBeGreaterThan(before)
    const second = await begin(run, file({ contentHash: 'content-b', contentBytes: 0 }))
    expect(second.ordinalBase).toBeGreaterThan(first.ordinalBase + 5_000_000_000_000)
    const third = await begin(run, file({ contentHash: 'content-c', contentBytes: 3 }))
    expect(third.ordinalBase).toBeGreaterThan(second.ordinalBase)
    await completeFile(session, first.fileKey, 0, run.runId)
    const again = await begin(run, file({ mappingHash: 'mapping-b' }))
    expect(again.ordinalBase).toBeGreaterThan(third.ordinalBase + 3)
  })
})

describe('the committed prefix', () => {
  test('that another process advanced is a LoadError, and nothing of the batch is left', async () => {
    const run = await freshRun()
    const { fileKey } = await begin(run, file())
    const fileProgress = { fileKey, contentHash: 'content-a', version: null, from: 0, to: 1 }
    await load(session, run, batchOf({ rows: [row()], fileProgress }))
    const late = load(session, run, batchOf({ rows: [row({ message_id: 'rec-2' })], fileProgress }))
    await expect(late).rejects.toThrow(LoadError)
    await expect(late).rejects.toThrow(/is no longer at record 0: another process is loading it; run the sync again/)
    expect(await ledger(run, 'records_committed, flattened')).toEqual([{ records_committed: 1, flattened: 1 }])
    expect(await nameOf(run)).toBe('Jo')
    expect(
      await database.rows('select message_id from reelhouse.call_recordings where connection_key = $1', [
        run.connectionKey,
      ]),
    ).toHaveLength(1)
  })

  test('that does not reach the end of the file cannot be completed', async () => {
    const run = await freshRun()
    const { fileKey } = await begin(run, file())
    await expect(completeFile(session, fileKey, 2, run.runId)).rejects.toThrow(
      /has not committed its 2 records; run the sync again/,
    )
  })

  test('is exactly the records that were accounted for', async () => {
    const run = await freshRun()
    const { fileKey } = await begin(run, file())
    await expect(
      database.rows('update reelhouse.loaded_files set records_committed = 3, flattened = 2 where file_key = $1', [
        fileKey,
      ]),
    ).rejects.toThrow(/loaded_files_check/)
  })
})

describe('the marks of a file', () => {
  const hour = 3_600_000_000
  const marks = (stated = {}) => ({
    name: 'dumps/calls.csv',
    sizeBytes: 10,
    modifiedAt: Date.now() * 1000 - hour,
    ...stated,
  })
  const content = { contentHash: 'content-a', contentBytes: 30 }

  test('tell its content until one of them changes', async () => {
    const { connectionKey } = await freshRun()
    const seen = marks()
    expect(await seenContent(session, connectionKey, seen)).toBeNull()
    await rememberSeen(session, connectionKey, seen, content, Date.now() * 1000)
    expect(await seenContent(session, connectionKey, seen)).toEqual(content)
    expect(await seenContent(session, connectionKey, { ...seen, sizeBytes: 11 })).toBeNull()
    expect(await seenContent(session, connectionKey, { ...seen, modifiedAt: seen.modifiedAt + 1 })).toBeNull()
    expect(await seenContent(session, connectionKey, { ...seen, name: 'other.csv' })).toBeNull()
    const changed = { ...seen, sizeBytes: 11 }
    await rememberSeen(
      session,
      connectionKey,
      changed,
      { contentHash: 'content-b', contentBytes: 31 },
      Date.now() * 1000,
    )
    expect(await seenContent(session, connectionKey, changed)).toEqual({ contentHash: 'content-b', contentBytes: 31 })
    expect(await seenContent(session, connectionKey, seen)).toBeNull()
  })

  test('are not remembered when the file was changed just before reading it began, however long the load took', async () => {
    const { connectionKey } = await freshRun()
    const modifiedAt = Date.now() * 1000 - hour
    const fresh = marks({ modifiedAt })
    await rememberSeen(session, connectionKey, fresh, content, modifiedAt + 1_000_000)
    expect(await seenContent(session, connectionKey, fresh)).toBeNull()
    await rememberSeen(session, connectionKey, fresh, content, modifiedAt + 3_000_000)
    expect(await seenContent(session, connectionKey, fresh)).toEqual(content)
  })

  test('in the future are not remembered', async () => {
    const { connectionKey } = await freshRun()
    const future = marks({ modifiedAt: Date.now() * 1000 + hour })
    await rememberSeen(session, connectionKey, future, content, Date.now() * 1000)
    expect(await seenContent(session, connectionKey, future)).toBeNull()
  })
})

test('what a file of no version loads later does not win over a stated version', async () => {
  const run = await freshRun()
  await loadRows(session, run, [row({ source_version: 1, first_name: 'stated' })])
  await loadContent(run, file(), 'unstated')
  expect(await nameOf(run)).toBe('stated')
})
