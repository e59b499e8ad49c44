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

/**
 * Loads every file of a connection that is not loaded yet, in their order, as one run. A file that is not what it claims
 * to be blocks no other; a warehouse that fails ends the run. A defect is thrown, after the run is marked failed.
 */
export const syncFiles = async (sync: FilesSync): Promise<FilesOutcome> => {
  const loading: FileLoading = { ...sync, run: await sync.loader.startRun() }
  const results: FileResult[] = []
  const failures: ReelhouseError[] = []
  let defect: unknown
  try {
    for await (const result of syncEach(loading, sync.force)) {
      results.push(result)
      if (result instanceof SourceProtocolError) failures.push(result)
    }
  } catch (error) {
    if (error instanceof ReelhouseError) {
      sync.reporter.warn(error.message, { connection: sync.connectionId })
      failures.push(error)
    } else defect = error ?? new Error('unknown defect')
  }
  const state =
    defect !== undefined || failures.length > 0 ? 'failed' : results.includes('stopped') ? 'stopped' : 'succeeded'
  await finish(loading, state, failures, defect)
  const count = (wanted: FileResult) => results.filter((result) => result === wanted).length
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

async function* syncEach(loading: FileLoading, force: boolean): AsyncGenerator<FileResult, void, undefined> {
  const files = await loading.stream.list(loading.context)
  if (files.length === 0) loading.reporter.warn('no file matches its paths', { connection: loading.connectionId })
  for (const file of files) {
    if (loading.context.signal.aborted) return yield 'stopped'
    try {
      const result = (await isKnown(loading, file, force))
        ? 'known'
        : await loading.loader.exclusively(() => syncFile(loading, file, force))
      yield result
      if (result === 'stopped') return
    } catch (error) {
      // A scan that is stopped throws the reason of the stop.
      if (loading.context.signal.aborted && error === loading.context.signal.reason) return yield 'stopped'
      if (!(error instanceof SourceProtocolError)) throw error
      loading.reporter.warn(error.message, { connection: loading.connectionId, file: file.name })
      yield error
    }
  }
}

/** Known by its outward marks: neither read nor locked. */
const isKnown = async (loading: FileLoading, file: DumpFile, force: boolean): Promise<boolean> => {
  if (file.problem !== null) throw new SourceProtocolError(file.problem)
  const seen = force ? null : await loading.loader.seenContent(file)
  return seen !== null && loading.loader.isLoaded(contentOf(loading, file, seen))
}

const syncFile = async (loading: FileLoading, file: DumpFile, force: boolean): Promise<FileResult> => {
  const { loader, stream, context } = loading
  const readAt = Date.now() * 1000
  const scanned = await stream.scan(file, context)
  await loading.reached('file-scanned')
  const content = contentOf(loading, scanned.file, scanned)
  const known = !force && (await loader.isLoaded(content))
  if (!known && !(await loadContent(loading, scanned, content))) return 'stopped'
  await loader.rememberSeen(scanned.file, scanned, readAt)
  return known ? 'known' : 'loaded'
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
