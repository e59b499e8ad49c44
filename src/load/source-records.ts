import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { copyIn } from './copy-in.ts'
import { recordColumns } from './encode-record.ts'
import type { EncodedRecords } from './encoded-records.ts'

const createStage = `
  create temporary table if not exists stage_source_records (
    record_id      text collate "C" not null,
    parent_id      text,
    window_at      timestamptz,
    version        bigint,
    joined_version bigint,
    fingerprint    text,
    ordinal        bigint not null,
    outcome        text not null,
    reason         text,
    payload_hash   text,
    payload        text
  ) on commit delete rows`

const copyStage = `copy stage_source_records (${recordColumns.join(', ')}) from stdin`

/**
 * Newest wins, as for rows; a record read again with nothing new is neither locked nor written. A record that was rows and of
 * which nothing can be made now (its recordings were purged at the source) stays what those rows were made of: replay needs
 * it. What today's flatten makes of the same payload (a replay) is its outcome.
 */
const keepRecords = `
  with listed as (
    select distinct on (record_id) *
    from stage_source_records
    order by record_id, version desc nulls last, ordinal desc
  ),
  incoming as (
    select
      l.record_id, l.parent_id, l.window_at, l.version, l.joined_version, l.fingerprint, l.ordinal,
      case when k.stays then e.outcome else l.outcome end as outcome,
      case when k.stays then e.reason else l.reason end as reason,
      case when k.stays then e.payload else l.payload end as payload,
      case when k.stays then e.payload_hash else l.payload_hash end as payload_hash
    from listed l
    left join reelhouse.source_records e
      on e.connection_key = $1 and e.stream = $2 and e.record_id = l.record_id
    cross join lateral (
      select
        coalesce(e.outcome = 'row' and l.outcome in ('skip', 'pending') and e.payload_hash <> l.payload_hash, false) as stays
    ) k
  )
  insert into reelhouse.source_records as source_records (
    connection_key, stream, record_id, parent_id, window_at, version, joined_version, fingerprint, ordinal, outcome, reason,
    payload, payload_hash, read_at, run_id
  )
  select
    $1, $2, i.record_id, i.parent_id, i.window_at, i.version, i.joined_version, i.fingerprint, i.ordinal, i.outcome, i.reason,
    i.payload, i.payload_hash, now(), $3
  from incoming i
  left join reelhouse.source_records e
    on e.connection_key = $1 and e.stream = $2 and e.record_id = i.record_id
  where e.record_id is null
    or (
      (
        (coalesce(i.version, '-9223372036854775808'), i.ordinal) >= (coalesce(e.version, '-9223372036854775808'), e.ordinal)
        -- Seen again after its deletion, it is there, whatever its version: its next deletion must be noticed, too.
        or (e.outcome = 'deleted' and i.ordinal > e.ordinal)
      )
      and (
        (e.parent_id, e.window_at, e.version, e.joined_version, e.fingerprint, e.outcome, e.reason, e.payload_hash)
          is distinct from
          -- The version of a file is none of the record's own: the same record in a later file is not written for it.
          (i.parent_id, i.window_at, case when i.version = $5 and e.version is not null then e.version else i.version end, i.joined_version,
           coalesce(i.fingerprint, e.fingerprint), i.outcome, i.reason, i.payload_hash)
        or (
          -- Its row was just written with this ordinal (a corrected mapping): a replay of the record must not be older.
          e.ordinal <> i.ordinal
          and (
            exists (
              select
              from reelhouse.call_recordings t
              where t.connection_key = $4 and t.message_id = i.record_id and t.source_ordinal = i.ordinal
            )
            or exists (
              select
              from reelhouse.call_recordings t
              where t.connection_key = $4 and t.record_id = i.record_id and t.record_id <> t.message_id
                and t.source_ordinal = i.ordinal
            )
          )
        )
      )
    )
  on conflict (connection_key, stream, record_id) do update set
    parent_id = excluded.parent_id,
    window_at = excluded.window_at,
    version = excluded.version,
    joined_version = excluded.joined_version,
    -- Read by its id: what the listing showed of it last is what the next one is compared with.
    fingerprint = coalesce(excluded.fingerprint, source_records.fingerprint),
    ordinal = excluded.ordinal,
    outcome = excluded.outcome,
    reason = excluded.reason,
    payload = excluded.payload,
    payload_hash = excluded.payload_hash,
    read_at = excluded.read_at,
    run_id = excluded.run_id`

/** Inside the caller's transaction, once: what is staged stays until its end. */
export const stageSourceRecords = async (session: Session, records: EncodedRecords): Promise<void> => {
  if (records.count === 0) return
  await session.client.query(createStage)
  await copyIn(session, copyStage, records.chunks())
}

/** What is kept of the records that were staged. */
export const keepSourceRecords = async (
  session: Session,
  run: Run,
  records: EncodedRecords,
  fileVersion: number | null,
): Promise<void> => {
  if (records.count === 0) return
  const values = [run.connectionKey, run.stream, run.runId, run.rowConnectionKey, fileVersion]
  await session.client.query(keepRecords, values)
}
