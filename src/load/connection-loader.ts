import type { Batch } from '../domain/batch.ts'
import type { ConnectionIdentity } from '../domain/connection.ts'
import { noRunCounts } from '../domain/counts.ts'
import { LockHeldError } from '../domain/errors.ts'
import type { FileContent, FileMarks } from '../domain/file-load.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Placement } from '../domain/placement.ts'
import type { PortfolioOf } from '../domain/recording-row.ts'
import type { Run, RunCommand, RunCounts, RunState } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import type { Session } from '../warehouse/session.ts'
import { connectionKeyOf } from './connections.ts'
import { keptRecords, keptRejects } from './kept-records.ts'
import { loadError } from './load-error.ts'
import { beginFile, completeFile, isLoaded } from './loaded-files.ts'
import { commitBatch } from './loader.ts'
import { type LockName, takeLock } from './locks.ts'
import { commitPlacements, storedRows } from './remap.ts'
import { abandonDeadRuns, finishRun, startRun } from './runs.ts'
import { rememberSeen, type SeenContent, seenContent } from './seen-files.ts'

export interface LoaderOptions {
  /** Loads and reads. */
  readonly session: Session
  /** Holds the locks, so that they outlive a lost load session. */
  readonly lockSession: Session
  readonly invocationId: string
  readonly connection: ConnectionIdentity
  /** The connection whose key the rows get; null = this one. */
  readonly into: ConnectionIdentity | null
  readonly stream: string
  readonly command: RunCommand
  readonly authoritative: boolean
  readonly reached: StepObserver
  readonly portfolioOf: PortfolioOf
  readonly signal: AbortSignal
}

/** Rows or records of a page when stored ones are read again. */
const pageSize = 5000

/** A sync waits this long for a backfill or replay to finish its window. */
const windowPatience = 60_000

/** Which runs of a connection exclude each other, and the lock by which they do. */
const aloneWith: Readonly<Record<RunCommand, { readonly lock: LockName; readonly commands: readonly RunCommand[] }>> = {
  sync: { lock: 'sync', commands: ['sync'] },
  replay: { lock: 'replay', commands: ['replay', 'remap'] },
  remap: { lock: 'replay', commands: ['replay', 'remap'] },
}

/** The options, with the keys under which the warehouse knows the two connections. */
interface OpenedLoader extends LoaderOptions {
  readonly connectionKey: number
  readonly rowConnectionKey: number
}

/** What pipeline/loader.ts asks for, for one connection and one command. */
export const openConnectionLoader = async (options: LoaderOptions) => {
  const { session, connection, into } = options
  const connectionKey = await connectionKeyOf(session, connection)
  const rowConnectionKey = into === null ? connectionKey : await connectionKeyOf(session, into)
  const opened: OpenedLoader = { ...options, connectionKey, rowConnectionKey }
  return {
    startRun: told('a run', () => startAlone(opened)),
    finishRun: told('the end of a run', (run: Run, state: RunState, error: string | null) =>
      finish(opened, run, state, error),
    ),
    exclusively: <T>(work: () => Promise<T>): Promise<T> => exclusively(opened, work),
    ...ledger(opened),
    ...commits(opened),
    ...stored(opened),
  }
}

const lockFor = ({ lockSession, connectionKey, signal }: OpenedLoader, name: LockName, patience: number) =>
  told('a lock', () => takeLock(lockSession, { name, key: connectionKey, patience, signal }))()

const startAlone = async (opened: OpenedLoader): Promise<Run> => {
  const { session, connectionKey, rowConnectionKey, connection, command } = opened
  const { invocationId, stream, authoritative } = opened
  const alone = aloneWith[command]
  if ((await lockFor(opened, alone.lock, 0)) === null) {
    throw new LockHeldError(`connection ${connection.id}: another ${command} of it is running; nothing was done`)
  }
  await abandonDeadRuns(session, connectionKey, alone.commands)
  const run = await startRun(session, {
    invocationId,
    connectionKey,
    rowConnectionKey,
    source: connection.source,
    stream,
    command,
    authoritative,
  })
  await opened.reached('run-started')
  return run
}

const finish = async (opened: OpenedLoader, run: Run, state: RunState, error: string | null): Promise<void> => {
  await opened.reached('run-before-finish')
  await finishRun(opened.session, run, state, error)
  await opened.reached('run-finished')
}

const exclusively = async <T>(opened: OpenedLoader, work: () => Promise<T>): Promise<T> => {
  const lock = await lockFor(opened, 'window', windowPatience)
  if (lock === null) {
    throw new LockHeldError(
      `connection ${opened.connection.id}: another process has been reading it for more than ${windowPatience / 1000} s; run the command again`,
    )
  }
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Which files were seen, and how far each is loaded. */
const ledger = ({ session, connectionKey }: OpenedLoader) => ({
  seenContent: told('a look at its ledger', (marks: FileMarks) => seenContent(session, connectionKey, marks)),
  rememberSeen: told('the marks of a file', (marks: FileMarks, content: SeenContent, readAt: EpochMicros) =>
    rememberSeen(session, connectionKey, marks, content, readAt),
  ),
  isLoaded: told('a look at its ledger', (file: FileContent) => isLoaded(session, connectionKey, file)),
  beginFile: told('a file', (file: FileContent) => beginFile(session, connectionKey, file)),
  completeFile: told('the end of a file', (fileKey: number, total: number, run: Run) =>
    completeFile(session, fileKey, total, run.runId),
  ),
})

/** What the run writes, and the counts of what it has committed. */
const commits = (opened: OpenedLoader) => {
  const { session } = opened
  let committed = noRunCounts
  return {
    commitBatch: async (run: Run, batch: Batch): Promise<void> => {
      committed = await commitBatch(session, run, batch, committed, opened)
    },
    commitPlacements: told('portfolios', async (run: Run, listed: number, placements: readonly Placement[]) => {
      committed = await commitPlacements(session, run, listed, placements, committed)
    }),
    committed: (): RunCounts => committed,
  }
}

/** What a replay or re-mapping reads again. */
const stored = ({ session, connectionKey, rowConnectionKey, stream }: OpenedLoader) => {
  const kept = { connectionKey, rowConnectionKey, stream }
  return {
    storedRows: () => toldEach('a look at its rows', storedRows(session, rowConnectionKey, pageSize)),
    keptRecords: () => toldEach('a look at its records', keptRecords(session, kept, pageSize)),
    keptRejects: () => toldEach('a look at its quarantine', keptRejects(session, kept, pageSize)),
  }
}

/** The same work, whose errors are named by what the caller does next. */
const told =
  <A extends readonly unknown[], T>(what: string, work: (...args: A) => Promise<T>) =>
  async (...args: A): Promise<T> => {
    try {
      return await work(...args)
    } catch (error) {
      throw loadError(error, what)
    }
  }

async function* toldEach<T>(
  what: string,
  pages: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* pages
  } catch (error) {
    throw loadError(error, what)
  }
}
