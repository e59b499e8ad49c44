import type { Run, RunCommand, RunCounts, RunState } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { storable } from './copy-text.ts'
import { countFileBatches } from './file-batches.ts'
import { isAlive } from './run-liveness.ts'
import { inTransaction } from './transaction.ts'

export interface RunStart {
  readonly invocationId: string
  readonly connectionKey: number
  readonly rowConnectionKey: number
  readonly source: string
  readonly stream: string
  readonly command: RunCommand
  readonly authoritative: boolean
}

/**
 * `hold` takes the lock that tells that the run lives (run-liveness.ts), before anybody can see the run. (The id is not
 * taken from the sequence beforehand: that asks for a right that inserting does not.)
 */
export const startRun = async (
  session: Session,
  start: RunStart,
  hold: (runId: number) => Promise<void>,
): Promise<Run> => {
  const { invocationId, connectionKey, rowConnectionKey, source, stream, command, authoritative } = start
  const runId = await inTransaction(session, async () => {
    const { run_id } = await session.db
      .insertInto('runs')
      .values({ invocation_id: invocationId, connection_key: connectionKey, stream, command })
      .returning('run_id')
      .executeTakeFirstOrThrow()
    await hold(run_id)
    return run_id
  })
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

/**
 * A window whose failure the warehouse refused to note must not look as if it were still read. Those of a backfill are left: the
 * next one takes them over.
 */
const finish = `
  with ended as (
    update reelhouse.runs
    set state = $2, error = $3, finished_at = now()
    where run_id = $1
    returning run_id
  )
  update reelhouse.windows w
  set state = 'failed', lease_expires_at = null, error = 'its run ended before it was read completely'
  from ended e
  where w.run_id = e.run_id and w.state = 'running' and w.planned_for is null`

/** `error`: redacted. */
export const finishRun = async (session: Session, run: Run, state: RunState, error: string | null): Promise<void> => {
  await session.client.query(finish, [run.runId, state, error === null ? null : storable(error)])
}

/** Of batches that no run counts any more there may be some without a dead run: one was on its way when its process died. */
const hasLeft = `
  select
    exists (
      select from reelhouse.runs r
      where r.connection_key = $1 and r.state = 'running' and not ${isAlive('r.run_id')}
    )
    or exists (
      select from reelhouse.file_batches b join reelhouse.loaded_files f using (file_key) where f.connection_key = $1
    ) as has_left`

const abandon = `
  with dead as (
    update reelhouse.runs r
    set state = 'abandoned', finished_at = now(), error = 'its process ended without a word'
    where r.connection_key = $1 and r.state = 'running' and not ${isAlive('r.run_id')}
    returning r.run_id
  )
  update reelhouse.windows w
  set state = 'failed', lease_expires_at = null, error = 'the process of its run ended without a word'
  from dead d
  where w.run_id = d.run_id and w.state = 'running'`

/**
 * Runs of the connection, of any command, that still say `running` and do not live; with the windows they were reading. What
 * they have committed is counted before: whoever dies in between leaves runs by which the next one sees that there is some.
 */
export const abandonDeadRuns = async (session: Session, connectionKey: number): Promise<void> => {
  const { rows } = await session.client.query(hasLeft, [connectionKey])
  if (rows[0].has_left !== true) return
  await countFileBatches(session, connectionKey)
  await session.client.query(abandon, [connectionKey])
}
