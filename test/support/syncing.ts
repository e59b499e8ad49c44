import type { PlacedRow, RecordingRow } from '../../src/domain/recording-row.ts'
import type { RunCommand } from '../../src/domain/run.ts'
import { scrubSignedQueries } from '../../src/domain/signed-query.ts'
import { type StepObserver, unobserved } from '../../src/domain/step.ts'
import { openConnectionLoader } from '../../src/load/connection-loader.ts'
import type { RecordsKept } from '../../src/pipeline/record-batch.ts'
import type { FileReadProgress, Reporter } from '../../src/pipeline/reporter.ts'
import { type FilesOutcome, syncFiles } from '../../src/pipeline/sync-files.ts'
import { openSession, type Session } from '../../src/warehouse/session.ts'
import type { TestDatabase } from './database.ts'
import { type ListStreamOptions, listStream } from './list-stream.ts'
import { placedAsIs, storedPortfolio } from './rows.ts'

export interface SyncStated extends ListStreamOptions {
  readonly connection: string
  readonly command?: RunCommand
  readonly force?: boolean
  readonly batchRows?: number
  readonly recordsKept?: RecordsKept
  readonly reached?: StepObserver
  readonly signal?: AbortSignal
  readonly place?: (row: RecordingRow) => PlacedRow
  readonly warnings?: string[]
  readonly progress?: FileReadProgress[]
}

/** What one process does with one connection: its sessions end with it, and its locks with them. */
export const withLoader = async <T>(
  database: TestDatabase,
  stated: Omit<SyncStated, 'files'>,
  work: (loader: Awaited<ReturnType<typeof openConnectionLoader>>, lockSession: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(database.url, { purpose: 'test' })
  const lockSession = await openSession(database.url, { purpose: 'test' })
  try {
    const loader = await openConnectionLoader({
      session,
      lockSession,
      invocationId: '00000000-0000-4000-8000-000000000001',
      connection: { id: stated.connection, source: 'files' },
      into: null,
      stream: 'recordings',
      command: stated.command ?? 'sync',
      authoritative: stated.force ?? false,
      reached: stated.reached ?? unobserved,
      portfolioOf: storedPortfolio,
      redact: scrubSignedQueries,
      signal: stated.signal ?? new AbortController().signal,
    })
    return await work(loader, lockSession)
  } finally {
    await session.close()
    await lockSession.close()
  }
}

/** One sync of one connection, as the command line has it. */
export const sync = (database: TestDatabase, stated: SyncStated): Promise<FilesOutcome> =>
  withLoader(database, stated, (loader) => {
    const reporter: Reporter = {
      info: () => undefined,
      warn: (message) => stated.warnings?.push(message),
      progress: (progress) => stated.progress?.push(progress),
      windowProgress: () => undefined,
    }
    return syncFiles({
      connectionId: stated.connection,
      stream: listStream(stated),
      loader,
      recordsKept: stated.recordsKept ?? 'none',
      batchRows: stated.batchRows ?? 2,
      place: stated.place ?? placedAsIs,
      reporter,
      context: { signal: stated.signal ?? new AbortController().signal },
      reached: stated.reached ?? unobserved,
      force: stated.force ?? false,
    })
  })
