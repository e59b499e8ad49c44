import type { UpsertCounts } from '../domain/batch.ts'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'

/**
 * The guarded upsert of one staged batch, in one statement that counts exactly what it did.
 *
 * `incoming`: the newest row of each key, in its pass ($5, see passes.ts). `compared`: what is stored beside it, with
 * unstated columns (keep-mask.ts) taken from what is stored (of a row that was deleted and is seen again, not the status
 * that says so). Only rows that are new, or that win and differ or state a higher version of their own, reach the insert: an unchanged row is read and neither locked nor written (`on conflict ... where` alone
 * would lock and dirty it).
 *
 * Who wins: a stated version beats none, the higher version beats the lower, then the higher ordinal; of equal ordinals an
 * authoritative load ($4) wins, else the greater content, so that the order of commits never decides.
 *
 * A row read again with equal content keeps its ordinal, since nothing is written. So a row between the two, committed
 * after both, wins: that takes a source without versions, content that changed and changed back, and a late commit, and
 * the next reading puts it right.
 *
 * Columns that no row of the batch leaves unstated ($6) cost no look at keep_mask: the planner folds it, as it knows the
 * parameter. `offset 0` keeps the look at the table apart, so that it goes by the whole key: of a connection that is new to
 * the statistics the planner expects one row, for which half of the key looks as good (measured: 740 us a row instead of 13).
 *
 * The transaction is repeatable read: a row that another session changed since the snapshot raises 40001 and the batch is
 * repeated. Hence what was compared is what is overwritten, and the counts are exact.
 */
