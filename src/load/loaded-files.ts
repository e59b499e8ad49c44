import { sql } from 'kysely'
import type { FileProgress, ReadCounts } from '../domain/batch.ts'
import { LoadError } from '../domain/errors.ts'
import type { FileContent, FileLoad } from '../domain/file-load.ts'
import type { Session } from '../warehouse/session.ts'

const entriesOf = (session: Session, connectionKey: number, file: FileContent) =>
  session.db
    .selectFrom('loaded_files')
    .selectAll()
    .where('connection_key', '=', connectionKey)
    .where('content_hash', '=', file.contentHash)
    .orderBy('ordinal_base', 'desc')
    .execute()

/**
 * Whether a file's content is loaded: completely, with this mapping, and with no other mapping since (going back to an
 * earlier mapping loads again). The same content counts as new when its name states a higher version, or when the file of
 * this name held something else in between: then it was changed back.
 */
export const isLoaded = async (session: Session, connectionKey: number, file: FileContent): Promise<boolean> => {
  const [latest] = await entriesOf(session, connectionKey, file)
  return (
    latest !== undefined &&
    latest.state === 'loaded' &&
    latest.mapping_hash === file.mappingHash &&
    !(await isSuperseded(session, connectionKey, file, latest))
  )
}

/** Hashes of contents that were begun, or are to be loaded once more, and are not loaded with that mapping. */
export const unfinishedContents = async (session: Session, connectionKey: number): Promise<ReadonlySet<string>> => {
  const entries = await session.db
    .selectFrom('loaded_files')
    .select('content_hash')
    .where('connection_key', '=', connectionKey)
    .where('state', '=', 'loading')
    .execute()
  return new Set(entries.map(({ content_hash }) => content_hash))
}

/** Where to begin with a file that is not loaded, half loaded, or to be loaded again by force. */
export const beginFile = async (session: Session, connectionKey: number, file: FileContent): Promise<FileLoad> => {
  const entries = await entriesOf(session, connectionKey, file)
  const latest = entries[0]
  if (latest === undefined) return insertFile(session, connectionKey, file)
  const superseded = await isSuperseded(session, connectionKey, file, latest)
  if (latest.mapping_hash === file.mappingHash && !superseded) {
    return latest.state === 'loading' ? begun(latest) : restartFile(session, latest.file_key, file, latest.version)
  }
  const again = { ...file, version: superseded ? file.version : firstSeenVersion(file, latest.version) }
  const entry = entries.find((candidate) => candidate.mapping_hash === file.mappingHash)
  return entry === undefined ? insertFile(session, connectionKey, again) : reloadFile(session, entry.file_key, again)
}

/** A corrected mapping does not make old content new: its mtime stays what it was when the content was first seen. */
const firstSeenVersion = (file: FileContent, seen: number | null): number | null =>
  file.versionIsStated || file.version === null ? file.version : (seen ?? file.version)

interface Entry {
  readonly file_key: number
  readonly file_name?: string
  readonly version: number | null
  readonly ordinal_base: number
  readonly records_committed: number
}

const isSuperseded = (
  session: Session,
  connectionKey: number,
  file: FileContent,
  latest: Entry,
): Promise<boolean> | boolean =>
  file.versionIsStated
    ? file.version !== null && (latest.version === null || file.version > latest.version)
    : latest.file_name === file.fileName && heldOtherContentSince(session, connectionKey, file, latest.ordinal_base)

const begun = (entry: Entry): FileLoad => ({
  fileKey: entry.file_key,
  version: entry.version,
  ordinalBase: entry.ordinal_base,
  recordsCommitted: entry.records_committed,
})

