import type { EpochMicros } from '../domain/instant.ts'
import type { Run } from '../domain/run.ts'
import type { PlannedWindow, Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { isAlive } from './run-liveness.ts'
import { micros } from './sql-instant.ts'
import { leaseEnd } from './windows.ts'

interface PlannedRow {
  readonly window_key: number
  readonly from: EpochMicros
  readonly to: EpochMicros
}

type Scope = Pick<Run, 'connectionKey' | 'stream'>

const asPlanned = ({ window_key: windowKey, from, to }: PlannedRow): PlannedWindow => ({
  windowKey,
  window: { from, to },
})

/** The first five parameters: a backfill is its range. */
const backfillOf = ({ connectionKey, stream }: Scope, axis: string, { from, to }: Window): readonly unknown[] => [
  connectionKey,
  stream,
  axis,
  formatInstant(from),
  formatInstant(to),
]

const remaining = `
  select window_key, ${micros('window_from')} as from, ${micros('window_to')} as to
  from reelhouse.windows
  where connection_key = $1 and stream = $2 and axis = $3 and planned_for = tstzrange($4, $5) and state <> 'complete'
  order by window_from`

export const unfinishedWindows = async (
  session: Session,
  scope: Scope,
  axis: string,
  range: Window,
): Promise<readonly PlannedWindow[]> =>
  (await session.client.query<PlannedRow>(remaining, [...backfillOf(scope, axis, range)])).rows.map(asPlanned)

const plan = `
  insert into reelhouse.windows (connection_key, stream, axis, window_from, window_to, purpose, state, planned_for)
  select $1, $2, $3, w.from, w.to, 'backfill', 'planned', tstzrange($4, $5)
  from unnest($6::timestamptz[], $7::timestamptz[]) as w ("from", "to")`

export const planWindows = async (
  session: Session,
  scope: Scope,
  axis: string,
  range: Window,
  windows: readonly Window[],
): Promise<void> => {
  await session.client.query(plan, [
    ...backfillOf(scope, axis, range),
    windows.map(({ from }) => formatInstant(from)),
    windows.map(({ to }) => formatInstant(to)),
  ])
}

const discard = `
  delete from reelhouse.windows
  where connection_key = $1 and stream = $2 and axis = $3 and planned_for = tstzrange($4, $5) and state <> 'complete'`

/** The caller holds the lock of the backfill: nobody reads any of them. */
export const discardWindows = async (session: Session, scope: Scope, axis: string, range: Window): Promise<void> => {
  await session.client.query(discard, [...backfillOf(scope, axis, range)])
}

const claim = `
  with next as (
    select w.window_key
    from reelhouse.windows w
    where w.connection_key = $1 and w.stream = $2 and w.axis = $3 and w.planned_for = tstzrange($4, $5)
      and case w.state
        when 'planned' then true
        when 'failed' then w.run_id is distinct from $6
        when 'running' then w.lease_expires_at < now() or not ${isAlive('w.run_id')}
      end
      and w.state <> 'complete'
    order by w.window_from
    limit 1
    for update skip locked
  )
  update reelhouse.windows w
  set state = 'running', attempt = w.attempt + 1, run_id = $6, lease_expires_at = ${leaseEnd}
  from next n
  where w.window_key = n.window_key
  returning w.window_key, ${micros('w.window_from')} as from, ${micros('w.window_to')} as to`

export const claimWindow = async (
  session: Session,
  run: Run,
  axis: string,
  range: Window,
): Promise<PlannedWindow | null> => {
  const { rows } = await session.client.query<PlannedRow>(claim, [...backfillOf(run, axis, range), run.runId])
  return rows[0] === undefined ? null : asPlanned(rows[0])
}

export const renewLease = async (session: Session, windowKey: number): Promise<void> => {
  await session.client.query(
    `update reelhouse.windows set lease_expires_at = ${leaseEnd} where window_key = $1 and state = 'running'`,
    [windowKey],
  )
}

/** The update takes from the insert, so that it comes after it: the rest ends where the whole did. */
const split = `
  with rest as (
    insert into reelhouse.windows (connection_key, stream, axis, window_from, window_to, purpose, state, planned_for)
    select connection_key, stream, axis, $2, window_to, purpose, 'planned', planned_for
    from reelhouse.windows
    where window_key = $1
    returning window_from
  )
  update reelhouse.windows w
  set window_to = r.window_from
  from rest r
  where w.window_key = $1`

/** One statement: no time between the two is ever in neither. */
export const splitWindow = async (session: Session, windowKey: number, at: EpochMicros): Promise<void> => {
  await session.client.query(split, [windowKey, formatInstant(at)])
}
