import type { DueFollowUp, FollowUp } from '../domain/batch.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Run } from '../domain/run.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { storable, storableOrNull } from './copy-text.ts'
import { micros } from './sql-instant.ts'

const due = `
  select record_id as "recordId", parent_id as "parentId", kind, reason, attempts, ${micros('give_up_at')} as "giveUpAt"
  from reelhouse.follow_ups
  where connection_key = $1 and stream = $2 and gave_up_at is null and next_attempt_at <= $3
  order by next_attempt_at, record_id
  limit $4`

/** The longest due first. */
export const dueFollowUps = async (
  session: Session,
  { connectionKey, stream }: Pick<Run, 'connectionKey' | 'stream'>,
  now: EpochMicros,
  limit: number,
): Promise<readonly DueFollowUp[]> =>
  (await session.client.query<DueFollowUp>(due, [connectionKey, stream, formatInstant(now), limit])).rows

/** Of one record the last statement counts; one that says what is stored already is neither locked nor written. */
const keep = `
  with incoming as (
    select distinct on (f.record_id collate "C")
      f.record_id, f.parent_id, f.kind, f.reason, f.attempts, f.next_attempt_at, f.gave_up_at,
      -- A record without a time of its own has a new end of waiting at each look: the first one counts.
      case
        when e.gave_up_at is null and (e.kind, e.reason) = (f.kind, f.reason) then least(e.give_up_at, f.give_up_at)
        else f.give_up_at
      end as give_up_at
    from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::timestamptz[], $10::timestamptz[],
                $11::timestamptz[]) with ordinality
      as f (record_id, parent_id, kind, reason, attempts, next_attempt_at, give_up_at, gave_up_at, place)
    left join reelhouse.follow_ups e
      on e.connection_key = $1 and e.stream = $2 and e.record_id = f.record_id collate "C"
    order by f.record_id collate "C", f.place desc
  )
  insert into reelhouse.follow_ups (
    connection_key, stream, record_id, parent_id, kind, reason, attempts, next_attempt_at, give_up_at, gave_up_at, run_id
  )
  select
    $1, $2, i.record_id, i.parent_id, i.kind, i.reason, i.attempts, i.next_attempt_at, i.give_up_at, i.gave_up_at, $3
  from incoming i
  left join reelhouse.follow_ups e
    on e.connection_key = $1 and e.stream = $2 and e.record_id = i.record_id collate "C"
  where e.record_id is null
    -- A replay asks the source for nothing: what is waited for already is waited for as it was.
    or not $12::boolean and (e.parent_id, e.kind, e.reason, e.attempts, e.next_attempt_at, e.give_up_at, e.gave_up_at)
      is distinct from (i.parent_id, i.kind, i.reason, i.attempts, i.next_attempt_at, i.give_up_at, i.gave_up_at)
  on conflict (connection_key, stream, record_id) do update set
    parent_id = excluded.parent_id,
    kind = excluded.kind,
    reason = excluded.reason,
    attempts = excluded.attempts,
    next_attempt_at = excluded.next_attempt_at,
    give_up_at = excluded.give_up_at,
    gave_up_at = excluded.gave_up_at,
    run_id = excluded.run_id`

/** Part of the batch's transaction. What is waited for again keeps the time since when it is waited for. */
export const keepFollowUps = async (session: Session, run: Run, followUps: readonly FollowUp[]): Promise<void> => {
  if (followUps.length === 0) return
  const column = <T>(read: (followUp: FollowUp) => T): T[] => followUps.map(read)
  await session.client.query(keep, [
    run.connectionKey,
    run.stream,
    run.runId,
    column(({ recordId }) => storable(recordId)),
    column(({ parentId }) => storableOrNull(parentId)),
    column(({ kind }) => kind),
    column(({ reason }) => storable(reason)),
    column(({ attempts }) => attempts),
    column(({ nextAttemptAt }) => formatInstant(nextAttemptAt)),
    column(({ giveUpAt }) => formatInstant(giveUpAt)),
    column(({ gaveUpAt }) => (gaveUpAt === null ? null : formatInstant(gaveUpAt))),
    run.command === 'replay',
  ])
}

const end = `
  delete from reelhouse.follow_ups
  where connection_key = $1 and stream = $2 and record_id = any ($3::text[])`

/** Nothing is waited for any more. A record that one batch read twice, and that is still waited for, is not among them. */
export const endFollowUps = async (
  session: Session,
  { connectionKey, stream }: Run,
  recordIds: readonly string[],
  waitedFor: readonly FollowUp[],
): Promise<void> => {
  const still = new Set(waitedFor.map(({ recordId }) => recordId))
  const ended = recordIds.filter((recordId) => !still.has(recordId)).map(storable)
  if (ended.length > 0) await session.client.query(end, [connectionKey, stream, ended])
}

export interface FollowUpCount {
  readonly connection_id: string
  readonly reason: string
  readonly waiting: number
}

/** What is waited for, and not given up. */
export const countOpenFollowUps = async (session: Session): Promise<readonly FollowUpCount[]> => {
  const { rows } = await session.client.query<FollowUpCount>(
    `
    select connection_id, reason, sum(waiting)::bigint as waiting
    from reelhouse.open_follow_ups
    group by 1, 2
    having sum(waiting) > 0
    order by 1, 2`,
  )
  return rows
}
