import { LoadError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Run } from '../domain/run.ts'
import type { Window, WindowCompletion, WindowPurpose } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { storable } from './copy-text.ts'
import { growCoverage } from './coverage.ts'
import { inTransaction } from './transaction.ts'

/** SQL: until when the run that reads a window may be believed alive, unless it says so again. */
export const leaseEnd = `now() + interval '10 minutes'`

const begin = `
  insert into reelhouse.windows (
    connection_key, stream, axis, window_from, window_to, purpose, state, attempt, lease_expires_at, run_id
  )
  values ($1, $2, $3, $4, $5, $6, 'running', 1, ${leaseEnd}, $7)
  returning window_key`

export const beginWindow = async (
  session: Session,
  run: Run,
  axis: string,
  window: Window,
  purpose: WindowPurpose,
): Promise<number> => {
  const { connectionKey, stream, runId } = run
  const bounds = [formatInstant(window.from), formatInstant(window.to)]
  const { rows } = await session.client.query<{ readonly window_key: number }>(begin, [
    connectionKey,
    stream,
    axis,
    ...bounds,
    purpose,
    runId,
  ])
  return rows[0]?.window_key ?? notInLedger(0)
}

export const shortenWindow = async (session: Session, windowKey: number, to: EpochMicros): Promise<void> => {
  await session.client.query('update reelhouse.windows set window_to = $2 where window_key = $1', [
    windowKey,
    formatInstant(to),
  ])
}

/** `error`: redacted. */
export const failWindow = async (session: Session, windowKey: number, error: string): Promise<void> => {
  await session.client.query(
    "update reelhouse.windows set state = 'failed', lease_expires_at = null, error = $2 where window_key = $1",
    [windowKey, storable(error)],
  )
}

/**
 * What was planned and not read, because the clock of the source had not reached it, is left for a later run. (As failed by
 * this one, which would meet the same clock.)
 */
const leaveRest = `
  insert into reelhouse.windows (
    connection_key, stream, axis, window_from, window_to, purpose, state, attempt, run_id, planned_for, error
  )
  select
    connection_key, stream, axis, $2, window_to, purpose, 'failed', attempt, $3, planned_for,
    'the clock of the source had not reached it; the next run of the same command reads it'
  from reelhouse.windows
  where window_key = $1 and planned_for is not null and window_to > $2`

const complete = `
  update reelhouse.windows
  set window_to = $2, run_id = $3, state = 'complete', completed_at = now(), lease_expires_at = null, error = null, proof = $4,
    source_total = $5, listed = $6, flattened = $7, rejected = $8, skipped = $9, pending = $10
  where window_key = $1`

/** One transaction: the ledger, and the coverage that rests on it. */
export const completeWindow = (
  session: Session,
  run: Run,
  windowKey: number,
  completion: WindowCompletion,
): Promise<void> =>
  inTransaction(session, async () => {
    const { axis, read, proof, sourceTotal, counts, rereads, grows } = completion
    const { listed, flattened, rejected, skipped, pending } = counts
    const end = [windowKey, formatInstant(read.to), run.runId]
    await session.client.query(leaveRest, end)
    const completed = [...end, proof, sourceTotal, listed, flattened, rejected, skipped, pending]
    const { rowCount } = await session.client.query(complete, completed)
    if (rowCount !== 1) notInLedger(windowKey)
    await growCoverage(session, run, axis, grows ? read : { from: read.from, to: read.from }, rereads)
  })

const notInLedger = (windowKey: number): never => {
  throw new LoadError(`window ${windowKey} is not in the ledger any more; run the command again`)
}