const upsert = `
  with incoming as (
    select distinct on (message_id) *
    from stage_call_recordings
    where pass = $5
    order by message_id, source_version desc nulls last, source_ordinal desc
  ),
  compared as materialized (
    select
      i.conversation_id, i.message_id, i.created_at,
      k.portfolio_id, k.message_text, k.first_name, k.last_name, k.sender_ext_ref, k.phone_number, k.email_address,
      k.message_direction, k.number_dialed_by_user, k.call_duration_in_sec, k.recording_url,
      i.media, i.record_id, k.recording_status, k.recording_expires_at, k.deleted_at,
      i.source_version, i.source_ordinal, k.map_keys, k.stated_portfolio_id,
      i.keep_mask & 65536 = 0 as states_version,
      t.message_id is not null as known,
      row (t.conversation_id, t.created_at, t.portfolio_id, t.message_text, t.first_name, t.last_name, t.sender_ext_ref,
           t.phone_number, t.email_address, t.message_direction, t.number_dialed_by_user, t.call_duration_in_sec,
           t.recording_url, t.media, t.record_id, t.recording_status, t.recording_expires_at, t.deleted_at, t.map_keys, t.stated_portfolio_id)
      is distinct from
      row (i.conversation_id, i.created_at, k.portfolio_id, k.message_text, k.first_name, k.last_name, k.sender_ext_ref,
           k.phone_number, k.email_address, k.message_direction, k.number_dialed_by_user, k.call_duration_in_sec,
           k.recording_url, i.media, i.record_id, k.recording_status, k.recording_expires_at, k.deleted_at, k.map_keys, k.stated_portfolio_id)
      as differs,
      i.source_version is not null and (t.source_version is null or i.source_version > t.source_version) as newer,
      case
        when i.source_version is distinct from t.source_version
          then i.source_version is not null and (t.source_version is null or i.source_version > t.source_version)
        when i.source_ordinal <> t.source_ordinal then i.source_ordinal > t.source_ordinal
        when $4::boolean then true
        else
          row (i.conversation_id, i.created_at, k.portfolio_id, k.message_text, k.first_name, k.last_name, k.sender_ext_ref,
               k.phone_number, k.email_address, k.message_direction, k.number_dialed_by_user, k.call_duration_in_sec,
               k.recording_url, i.media, i.record_id, k.recording_status, k.recording_expires_at, k.deleted_at, k.map_keys, k.stated_portfolio_id)::text collate "C"
          >
          row (t.conversation_id, t.created_at, t.portfolio_id, t.message_text, t.first_name, t.last_name, t.sender_ext_ref,
               t.phone_number, t.email_address, t.message_direction, t.number_dialed_by_user, t.call_duration_in_sec,
               t.recording_url, t.media, t.record_id, t.recording_status, t.recording_expires_at, t.deleted_at, t.map_keys, t.stated_portfolio_id)::text collate "C"
      end as wins
    from incoming i
    left join lateral (
      select *
      from reelhouse.call_recordings t
      where t.connection_key = $1 and t.message_id = i.message_id
      offset 0
    ) t on true
    cross join lateral (
      select
        case
          when $6 & 1 = 0 or i.keep_mask & 1 = 0 then i.portfolio_id
          when t.message_id is null then i.portfolio_if_new
          else t.portfolio_id
        end as portfolio_id,
        case when $6 & 2 <> 0 and i.keep_mask & 2 <> 0 then t.message_text else i.message_text end as message_text,
        case when $6 & 4 <> 0 and i.keep_mask & 4 <> 0 then t.first_name else i.first_name end as first_name,
        case when $6 & 8 <> 0 and i.keep_mask & 8 <> 0 then t.last_name else i.last_name end as last_name,
        case when $6 & 16 <> 0 and i.keep_mask & 16 <> 0 then t.sender_ext_ref else i.sender_ext_ref end as sender_ext_ref,
        case when $6 & 32 <> 0 and i.keep_mask & 32 <> 0 then t.phone_number else i.phone_number end as phone_number,
        case when $6 & 64 <> 0 and i.keep_mask & 64 <> 0 then t.email_address else i.email_address end as email_address,
        case when $6 & 128 <> 0 and i.keep_mask & 128 <> 0 then t.message_direction else i.message_direction end as message_direction,
        case when $6 & 256 <> 0 and i.keep_mask & 256 <> 0 then t.number_dialed_by_user else i.number_dialed_by_user end as number_dialed_by_user,
        case when $6 & 512 <> 0 and i.keep_mask & 512 <> 0 then t.call_duration_in_sec else i.call_duration_in_sec end as call_duration_in_sec,
        case when $6 & 1024 <> 0 and i.keep_mask & 1024 <> 0 then t.recording_url else i.recording_url end as recording_url,
        case
          when $6 & 32768 <> 0 and i.keep_mask & 32768 <> 0 and t.deleted_at is not null then t.recording_status
          when $6 & 2048 = 0 or i.keep_mask & 2048 = 0 then i.recording_status
          when t.deleted_at is not null and i.deleted_at is null then nullif(t.recording_status, 'deleted')
          else t.recording_status
        end as recording_status,
        case when $6 & 4096 <> 0 and i.keep_mask & 4096 <> 0 then t.recording_expires_at else i.recording_expires_at end as recording_expires_at,
        case
          when $6 & 8192 = 0 or i.keep_mask & 8192 = 0 then i.map_keys
          when i.map_keys is null then t.map_keys
          else nullif(jsonb_strip_nulls(coalesce(t.map_keys, '{}') || i.map_keys), '{}')
        end as map_keys,
        case when $6 & 16384 <> 0 and i.keep_mask & 16384 <> 0 then t.stated_portfolio_id else i.stated_portfolio_id end as stated_portfolio_id,
        case when $6 & 32768 <> 0 and i.keep_mask & 32768 <> 0 then t.deleted_at else i.deleted_at end as deleted_at
    ) k
  ),
  written as (
    insert into reelhouse.call_recordings as t (
      connection_key, conversation_id, message_id, created_at, portfolio_id, message_text, first_name, last_name,
      sender_ext_ref, phone_number, email_address, message_direction, number_dialed_by_user, call_duration_in_sec,
      recording_url, source, media, record_id, recording_status, recording_expires_at, deleted_at, source_version,
      source_ordinal, map_keys, stated_portfolio_id, first_loaded_at, last_changed_at, run_id
    )
    select
      $1, conversation_id, message_id, created_at, portfolio_id, message_text, first_name, last_name,
      sender_ext_ref, phone_number, email_address, message_direction, number_dialed_by_user, call_duration_in_sec,
      recording_url, $2, media, record_id, recording_status, recording_expires_at, deleted_at, source_version,
      source_ordinal, map_keys, stated_portfolio_id, now(), now(), $3
    from compared
    where not known or (wins and (differs or newer and states_version))
    on conflict (connection_key, message_id) do update set
      conversation_id = excluded.conversation_id,
      created_at = excluded.created_at,
      portfolio_id = excluded.portfolio_id,
      message_text = excluded.message_text,
      first_name = excluded.first_name,
      last_name = excluded.last_name,
      sender_ext_ref = excluded.sender_ext_ref,
      phone_number = excluded.phone_number,
      email_address = excluded.email_address,
      message_direction = excluded.message_direction,
      number_dialed_by_user = excluded.number_dialed_by_user,
      call_duration_in_sec = excluded.call_duration_in_sec,
      recording_url = excluded.recording_url,
      source = excluded.source,
      media = excluded.media,
      record_id = excluded.record_id,
      recording_status = excluded.recording_status,
      recording_expires_at = excluded.recording_expires_at,
      deleted_at = excluded.deleted_at,
      source_version = excluded.source_version,
      source_ordinal = excluded.source_ordinal,
      map_keys = excluded.map_keys,
      stated_portfolio_id = excluded.stated_portfolio_id,
      last_changed_at = case
        when row (t.conversation_id, t.created_at, t.portfolio_id, t.message_text, t.first_name, t.last_name, t.sender_ext_ref,
                  t.phone_number, t.email_address, t.message_direction, t.number_dialed_by_user, t.call_duration_in_sec,
                  t.recording_url, t.media, t.record_id, t.recording_status, t.recording_expires_at, t.deleted_at, t.map_keys, t.stated_portfolio_id)
             is distinct from
             row (excluded.conversation_id, excluded.created_at, excluded.portfolio_id, excluded.message_text, excluded.first_name,
                  excluded.last_name, excluded.sender_ext_ref, excluded.phone_number, excluded.email_address,
                  excluded.message_direction, excluded.number_dialed_by_user, excluded.call_duration_in_sec,
                  excluded.recording_url, excluded.media, excluded.record_id, excluded.recording_status,
                  excluded.recording_expires_at, excluded.deleted_at, excluded.map_keys, excluded.stated_portfolio_id)
          then excluded.last_changed_at
        else t.last_changed_at
      end,
      run_id = excluded.run_id
    returning (xmax = 0) as inserted
  )
  select
    (select count(*) from compared) as keys,
    (select count(*) from compared where known and differs and not wins) as stale,
    (select count(*) from written where inserted) as inserted,
    (select count(*) from written where not inserted) as updated`

export interface StagedRows {
  readonly count: number
  /** Passes that their merge takes. */
  readonly passes: number
  /** Every bit that is set in the keep_mask of one of them. */
  readonly unstated: number
}

/** Merges the staged rows into call_recordings, inside the caller's repeatable-read transaction. */
export const upsertStaged = async (
  session: Session,
  { count: staged, passes, unstated }: StagedRows,
  run: Pick<Run, 'rowConnectionKey' | 'source' | 'runId' | 'authoritative'>,
): Promise<UpsertCounts> => {
  const counts = { inserted: 0, updated: 0, unchanged: 0, stale: 0 }
  let duplicate = staged
  for (let pass = 0; pass < passes; pass += 1) {
    const values = [run.rowConnectionKey, run.source, run.runId, run.authoritative, pass, unstated]
    const { rows } = await session.client.query(upsert, values)
    const { keys, stale, inserted, updated } = rows[0]
    counts.inserted += inserted
    counts.updated += updated
    counts.unchanged += keys - stale - inserted - updated
    counts.stale += stale
    duplicate -= keys
  }
  return { rows: staged, ...counts, duplicate }
}