const heldOtherContentSince = async (
  session: Session,
  connectionKey: number,
  file: FileContent,
  ordinalBase: number,
): Promise<boolean> => {
  const other = await session.db
    .selectFrom('loaded_files')
    .select('file_key')
    .where('connection_key', '=', connectionKey)
    .where('file_name', '=', file.fileName)
    .where('content_hash', '<>', file.contentHash)
    .where('ordinal_base', '>', ordinalBase)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

/**
 * Above every ordinal of the files begun before, of all connections (they may load into one another), and not before now.
 * A file has at most as many records as bytes.
 */
const nextOrdinalBase = sql<number>`(
  select greatest(
    (extract(epoch from clock_timestamp()) * 1000000)::bigint,
    coalesce(max(ordinal_base + content_bytes) + 1, 0)
  )
  from reelhouse.loaded_files)`

const insertFile = async (session: Session, connectionKey: number, file: FileContent): Promise<FileLoad> =>
  begun(
    await session.db
      .insertInto('loaded_files')
      .values({
        connection_key: connectionKey,
        content_hash: file.contentHash,
        mapping_hash: file.mappingHash,
        file_name: file.fileName,
        content_bytes: file.contentBytes,
        version: file.version,
        ordinal_base: nextOrdinalBase,
        state: 'loading',
        run_id: 0, // the first batch says which run
      })
      .returning(['file_key', 'version', 'ordinal_base', 'records_committed'])
      .executeTakeFirstOrThrow(),
  )

const fromTheStart = {
  state: 'loading',
  records_committed: 0,
  records_total: null,
  flattened: 0,
  rejected: 0,
  skipped: 0,
  loaded_at: null,
} as const

/** Forced: the same load once more, so with the same ordinals; what records become now wins over what they became then. */
const restartFile = async (
  session: Session,
  fileKey: number,
  file: FileContent,
  seen: number | null,
): Promise<FileLoad> =>
  begun(
    await session.db
      .updateTable('loaded_files')
      .set({ ...fromTheStart, file_name: file.fileName, version: firstSeenVersion(file, seen), forced: true })
      .where('file_key', '=', fileKey)
      .returning(['file_key', 'version', 'ordinal_base', 'records_committed'])
      .executeTakeFirstOrThrow(),
  )

/** Loaded before with this mapping, but something else came in between: later than all of it. */
const reloadFile = async (session: Session, fileKey: number, file: FileContent): Promise<FileLoad> =>
  begun(
    await session.db
      .updateTable('loaded_files')
      .set({
        ...fromTheStart,
        forced: false,
        file_name: file.fileName,
        version: file.version,
        ordinal_base: nextOrdinalBase,
      })
      .where('file_key', '=', fileKey)
      .returning(['file_key', 'version', 'ordinal_base', 'records_committed'])
      .executeTakeFirstOrThrow(),
  )

/** Whether the file is being loaded again by force: also when the run that goes on with it is not a forced one. */
export const isForced = async (session: Session, progress: FileProgress | null): Promise<boolean> => {
  if (progress === null) return false
  const entry = await session.db
    .selectFrom('loaded_files')
    .select('forced')
    .where('file_key', '=', progress.fileKey)
    .executeTakeFirst()
  return entry?.forced === true
}

/**
 * Part of a batch that changed rows. A row that a later file had the same was not written to say so: when a file comes in
 * behind later ones and changes rows, those are loaded once more, where they still lie.
 */
export const reopenLaterFiles = async (session: Session, { fileKey, version }: FileProgress): Promise<void> => {
  if (version === null) return
  await session.db
    .updateTable('loaded_files')
    .set({ ...fromTheStart, forced: true })
    .where('connection_key', '=', (query) =>
      query.selectFrom('loaded_files').select('connection_key').where('file_key', '=', fileKey),
    )
    .where('version', '>', version)
    .where('state', '=', 'loaded')
    .execute()
}

/** Part of the batch's transaction. Throws LoadError when another process has taken the file further meanwhile. */
export const advanceFile = async (
  session: Session,
  progress: FileProgress,
  read: ReadCounts,
  runId: number,
): Promise<void> => {
  const { numUpdatedRows } = await session.db
    .updateTable('loaded_files')
    .set((column) => ({
      records_committed: progress.to,
      flattened: column('flattened', '+', read.flattened),
      rejected: column('rejected', '+', read.rejected),
      skipped: column('skipped', '+', read.skipped),
      run_id: runId,
    }))
    .where('file_key', '=', progress.fileKey)
    .where('records_committed', '=', progress.from)
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 1) return
  throw new LoadError(
    `file ${progress.fileKey} of the ledger is no longer at record ${progress.from}: another process is loading it; run the sync again`,
  )
}

/** After every batch of the file has committed. */
export const completeFile = async (session: Session, fileKey: number, total: number, runId: number): Promise<void> => {
  const { numUpdatedRows } = await session.db
    .updateTable('loaded_files')
    .set({ state: 'loaded', records_total: total, loaded_at: sql`now()`, run_id: runId })
    .where('file_key', '=', fileKey)
    .where('records_committed', '=', total)
    .executeTakeFirst()
  if (Number(numUpdatedRows) === 1) return
  throw new LoadError(`file ${fileKey} of the ledger has not committed its ${total} records; run the sync again`)
}
