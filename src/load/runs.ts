import { sql } from 'kysely'
import type { Run, RunCommand, RunCounts, RunState } from '../domain/run.ts'
import { scrubSignedQueries } from '../domain/signed-query.ts'
import type { Session } from '../warehouse/session.ts'
import { storable } from './copy-text.ts'

export interface RunStart {
  readonly invocationId: string
  readonly connectionKey: number
  readonly rowConnectionKey: number
  readonly source: string
  readonly stream: string
  readonly command: RunCommand
  readonly authoritative: boolean
}

export const startRun = async (session: Session, start: RunStart): Promise<Run> => {
  const { invocationId, connectionKey, rowConnectionKey, source, stream, command, authoritative } = start
  const { run_id: runId } = await session.db
    .insertInto('runs')
    .values({ invocation_id: invocationId, connection_key: connectionKey, stream, command })
    .returning('run_id')
    .executeTakeFirstOrThrow()
  return { runId, connectionKey, rowConnectionKey, source, stream, command, authoritative }
}

/**
 * Sets the counters to what the run has committed including this batch: absolute values, so that a repeated transaction
 * counts once. The table refuses counts that do not add up.
 */
export const setRunCounts = async (session: Session, run: Run, counts: RunCounts): Promise<void> => {
  await session.db
    .updateTable('runs')
    .set({ ...counts.read, ...counts.upsert, tallies: JSON.stringify(counts.tallies) })
    .where('run_id', '=', run.runId)
    .execute()
}

export const finishRun = async (session: Session, run: Run, state: RunState, error: string | null): Promise<void> => {
  await session.db
    .updateTable('runs')
    .set({ state, error: error === null ? null : storable(scrubSignedQueries(error)), finished_at: sql`now()` })
    .where('run_id', '=', run.runId)
    .execute()
}

/** The caller holds the lock that every such run holds while it runs: one that still says so has lost its process. */
export const abandonDeadRuns = async (
  session: Session,
  connectionKey: number,
  commands: readonly RunCommand[],
): Promise<void> => {
  await session.db
    .updateTable('runs')
    .set({ state: 'abandoned', finished_at: sql`now()`, error: 'its process ended without a word' })
    .where('connection_key', '=', connectionKey)
    .where('command', 'in', commands)
    .where('state', '=', 'running')
    .execute()
}
