import type { GoneRecord } from '../domain/batch.ts'
import type { Run } from '../domain/run.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { storable } from './copy-text.ts'

/** Rows of records that are one row each are found by their key, the others by the partial index of those. */
const deleteRows = `
  with gone as (
    select * from unnest($3::text[], $4::bigint[], $5::timestamptz[]) as g (record_id, ordinal, read_at)
  ),
  doomed as (
    select t.message_id, g.ordinal, g.read_at
    from gone g
    join reelhouse.call_recordings t on t.connection_key = $1 and t.message_id = g.record_id collate "C"
    where t.record_id = t.message_id and t.deleted_at is null and t.source_ordinal < g.ordinal
    union all
    select t.message_id, g.ordinal, g.read_at
    from gone g
    join reelhouse.call_recordings t on t.connection_key = $1 and t.record_id = g.record_id collate "C"
    where t.record_id <> t.message_id and t.deleted_at is null and t.source_ordinal < g.ordinal
  )
  update reelhouse.call_recordings t
  set deleted_at = d.read_at, recording_status = 'deleted', source_ordinal = d.ordinal, last_changed_at = now(), run_id = $2
  from doomed d
  where t.connection_key = $1 and t.message_id = d.message_id`

const deleteRecords = `
  update reelhouse.source_records e
  set outcome = 'deleted', reason = 'gone', ordinal = g.ordinal, run_id = $3
  from unnest($4::text[], $5::bigint[]) as g (record_id, ordinal)
  where e.connection_key = $1 and e.stream = $2 and e.record_id = g.record_id collate "C"
    and e.outcome not in ('deleted', 'forgotten') and e.ordinal < g.ordinal`

const resolveRejects = `
  update reelhouse.rejected_records r
  set ordinal = g.ordinal, resolved_at = now(), last_changed_at = now(), run_id = $3
  from unnest($4::text[], $5::bigint[]) as g (record_id, ordinal)
  where r.connection_key = $1 and r.stream = $2 and r.reject_key = g.record_id collate "C"
    and r.resolved_at is null and r.ordinal < g.ordinal`

/** Unless it was read again since, and is waited for. */
const endFollowUps = `
  delete from reelhouse.follow_ups f
  using unnest($3::text[], $4::bigint[]) as g (record_id, ordinal)
  where f.connection_key = $1 and f.stream = $2 and f.record_id = g.record_id collate "C"
    and not exists (
      select
      from reelhouse.source_records e
      where e.connection_key = $1 and e.stream = $2 and e.record_id = g.record_id collate "C" and e.ordinal > g.ordinal
    )`

/**
 * Marks what was made of records that the source has deleted. Part of the batch's transaction, after everything that it
 * read: a later reading of a record has a higher ordinal and wins, now and when it is seen again. Nothing is written twice.
 */
export const deleteGone = async (session: Session, run: Run, gone: readonly GoneRecord[]): Promise<void> => {
  if (gone.length === 0) return
  const oldestFirst = gone.toSorted((a, b) => a.readAt - b.readAt)
  const latest = new Map(oldestFirst.map(({ recordId, readAt }) => [storable(recordId), readAt]))
  const [ids, ordinals] = [[...latest.keys()], [...latest.values()]]
  const scope = [run.connectionKey, run.stream]
  const { client } = session
  await client.query(deleteRows, [run.rowConnectionKey, run.runId, ids, ordinals, ordinals.map(formatInstant)])
  await client.query(deleteRecords, [...scope, run.runId, ids, ordinals])
  await client.query(resolveRejects, [...scope, run.runId, ids, ordinals])
  await client.query(endFollowUps, [...scope, ids, ordinals])
}
