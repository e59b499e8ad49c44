import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import type { EncodedRecords } from './encoded-records.ts'

/**
 * Rows of records that are one row each are found by their key, the others by the partial index of those. Of a record that
 * became rows the upsert has done it, unless it left a row of it as deleted: then they were older than what is stored.
 * `offset 0`: see upsert-sql.ts.
 */
const revive = `
  with seen as (
    select s.record_id, max(s.ordinal) as ordinal, bool_and(s.outcome = 'row') as is_row
    from stage_source_records s
    cross join lateral (
      select
      from reelhouse.source_records e
      where e.connection_key = $1 and e.stream = $2 and e.record_id = s.record_id
        and e.outcome = 'deleted' and e.ordinal < s.ordinal
      offset 0
    ) e
    where s.outcome <> 'deleted' and (s.outcome <> 'row' or $5)
    group by 1
  ),
  returned as (
    select s.record_id, s.ordinal
    from seen s
    where not s.is_row or exists (
      select
      from stage_call_recordings i
      join reelhouse.call_recordings t on t.connection_key = $4 and t.message_id = i.message_id
      where i.record_id = s.record_id and t.deleted_at is not null and t.source_ordinal < s.ordinal
    )
  ),
  marked as (
    select t.message_id, r.ordinal
    from returned r
    join reelhouse.call_recordings t on t.connection_key = $4 and t.message_id = r.record_id
    where t.record_id = t.message_id and t.deleted_at is not null and t.source_ordinal < r.ordinal
    union all
    select t.message_id, r.ordinal
    from returned r
    join reelhouse.call_recordings t on t.connection_key = $4 and t.record_id = r.record_id
    where t.record_id <> t.message_id and t.deleted_at is not null and t.source_ordinal < r.ordinal
  )
  update reelhouse.call_recordings t
  set
    deleted_at = null,
    recording_status = nullif(t.recording_status, 'deleted'),
    source_ordinal = m.ordinal,
    last_changed_at = now(),
    run_id = $3
  from marked m
  where t.connection_key = $4 and t.message_id = m.message_id`

/**
 * A record whose deletion was proved and that is seen again, but gives its row nothing new (it is rejected, left out, pending,
 * or older than what is stored): the row is that of a living record again, and says what it said. Part of the batch's
 * transaction, between the upsert, which does so for all others, and what is kept of the records; a proof from before the
 * reading cannot undo it.
 */
export const reviveReturned = async (
  session: Session,
  run: Run,
  records: EncodedRecords,
  stale: number,
): Promise<void> => {
  if (records.count === 0 || (records.areRows && stale === 0)) return
  const values = [run.connectionKey, run.stream, run.runId, run.rowConnectionKey, stale > 0]
  await session.client.query(revive, values)
}
