import { setTimeout as sleep } from 'node:timers/promises'
import { LockHeldError, ReelhouseError } from '../../../src/domain/errors.ts'
import { scrubSignedQueries } from '../../../src/domain/signed-query.ts'
import type { Step } from '../../../src/domain/step.ts'
import { openConnectionLoader } from '../../../src/load/connection-loader.ts'
import type { Reporter } from '../../../src/pipeline/reporter.ts'
import { type FilesOutcome, syncFiles } from '../../../src/pipeline/sync-files.ts'
import { filesSettings } from '../../../src/sources/files/settings.ts'
import { openFiles } from '../../../src/sources/files/source.ts'
import { openSession, type Session } from '../../../src/warehouse/session.ts'
import type { TestDatabase } from '../../support/database.ts'
import { placedAsIs, storedPortfolio } from '../../support/rows.ts'

export class Killed extends Error {}

/** What a step may do to the process that reaches it. */
export interface Process {
  /** Nothing reaches the warehouse any more. */
  die(): never
  cut(which: 'load' | 'second' | 'locks'): void
  stop(): void
}

export interface DirectorySync {
  readonly connection: string
  readonly folder: string
  /** Records state their version. */
  readonly stated: boolean
  readonly batchRows: number
  readonly reached: (step: Step, process: Process) => void | Promise<void>
}

const destroy = (session: Session): void => {
  Reflect.get(session.client, 'connection').stream.destroy()
}

const silent: Reporter = {
  info: () => undefined,
  warn: () => undefined,
  progress: () => undefined,
  windowProgress: () => undefined,
}

const streamOf = ({ folder, stated }: DirectorySync) =>
  openFiles(
    filesSettings.parse({
      paths: ['dump-*.jsonl'],
      columns: { message_id: 'id', created_at: 'at', message_text: 'text' },
      ...(stated ? { version: { column: 'version' } } : {}),
    }),
    folder,
  )

/** One sync as one process does it. An error of a kind that ends a command is returned; a defect is thrown. */
export const syncDirectory = async (
  database: TestDatabase,
  sync: DirectorySync,
): Promise<FilesOutcome | ReelhouseError | 'killed'> => {
  const session = await openSession(database.url, { purpose: 'load' })
  const lockSession = await openSession(database.url, { purpose: 'locks' })
  const seconds: Session[] = []
  const openSecond = async (): Promise<Session> => {
    const second = await openSession(database.url, { purpose: 'load' })
    seconds.push(second)
    if (dead) destroy(second)
    return second
  }
  const stopped = new AbortController()
  let dead = false
  const life: Process = {
    die: () => {
      dead = true
      for (const each of [session, lockSession, ...seconds]) destroy(each)
      throw new Killed('killed')
    },
    cut: (which) => {
      for (const each of { load: [session], second: seconds, locks: [lockSession] }[which]) destroy(each)
    },
    stop: () => stopped.abort('SIGTERM'),
  }
  const reached = (step: Step) => sync.reached(step, life)
  try {
    const loader = await openConnectionLoader({
      session,
      openSecond,
      lockSession,
      invocationId: '00000000-0000-4000-8000-000000000001',
      connection: { id: sync.connection, source: 'files' },
      into: null,
      stream: 'recordings',
      command: 'sync',
      authoritative: false,
      reached,
      portfolioOf: storedPortfolio,
      redact: scrubSignedQueries,
      signal: stopped.signal,
    })
    const outcome = await syncFiles({
      connectionId: sync.connection,
      stream: streamOf(sync),
      loader,
      recordsKept: 'keys',
      batchRows: sync.batchRows,
      place: placedAsIs,
      reporter: silent,
      context: { signal: stopped.signal },
      reached,
      force: false,
    })
    return dead ? 'killed' : outcome
  } catch (error) {
    if (dead) return 'killed'
    if (error instanceof ReelhouseError) return error
    throw error
  } finally {
    for (const each of [session, lockSession, ...seconds]) await each.close()
  }
}

/** The same with nothing in its way; the server may take a moment to notice that a process is dead. */
export const syncCleanly = async (
  database: TestDatabase,
  sync: Omit<DirectorySync, 'reached'>,
): Promise<FilesOutcome> => {
  for (const deadline = Date.now() + 20_000; ; await sleep(10)) {
    const outcome = await syncDirectory(database, { ...sync, reached: () => undefined })
    if (outcome !== 'killed' && !(outcome instanceof ReelhouseError)) return outcome
    if (!(outcome instanceof LockHeldError) || Date.now() > deadline) throw outcome
  }
}
