import type { RunCommand } from '../../src/domain/run.ts'
import { scrubSignedQueries } from '../../src/domain/signed-query.ts'
import { type StepObserver, unobserved } from '../../src/domain/step.ts'
import type { Window } from '../../src/domain/window.ts'
import { openConnectionLoader } from '../../src/load/connection-loader.ts'
import { backfill } from '../../src/pipeline/backfill.ts'
import type { RecordsKept } from '../../src/pipeline/record-batch.ts'
import type { Reporter, WindowReadProgress } from '../../src/pipeline/reporter.ts'
import { syncWindows } from '../../src/pipeline/sync-windows.ts'
import { type VerifyOutcome, verify } from '../../src/pipeline/verify.ts'
import type { WindowsOutcome } from '../../src/pipeline/windows-outcome.ts'
import type { AnswerSizes } from '../../src/sources/answer-sizes.ts'
import type { WindowStream } from '../../src/sources/source.ts'
import { openSession } from '../../src/warehouse/session.ts'
import type { TestDatabase } from './database.ts'
import { placedAsIs, storedPortfolio } from './rows.ts'
import { type HeldSource, windowStream } from './window-stream.ts'

export interface WindowsStated {
  readonly connection: string
  readonly source: HeldSource
  readonly stream?: Partial<WindowStream>
  readonly force?: boolean
  readonly acceptAccount?: boolean
  readonly accountFingerprint?: string
  readonly batchRows?: number
  readonly recordsKept?: RecordsKept
  readonly reached?: StepObserver
  readonly signal?: AbortSignal
  readonly sizes?: AnswerSizes
  readonly warnings?: string[]
  readonly notices?: string[]
  readonly progress?: WindowReadProgress[]
}

type ConnectionLoader = Awaited<ReturnType<typeof openConnectionLoader>>

/** What one process does with one connection: its sessions end with it, and its locks with them. */
export const withWindowLoader = async <T>(
  database: TestDatabase,
  stated: Pick<WindowsStated, 'connection' | 'force' | 'reached' | 'signal'> & {
    readonly command: RunCommand
    readonly range?: Window
  },
  work: (loader: ConnectionLoader) => Promise<T>,
): Promise<T> => {
  const session = await openSession(database.url, { purpose: 'test' })
  const lockSession = await openSession(database.url, { purpose: 'test' })
  try {
    const loader = await openConnectionLoader({
      session,
      lockSession,
      invocationId: '00000000-0000-4000-8000-000000000001',
      connection: { id: stated.connection, source: 'held' },
      into: null,
      stream: 'recordings',
      command: stated.command,
      ...(stated.range === undefined ? {} : { range: stated.range }),
      authoritative: stated.force ?? false,
      reached: stated.reached ?? unobserved,
      portfolioOf: storedPortfolio,
      redact: scrubSignedQueries,
      signal: stated.signal ?? new AbortController().signal,
    })
    return await work(loader)
  } finally {
    await session.close()
    await lockSession.close()
  }
}

/** What the command line makes of a connection and its source. */
export const readingOf = (stated: WindowsStated) => {
  const reporter: Reporter = {
    info: () => undefined,
    warn: (message) => stated.warnings?.push(message),
    progress: () => undefined,
    windowProgress: (progress) => stated.progress?.push(progress),
  }
  return {
    connectionId: stated.connection,
    stream: windowStream(stated.source, stated.stream),
    recordsKept: stated.recordsKept ?? 'payloads',
    batchRows: stated.batchRows ?? 2,
    force: stated.force ?? false,
    acceptAccount: stated.acceptAccount ?? false,
    accountFingerprint: stated.accountFingerprint,
    place: placedAsIs,
    reporter,
    context: {
      signal: stated.signal ?? new AbortController().signal,
      notice: (message: string) => void stated.notices?.push(message),
      sizes: stated.sizes,
    },
    reached: stated.reached ?? unobserved,
    now: () => stated.source.clock.now,
  }
}

/** One sync of one connection, as the command line has it. */
export const syncOf = (database: TestDatabase, stated: WindowsStated): Promise<WindowsOutcome> =>
  withWindowLoader(database, { ...stated, command: 'sync' }, (loader) => syncWindows({ ...readingOf(stated), loader }))

export const backfillOf = (
  database: TestDatabase,
  stated: WindowsStated & { readonly range: Window; readonly again?: boolean },
): Promise<WindowsOutcome> =>
  withWindowLoader(database, { ...stated, command: 'backfill' }, (loader) =>
    backfill({ ...readingOf(stated), loader, range: stated.range, again: stated.again ?? false }),
  )

export const verifyOf = (
  database: TestDatabase,
  stated: WindowsStated & { readonly range: Window; readonly ids?: boolean },
): Promise<VerifyOutcome> => {
  const { connectionId, stream, reporter, context, now } = readingOf(stated)
  const { range, ids = false } = stated
  return withWindowLoader(database, { connection: stated.connection, command: 'verify' }, (loader) =>
    verify({ connectionId, stream, reporter, context, loader, range, ids, now }),
  )
}
