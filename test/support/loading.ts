import type {
  Batch,
  FileProgress,
  FollowUp,
  GoneRecord,
  Reject,
  SourceRecord,
  UpsertCounts,
} from '../../src/domain/batch.ts'
import { noRunCounts } from '../../src/domain/counts.ts'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import { scrubSignedQueries } from '../../src/domain/signed-query.ts'
import { type StepObserver, unobserved } from '../../src/domain/step.ts'
import { BatchTurn } from '../../src/load/batch-turn.ts'
import { openConnectionLoader } from '../../src/load/connection-loader.ts'
import { connectionKeyOf } from '../../src/load/connections.ts'
import { encodedBatch } from '../../src/load/encoded-batch.ts'
import { Expectation, type Expected } from '../../src/load/expectation.ts'
import { Forgotten } from '../../src/load/forgotten.ts'
import { commitBatch } from '../../src/load/loader.ts'
import type { LoaderOptions } from '../../src/load/opened-loader.ts'
import { type RunStart, startRun } from '../../src/load/runs.ts'
import type { Session } from '../../src/warehouse/session.ts'
import type { TestDatabase } from './database.ts'
import { storedPortfolio } from './rows.ts'

/** A batch of what a test states; every record of it is one row or one reject. */
export const batchOf = (stated: {
  readonly rows?: readonly PlacedRow[]
  readonly records?: readonly SourceRecord[]
  readonly rejects?: readonly Reject[]
  readonly fileProgress?: FileProgress
  readonly settled?: readonly string[]
  readonly followUps?: readonly FollowUp[]
  readonly followedUp?: readonly string[]
  readonly gone?: readonly GoneRecord[]
}): Batch => {
  const { rows = [], records = [], rejects = [], fileProgress = null, settled = [] } = stated
  const { followUps = [], followedUp = [], gone = [] } = stated
  const listed = rows.length + rejects.length
  return {
    rows,
    records,
    rejects,
    read: { listed, flattened: rows.length, rejected: rejects.length, skipped: 0, pending: 0 },
    tallies: {},
    fileProgress,
    settled,
    followUps,
    followedUp,
    gone,
  }
}

/** A run of a connection, which is registered when it is new. It holds no lock: to others it is dead. */
export const runOf = async (session: Session, connection: string, stated: Partial<RunStart> = {}): Promise<Run> => {
  const connectionKey = await connectionKeyOf(session, { id: connection, source: stated.source ?? 'files' })
  const start: RunStart = {
    invocationId: '00000000-0000-4000-8000-000000000001',
    connectionKey,
    rowConnectionKey: connectionKey,
    source: 'files',
    stream: 'recordings',
    command: 'sync',
    authoritative: false,
    ...stated,
  }
  return startRun(session, start, async () => undefined)
}

/** Runs for tests that want a connection each: a fresh run is of a new one, a later run of the same one again. */
export const runsOf = (session: () => Session) => {
  let connections = 0
  const laterRun = (stated: Partial<RunStart> = {}): Promise<Run> =>
    runOf(session(), `connection-${connections}`, stated)
  const freshRun = (stated: Partial<RunStart> = {}): Promise<Run> => {
    connections += 1
    return laterRun(stated)
  }
  return { freshRun, laterRun }
}

/** What a process of its own opens for a connection: it is dead when its sessions are closed. */
export const openLoader = async (
  database: TestDatabase,
  connection: string,
  stated: Partial<Omit<LoaderOptions, 'session' | 'lockSession' | 'connection'>> = {},
) => {
  const [session, lockSession] = [await database.session(), await database.session()]
  const loader = await openConnectionLoader({
    session,
    lockSession,
    invocationId: '00000000-0000-4000-8000-000000000001',
    connection: { id: connection, source: 'telnyx' },
    into: null,
    stream: 'recordings',
    command: 'sync',
    authoritative: false,
    reached: unobserved,
    portfolioOf: storedPortfolio,
    redact: scrubSignedQueries,
    signal: new AbortController().signal,
    ...stated,
  })
  return {
    loader,
    session,
    die: async (): Promise<void> => {
      await session.close()
      await lockSession.close()
    },
  }
}

const hooksOf = (reached: StepObserver) => ({
  reached,
  portfolioOf: storedPortfolio,
  redact: scrubSignedQueries,
  forgotten: new Forgotten([]),
})

/** Commits one batch as all that the run has done. */
export const load = (session: Session, run: Run, batch: Batch, reached: StepObserver = unobserved) =>
  commitBatch(session, run, batch, () => noRunCounts, hooksOf(reached))

/** Commits one batch as if most rows of the one before had been as it says. */
export const commitAs = (session: Session, run: Run, batch: Batch, expected: Expected) => {
  const hooks = hooksOf(unobserved)
  const expectation = new Expectation(expected, 1)
  const owner = expectation.allAreNew
    ? { connectionKey: run.rowConnectionKey, source: run.source, runId: run.runId }
    : null
  const encoded = encodedBatch(batch, { redact: hooks.redact, owner })
  const place = { encoded, turn: new BatchTurn(Promise.resolve()), expectation }
  return commitBatch(session, run, batch, () => noRunCounts, hooks, place)
}

/** `expected`: as if most rows of the batch before had been that. */
export const loadRows = async (
  session: Session,
  run: Run,
  rows: readonly PlacedRow[],
  expected: Expected = 'anything',
): Promise<UpsertCounts> => (await commitAs(session, run, batchOf({ rows }), expected)).upsert

/** A record that cannot become a row, of no file. */
export const rejectOf = (stated: Partial<Reject> = {}): Reject => ({
  rejectKey: 'rec-1',
  reason: { code: 'invalid-time', path: 'start_time', detail: '"soon" is no instant' },
  version: 1,
  ordinal: 1,
  payloadKind: 'record',
  payload: '{"id":"rec-1"}',
  file: null,
  ...stated,
})

export const recordOf = (stated: Partial<SourceRecord> = {}): SourceRecord => ({
  recordId: 'rec-1',
  parentId: null,
  windowAt: null,
  version: 1,
  joinedVersion: null,
  fingerprint: null,
  ordinal: 1,
  outcome: 'row',
  reason: null,
  payload: '{"id":"rec-1"}',
  payloadHash: 'a1',
  ...stated,
})

export const followUpOf = (stated: Partial<FollowUp> = {}): FollowUp => ({
  recordId: 'rec-1',
  parentId: null,
  kind: 'pending',
  reason: 'status-processing',
  attempts: 0,
  nextAttemptAt: Date.UTC(2026, 6, 14, 15) * 1000,
  giveUpAt: Date.UTC(2026, 6, 21, 15) * 1000,
  gaveUpAt: null,
  ...stated,
})
