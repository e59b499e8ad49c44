import { saidColumns } from './row-columns.ts'

/** The statements that bring a staged batch into call_recordings. */

/** What a row is; beside its key, its version and ordinal, and what the loader notes of it. */
const content = saidColumns.filter((column) => column !== 'message_id')

/** Every source states them. */
const alwaysStated: readonly string[] = ['conversation_id', 'created_at', 'media', 'record_id']

const of = (alias: string): string => content.map((column) => `${alias}.${column}`).join(', ')

/** The content of a staged row `i`, merged with what is stored (`k`). */
const merged = content.map((column) => `${alwaysStated.includes(column) ? 'i' : 'k'}.${column}`).join(', ')

const columns = `connection_key, message_id, source, source_version, source_ordinal, first_loaded_at, last_changed_at, run_id, row_digest, ${content.join(', ')}`
const values = '$1, i.message_id, $2, i.source_version, i.source_ordinal, now(), now(), $3, i.row_digest'

/** The newest staged row of each key, in its pass ($5, see passes.ts). */
const incoming = `
    select distinct on (message_id) *, ctid as staged
    from stage_call_recordings
    where pass = $5
    order by message_id, source_version desc nulls last, source_ordinal desc`

/**
 * What is stored under the key of `i`. `offset 0` keeps the look at the table apart, so that it goes by the whole key: of a
 * connection that is new to the statistics the planner expects one row, for which half of the key looks as good (measured:
 * 740 us a row instead of 13).
 */
const stored = (only = 'true'): string => `
    left join lateral (
      select *
      from reelhouse.call_recordings t
      where ${only} and t.connection_key = $1 and t.message_id = i.message_id
      offset 0
    ) t on true`

/**
 * Unstated columns (keep-mask.ts) of `i` are taken from what is stored; of a row that was deleted and is seen again, not the
 * status that says so. Columns that no row of the batch leaves unstated ($6) cost no look at keep_mask: the planner folds it,
 * as it knows the parameter.
 */
const kept = `
    cross join lateral (
      select
        case
          when $6 & 1 <> 0 and i.keep_mask & 1 <> 0 and t.message_id is not null then t.portfolio_id
          else i.portfolio_id
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
    ) k`

/**
 * The guarded upsert of one staged batch, in one statement that counts exactly what it did.
 *
 * `judged`: each incoming row beside what is stored. Only rows that are new, or that win and differ or state a higher version
 * of their own, are read again and reach the insert: an unchanged row is read and neither locked nor written (`on
 * conflict ... where` alone would lock and dirty it), nor copied.
 *
 * Who wins: a stated version beats none, the higher version beats the lower, then the higher ordinal; of equal ordinals an
 * authoritative load ($4) wins, else the greater content, so that the order of commits never decides.
 *
 * A row read again with equal content keeps its ordinal, since nothing is written. So a row between the two, committed
 * after both, wins: that takes a source without versions, content that changed and changed back, and a late commit, and
 * the next reading puts it right.
 *
 * The transaction is repeatable read: a row that another session changed since the snapshot raises 40001 and the batch is
 * repeated. Hence what was compared is what is overwritten, and the counts are exact.
 */
export const upsert = `
  with judged as materialized (
    select
      i.staged,
      i.keep_mask & 65536 = 0 as states_version,
      t.message_id is not null as known,
      row (${of('t')}) is distinct from row (${merged}) as differs,
      i.source_version is not null and (t.source_version is null or i.source_version > t.source_version) as newer,
      case
        when i.source_version is distinct from t.source_version
          then i.source_version is not null and (t.source_version is null or i.source_version > t.source_version)
        when i.source_ordinal <> t.source_ordinal then i.source_ordinal > t.source_ordinal
        when $4::boolean then true
        else row (${merged})::text collate "C" > row (${of('t')})::text collate "C"
      end as wins
    from (${incoming}) i
    ${stored()}
    ${kept}
  ),
  written as (
    insert into reelhouse.call_recordings as t (${columns})
    select ${values}, ${merged}
    from judged j
    join stage_call_recordings i on i.ctid = j.staged
    ${stored('j.known')}
    ${kept}
    where not j.known or (j.wins and (j.differs or j.newer and j.states_version))
    on conflict (connection_key, message_id) do update set
      ${content.map((column) => `${column} = excluded.${column}`).join(', ')},
      source = excluded.source,
      source_version = excluded.source_version,
      source_ordinal = excluded.source_ordinal,
      last_changed_at = case
        when row (${of('t')}) is distinct from row (${of('excluded')}) then excluded.last_changed_at
        else t.last_changed_at
      end,
      run_id = excluded.run_id,
      row_digest = excluded.row_digest
    returning (xmax = 0) as inserted
  )
  select
    (select count(*) from judged) as keys,
    (select count(*) from judged where known and differs and not wins) as stale,
    (select count(*) from written where inserted) as inserted,
    (select count(*) from written where not inserted) as updated`

/**
 * Inserts the staged rows that are new, of a batch in which no key occurs twice: for a batch of which most are (measured: 16 us
 * of CPU a row instead of 21). The others are left alone, and are neither locked nor written.
 */
export const insertNew = `
  insert into reelhouse.call_recordings (${columns})
  select ${values}, ${of('i')}
  from (select * from stage_call_recordings order by message_id) i
  on conflict (connection_key, message_id) do nothing`
