import type { ReelhouseError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { RunCounts, RunState } from '../domain/run.ts'
import { counted } from '../terminal/counted.ts'
import { type ExitName, exitOfError, worstExit } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { formatInstant } from '../transform/instant.ts'
import type { ConnectionResult } from './connections.ts'
import { exitOfSignal } from './signals.ts'

/** What came of one run: one stream of one connection. */
export interface RunOutcome {
  readonly stream: string
  readonly state: RunState
  readonly counts: RunCounts
  readonly failures: readonly ReelhouseError[]
  /** Of dump files: those that were loaded, and those whose content was known already. */
  readonly files?: { readonly loaded: number; readonly known: number }
  /** Of an API: windows that were read completely, and until when everything is read now. */
  readonly windows?: { readonly read: number; readonly readUntil: EpochMicros | null }
  /** Requests that the vendor was sent. */
  readonly requests?: number
}

export type Outcomes = readonly ConnectionResult<readonly RunOutcome[]>[]

export const exitOfOutcomes = (outcomes: Outcomes, strict: boolean, signal: AbortSignal): ExitName => {
  const exits = outcomes.flatMap(({ result, error }): readonly ExitName[] =>
    result === null ? [exitOfError(error)] : result.flatMap((run) => exitsOfRun(run, strict)),
  )
  return worstExit(signal.aborted ? [...exits, exitOfSignal(signal)] : exits)
}

/** The exit of a command whose connections have no counts. */
export const exitOfConnections = (results: readonly ConnectionResult<unknown>[], signal: AbortSignal): ExitName => {
  const exits = results.flatMap(({ error }) => (error === null ? [] : [exitOfError(error)]))
  return worstExit(signal.aborted ? [...exits, exitOfSignal(signal)] : exits)
}

const exitsOfRun = ({ failures, counts }: RunOutcome, strict: boolean): readonly ExitName[] => {
  const exits = failures.map(exitOfError)
  return strict && counts.read.rejected > 0 ? [...exits, 'failed'] : exits
}

/** The document of `sync --json`, `backfill --json` and `replay --json`; see docs/operator.md. */
export const runsDocument = (outcomes: Outcomes) => ({
  connections: outcomes.flatMap(({ connection, result, error }): readonly object[] =>
    result === null
      ? [{ connection, ...noRun, errors: error === null ? [] : [error.message] }]
      : result.map((run) => ({ connection, ...runDocument(run) })),
  ),
})

const noRun = { stream: null, state: 'failed', records: null, rows: null, tallies: {} }

const runDocument = ({ stream, state, counts, failures, files, windows, requests }: RunOutcome) => ({
  stream,
  state,
  ...(files === undefined ? {} : { files }),
  ...(windows === undefined
    ? {}
    : {
        windows: {
          read: windows.read,
          read_until: windows.readUntil === null ? null : formatInstant(windows.readUntil),
        },
      }),
  ...(requests === undefined ? {} : { requests }),
  records: counts.read,
  rows: counts.upsert,
  tallies: counts.tallies,
  errors: failures.map((failure) => failure.message),
})

const head = [
  'connection',
  'state',
  'read',
  'listed',
  'rejected',
  'skipped',
  'pending',
  'inserted',
  'updated',
  'unchanged',
  'stale',
  'duplicate',
]

export const runsText = (outcomes: Outcomes): string => {
  const rows = outcomes.flatMap(({ connection, result }) =>
    result === null
      ? [[connection, 'failed', ...Array<null>(head.length - 2).fill(null)]]
      : result.map((run) => [connection, ...runCells(run)]),
  )
  return renderTable(head, rows)
}

const runCells = (run: RunOutcome) => {
  const { read, upsert } = run.counts
  const written = [upsert.inserted, upsert.updated, upsert.unchanged, upsert.stale, upsert.duplicate]
  return [run.state, unitsOf(run), read.listed, read.rejected, read.skipped, read.pending, ...written]
}

const unitsOf = ({ files, windows }: RunOutcome): string | null => {
  if (files !== undefined) return counted(files.loaded, 'file')
  return windows === undefined ? null : counted(windows.read, 'window')
}
