import type { Batch, Reject } from '../domain/batch.ts'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { storable, storableOrNull } from './copy-text.ts'

/**
 * A reject is keyed by record: reading it again changes nothing. It is born resolved when a newer version of the record is
 * loaded already (an old dump under a newer one); a later rejected version of a loaded record is open. A resolved one has
 * the version that resolved it: reading what was rejected before that does not open it again.
 */
const quarantine = `
  with incoming as (
    select distinct on (reject_key collate "C") *
    from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::text[],
                $12::text[], $13::bigint[], $14::text[], $15::bigint[])
      as r (reject_key, code, path, detail, version, ordinal, payload_kind, payload, content_hash, file_ordinal, file_name, line)
    order by reject_key collate "C", version desc nulls last, ordinal desc
  ),
  judged as (
    select
      i.*,
      case
        -- A version that could not be read may be the newest: what cannot be judged is open.
        when t.source_ordinal is not null and (i.version is not null or t.source_version is null)
          and (coalesce(t.source_version, '-9223372036854775808'), t.source_ordinal)
            > (coalesce(i.version, '-9223372036854775808'), i.ordinal)
        then now()
      end as resolved_at
    from incoming i
    left join lateral (
      select r.source_version, r.source_ordinal
      from (
        select t.source_version, t.source_ordinal
        from reelhouse.call_recordings t
        where t.connection_key = $16 and t.message_id = i.reject_key collate "C"
        union all
        select t.source_version, t.source_ordinal
        from reelhouse.call_recordings t
        where t.connection_key = $16 and t.record_id = i.reject_key collate "C" and t.record_id <> t.message_id
      ) r
      order by r.source_version desc nulls last, r.source_ordinal desc
      limit 1
    ) t on true
  )
  insert into reelhouse.rejected_records as r (
    connection_key, stream, reject_key, code, path, detail, version, ordinal, payload_kind, payload,
    content_hash, file_ordinal, file_name, line, resolved_at, run_id
  )
  select
    $1, $2, j.reject_key, j.code, j.path, j.detail, j.version, j.ordinal, j.payload_kind, j.payload,
    j.content_hash, j.file_ordinal, j.file_name, j.line, j.resolved_at, $3
  from judged j
  left join reelhouse.rejected_records e
    on e.connection_key = $1 and e.stream = $2 and e.reject_key = j.reject_key collate "C"
  where e.reject_key is null
    or (
      (coalesce(j.version, '-9223372036854775808'), j.ordinal) >= (coalesce(e.version, '-9223372036854775808'), e.ordinal)
      and (
        (e.code, e.path, e.detail, e.payload_kind, e.version) is distinct from (j.code, j.path, j.detail, j.payload_kind, j.version)
        or (e.payload is not null and e.payload <> j.payload)
        or (e.resolved_at is null) <> (j.resolved_at is null)
      )
    )
  on conflict (connection_key, stream, reject_key) do update set
    code = excluded.code,
    path = excluded.path,
    detail = excluded.detail,
    version = excluded.version,
    ordinal = excluded.ordinal,
    payload_kind = excluded.payload_kind,
    payload = excluded.payload,
    content_hash = excluded.content_hash,
    file_ordinal = excluded.file_ordinal,
    file_name = excluded.file_name,
    line = excluded.line,
    last_changed_at = now(),
    resolved_at = excluded.resolved_at,
    run_id = excluded.run_id`

export const quarantineRejects = async (session: Session, run: Run, rejects: readonly Reject[]): Promise<void> => {
  if (rejects.length === 0) return
  const column = <T>(read: (reject: Reject) => T): T[] => rejects.map(read)
  const text = (read: (reject: Reject) => string | null): (string | null)[] =>
    rejects.map((reject) => storableOrNull(read(reject)))
  await session.client.query(quarantine, [
    run.connectionKey,
    run.stream,
    run.runId,
    text((reject) => reject.rejectKey),
    text((reject) => reject.reason.code),
    text((reject) => reject.reason.path),
    text((reject) => reject.reason.detail),
    column((reject) => reject.version),
    column((reject) => reject.ordinal),
    column((reject) => reject.payloadKind),
    text((reject) => reject.payload),
    column((reject) => reject.file?.contentHash ?? null),
    column((reject) => reject.file?.ordinal ?? null),
    text((reject) => reject.file?.name ?? null),
    column((reject) => reject.file?.line ?? null),
    run.rowConnectionKey,
  ])
}

const openKeys = `
  select reject_key
  from reelhouse.rejected_records
  where connection_key = $1 and stream = $2 and resolved_at is null
  limit $3`

/** Keys of the rejects that are open; null: more than `most`. */
export const openRejects = async (
  session: Session,
  { connectionKey, stream }: Pick<Run, 'connectionKey' | 'stream'>,
  most: number,
): Promise<readonly string[] | null> => {
  const values = [connectionKey, stream, most + 1]
  const { rows } = await session.client.query<{ readonly reject_key: string }>(openKeys, values)
  return rows.length > most ? null : rows.map(({ reject_key }) => reject_key)
}

const resolveByRecord = `
  update reelhouse.rejected_records r
  set version = s.source_version, ordinal = s.source_ordinal, resolved_at = now(), last_changed_at = now(), run_id = $3
  from (
    select distinct on (record_id) record_id, source_version, source_ordinal
    from stage_call_recordings
    order by record_id, source_version desc nulls last, source_ordinal desc
  ) s
  where r.connection_key = $1 and r.stream = $2 and r.resolved_at is null and r.reject_key = s.record_id
    and (coalesce(s.source_version, '-9223372036854775808'), s.source_ordinal)
      >= (coalesce(r.version, '-9223372036854775808'), r.ordinal)`

const resolveByPlace = `
  update reelhouse.rejected_records r
  set resolved_at = now(), last_changed_at = now(), run_id = $3
  where r.connection_key = $1 and r.stream = $2 and r.resolved_at is null
    and r.content_hash = $4 and r.file_ordinal >= $5 and r.file_ordinal < $6
    and r.reject_key <> all ($7::text[])`

/** What was rejected again while this run was at it (a newer version of the record) is left open. */
const resolveByKey = `
  update reelhouse.rejected_records r
  set resolved_at = now(), last_changed_at = now(), run_id = $3
  where r.connection_key = $1 and r.stream = $2 and r.resolved_at is null and r.reject_key = any ($4::text[])
    and r.last_changed_at <= (select started_at from reelhouse.runs where run_id = $3)`

/**
 * Success resolves: what was rejected of a record whose row is staged now; what was rejected at a place of a file where
 * now nothing is; and the keys that the batch names.
 */
export const resolveRejects = async (session: Session, run: Run, batch: Batch): Promise<void> => {
  const scope = [run.connectionKey, run.stream, run.runId]
  const { rows } = await session.client.query(
    'select exists (select from reelhouse.rejected_records where connection_key = $1 and stream = $2 and resolved_at is null) as some',
    scope.slice(0, 2),
  )
  if (rows[0]?.some !== true) return
  await session.client.query(resolveByRecord, scope)
  if (batch.settled.length > 0) await session.client.query(resolveByKey, [...scope, batch.settled.map(storable)])
  if (batch.fileProgress === null) return
  const { contentHash, from, to } = batch.fileProgress
  const still = batch.rejects.map((reject) => storable(reject.rejectKey))
  await session.client.query(resolveByPlace, [...scope, contentHash, from, to, still])
}
