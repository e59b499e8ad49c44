import type { RunCommand, RunState } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { lockNumbers } from './locks.ts'

/** One stream of one connection, as `reelhouse status` shows it. Ages are whole seconds. */
export interface StreamStatus {
  readonly connection: string
  readonly source: string
  readonly stream: string
  readonly last_run: {
    readonly run_id: number
    readonly command: RunCommand
    readonly state: RunState
    readonly started_at: string
    readonly error: string | null
  }
  /** When the latest sync that succeeded began (UTC); null = none ever did. */
  readonly fresh_as_of: string | null
  readonly age_in_sec: number | null
  readonly rows: number
  readonly unmapped_rows: number
  readonly open_rejects: number
  readonly pending: number
  readonly follow_ups: number
  readonly given_up: number
  /** Dump files of which a part is committed: the next sync goes on with them. */
  readonly half_loaded_files: readonly string[]
}

/** $1, $2: the locks of a sync; of a replay or re-mapping. */
const streams = `
  with latest as (
    select distinct on (connection_key, stream) *
    from reelhouse.runs
    order by connection_key, stream, run_id desc
  ),
  fresh as (
    select connection_key, stream, max(started_at) as at
    from reelhouse.runs
    where state = 'succeeded' and command = 'sync'
    group by 1, 2
  ),
  -- One pass over the rows, whatever the number of streams: no index could answer it.
  living as (
    select connection_key, count(*) as rows, count(*) filter (where portfolio_id is null) as unmapped_rows
    from reelhouse.call_recordings
    where deleted_at is null
    group by 1
  )
  select
    c.connection_id as connection,
    c.source,
    l.stream,
    json_build_object(
      'run_id', l.run_id, 'command', l.command,
      -- A run holds the advisory lock of its command while it lives; the next one of its kind marks it as abandoned.
      'state', case
        when l.state = 'running' and not exists (
          select from pg_locks k
          where k.locktype = 'advisory' and k.granted and k.objsubid = 2
            and k.database = (select oid from pg_database where datname = current_database())
            and k.classid = case when l.command = 'sync' then $1::oid else $2::oid end
            and k.objid::bigint = l.connection_key
        ) then 'abandoned'
        else l.state
      end,
      'started_at', to_char(l.started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'error', l.error
    ) as last_run,
    to_char(f.at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as fresh_as_of,
    extract(epoch from now() - f.at)::integer as age_in_sec,
    coalesce(n.rows, 0) as rows,
    coalesce(n.unmapped_rows, 0) as unmapped_rows,
    (select count(*) from reelhouse.rejected_records r
      where r.connection_key = c.connection_key and r.stream = l.stream and r.resolved_at is null) as open_rejects,
    (select count(*) from reelhouse.follow_ups u
      where u.connection_key = c.connection_key and u.stream = l.stream and u.kind = 'pending' and u.gave_up_at is null) as pending,
    (select count(*) from reelhouse.follow_ups u
      where u.connection_key = c.connection_key and u.stream = l.stream and u.kind = 'follow-up' and u.gave_up_at is null) as follow_ups,
    (select count(*) from reelhouse.follow_ups u
      where u.connection_key = c.connection_key and u.stream = l.stream and u.gave_up_at is not null) as given_up,
    array(
      select h.file_name
      from reelhouse.loaded_files h
      where h.connection_key = c.connection_key and h.state = 'loading'
        and not exists (
          select from reelhouse.loaded_files n
          where n.connection_key = h.connection_key and n.ordinal_base > h.ordinal_base
            and (n.content_hash = h.content_hash or n.file_name = h.file_name)
        )
      order by h.file_name
    ) as half_loaded_files
  from latest l
  join reelhouse.connections c using (connection_key)
  left join fresh f on f.connection_key = l.connection_key and f.stream = l.stream
  left join living n on n.connection_key = l.connection_key
  order by 1, 3`

export const readStatus = async (session: Session): Promise<readonly StreamStatus[]> =>
  (await session.client.query<StreamStatus>(streams, [lockNumbers.sync, lockNumbers.replay])).rows
