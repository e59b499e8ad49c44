import type { Batch, FileProgress, Reject, SourceRecord, UpsertCounts } from '../../src/domain/batch.ts'
import { noRunCounts } from '../../src/domain/counts.ts'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import { type StepObserver, unobserved } from '../../src/domain/step.ts'
import { connectionKeyOf } from '../../src/load/connections.ts'
import { commitBatch } from '../../src/load/loader.ts'
import { type RunStart, startRun } from '../../src/load/runs.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { storedPortfolio } from './rows.ts'

/** A batch of what a test states; every record of it is one row or one reject. */
export const batchOf = (stated: {
  readonly rows?: readonly PlacedRow[]
  readonly records?: readonly SourceRecord[]
  readonly rejects?: readonly Reject[]
  readonly fileProgress?: FileProgress
  readonly settled?: readonly string[]
}): Batch => {
  const { rows = [], records = [], rejects = [], fileProgress = null, settled = [] } = stated
  const listed = rows.length + rejects.length
  return {
    rows,
    records,
    rejects,
    read: { listed, flattened: rows.length, rejected: rejects.length, skipped: 0, pending: 0 },
    tallies: {},
    fileProgress,
    settled,
  }
}

/** A run of a connection, which is registered when it is new. */
export const runOf = async (session: Session, connection: string, stated: Partial<RunStart> = {}): Promise<Run> => {
  const connectionKey = await connectionKeyOf(session, { id: connection, source: 'files' })
  return startRun(session, {
    invocationId: '00000000-0000-4000-8000-000000000001',
    connectionKey,
    rowConnectionKey: connectionKey,
    source: 'files',
    stream: 'recordings',
    command: 'sync',
    authoritative: false,
    ...stated,
  })
}

/** Commits one batch as all that the run has done. */
export const load = (session: Session, run: Run, batch: Batch, reached: StepObserver = unobserved) =>
  commitBatch(session, run, batch, noRunCounts, { reached, portfolioOf: storedPortfolio })

export const loadRows = async (session: Session, run: Run, rows: readonly PlacedRow[]): Promise<UpsertCounts> =>
  (await load(session, run, batchOf({ rows }))).upsert

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
  ordinal: 1,
  outcome: 'row',
  reason: null,
  payload: '{"id":"rec-1"}',
  payloadHash: 'a1',
  ...stated,
})
