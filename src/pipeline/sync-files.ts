import { ReelhouseError, SourceProtocolError } from '../domain/errors.ts'
import type { FileContent } from '../domain/file-load.ts'
import type { RunCounts, RunState } from '../domain/run.ts'
import type { DumpFile, ScannedFile } from '../sources/source.ts'
import { type FileLoading, loadFile } from './load-file.ts'

export interface FilesOutcome {
  readonly state: RunState
  readonly counts: RunCounts
  /** Files that were loaded, and files whose content was known already. */
  readonly loaded: number
  readonly known: number
  /** What failed: one file each, whose neighbours went on; or the one thing that ended the run. */
  readonly failures: readonly ReelhouseError[]
}

export type FilesSync = Omit<FileLoading, 'run'> & {
  /** Reads files whose content is loaded already, too. */
  readonly force: boolean
}

type FileResult = 'loaded' | 'known' | 'stopped' | SourceProtocolError

/** A file that needs nothing more, and what it held. */
interface Settled {
  readonly result: 'loaded' | 'known'
  readonly content: FileContent
}

/**
 * Loads every file of a connection that is not loaded yet, in their order, as one run. A file that is not what it claims
 * to be blocks no other; a warehouse that fails ends the run. A defect is thrown, after the run is marked failed.
 */
export const syncFiles = async (sync: FilesSync): Promise<FilesOutcome> => {
  const loading: FileLoading = { ...sync, run: await sync.loader.startRun() }
  const results = new Map<DumpFile, FileResult>()
  const failures: ReelhouseError[] = []
  let defect: unknown
  try {
    for await (const [file, result] of syncEach(loading, sync.force)) {
      results.set(file, result)
      if (result instanceof SourceProtocolError) failures.push(result)
    }
  } catch (error) {
    if (error instanceof ReelhouseError) {
      sync.reporter.warn(error.message, { connection: sync.connectionId })
      failures.push(error)
    } else defect = error ?? new Error('unknown defect')
  }
  const count = (wanted: FileResult) => [...results.values()].filter((result) => result === wanted).length
  const state = defect !== undefined || failures.length > 0 ? 'failed' : count('stopped') > 0 ? 'stopped' : 'succeeded'
  await finish(loading, state, failures, defect)
  return { state, counts: sync.loader.committed(), loaded: count('loaded'), known: count('known'), failures }
}

/** A warehouse that is gone cannot be told so: then the first failure is what the operator needs to see. */
const finish = async (
  { loader, run }: FileLoading,
  state: RunState,
  failures: readonly ReelhouseError[],
  defect: unknown,
): Promise<void> => {
  const messages = failures.map((failure) => failure.message)
  if (defect !== undefined) messages.push(defect instanceof Error ? defect.message : String(defect))
  try {
    await loader.finishRun(run, state, messages.length === 0 ? null : messages.join('\n'))
  } catch (error) {
    if (messages.length === 0) throw error
  }
  if (defect !== undefined) throw defect
}

/** The last result of a file is what became of it. */
async function* syncEach(
  loading: FileLoading,
  force: boolean,
): AsyncGenerator<readonly [DumpFile, FileResult], void, undefined> {
  const files = await loading.stream.list(loading.context)
  if (files.length === 0) loading.reporter.warn('no file matches its paths', { connection: loading.connectionId })
  const settled = new Map<DumpFile, FileContent>()
  for (let due = files, byForce = force; due.length > 0; byForce = false) {
    let hasLoaded = false
    for (const file of due) {
      if (loading.context.signal.aborted) return yield [file, 'stopped']
      const result = await settle(loading, file, byForce)
      if (result === 'stopped') return yield [file, 'stopped']
      if (result instanceof SourceProtocolError) {
        loading.reporter.warn(result.message, { connection: loading.connectionId, file: file.name })
        settled.delete(file)
        yield [file, result]
        continue
      }
      settled.set(file, result.content)
      hasLoaded ||= result.result === 'loaded'
      yield [file, result.result]
    }
    due = hasLoaded ? await reopened(loading, settled) : []
  }
}

const settle = async (
  loading: FileLoading,
  file: DumpFile,
  force: boolean,
): Promise<Settled | 'stopped' | SourceProtocolError> => {
  try {
    const known = await knownContent(loading, file, force)
    if (known !== null) return { result: 'known', content: known }
    return await loading.loader.exclusively(() => syncFile(loading, file, force))
  } catch (error) {
    // A scan that is stopped throws the reason of the stop.
    if (loading.context.signal.aborted && error === loading.context.signal.reason) return 'stopped'
    if (error instanceof SourceProtocolError) return error
    throw error
  }
}

/**
 * A file that was begun long ago is gone on with as what it was then, wherever it stands in the list now: what is later than
 * that is loaded once more, though this sync may have passed it. Each is later than what it is loaded again for, so that this ends.
 */
const reopened = async (
  loading: FileLoading,
  settled: ReadonlyMap<DumpFile, FileContent>,
): Promise<readonly DumpFile[]> => {
  const unfinished = await loading.loader.unfinishedContents()
  const files: DumpFile[] = []
  for (const [file, content] of settled) {
    if (unfinished.has(content.contentHash) && !(await loading.loader.isLoaded(content))) files.push(file)
  }
  return files
}

/** What a file holds that is loaded, by its outward marks: neither read nor locked. Null: it must be looked into. */
const knownContent = async (loading: FileLoading, file: DumpFile, force: boolean): Promise<FileContent | null> => {
  if (file.problem !== null) throw new SourceProtocolError(file.problem)
  const seen = force ? null : await loading.loader.seenContent(file)
  if (seen === null) return null
  const content = contentOf(loading, file, seen)
  return (await loading.loader.isLoaded(content)) ? content : null
}

const syncFile = async (loading: FileLoading, file: DumpFile, force: boolean): Promise<Settled | 'stopped'> => {
  const { loader, stream, context } = loading
  const readAt = Date.now() * 1000
  const scanned = await stream.scan(file, context)
  await loading.reached('file-scanned')
  const content = contentOf(loading, scanned.file, scanned)
  const known = !force && (await loader.isLoaded(content))
  if (!known && !(await loadContent(loading, scanned, content))) return 'stopped'
  await loader.rememberSeen(scanned.file, scanned, readAt)
  return { result: known ? 'known' : 'loaded', content }
}

const loadContent = async (loading: FileLoading, scanned: ScannedFile, content: FileContent): Promise<boolean> => {
  const load = await loading.loader.beginFile(content)
  await loading.reached('file-begun')
  loading.reporter.info(load.recordsCommitted === 0 ? 'loading file' : 'going on with file', {
    connection: loading.connectionId,
    file: content.fileName,
    fromRecord: load.recordsCommitted,
  })
  return loadFile(loading, scanned, load)
}

const contentOf = (
  { stream }: FileLoading,
  file: DumpFile,
  content: Pick<ScannedFile, 'contentHash' | 'contentBytes'>,
): FileContent => ({
  fileName: file.name,
  contentHash: content.contentHash,
  contentBytes: content.contentBytes,
  mappingHash: stream.mappingHash,
  version: file.version,
  versionIsStated: stream.versionIsStated,
})
