import type { RunCommand, RunState } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { isAlive } from './run-liveness.ts'
import { micros } from './sql-instant.ts'

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
  /** When the follow-up that is due first is due (UTC); in the past: it is overdue. Null: none is open. */
  readonly oldest_due: string | null
  /** The first contiguous time that was completely read (UTC); null = none, and for files. */
  readonly covered_from: string | null
  readonly covered_until: string | null
  /** What was completely read, and what was not in between: the earliest fifty of each. */
  readonly covered: readonly TimeRange[]
  readonly gaps: readonly TimeRange[]
  /** Backfills of which windows are left, by their range. */
  readonly unfinished_backfills: readonly UnfinishedBackfill[]
  /** Dump files of which a part is committed: the next sync goes on with them. */
  readonly half_loaded_files: readonly string[]
}

/** UTC, half-open. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

export interface UnfinishedBackfill extends TimeRange {
  readonly windows_left: number
  readonly windows: number
}

const ranges = (multirange: string): string => `
  array(
    select json_build_object('from', ${micros('lower(w)')}, 'to', ${micros('upper(w)')})
    from unnest(${multirange}) w
    order by w
    limit 50
  )`

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
      'state', case when l.state = 'running' and not ${isAlive('l.run_id')} then 'abandoned' else l.state end,
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
    (select to_char(min(u.next_attempt_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from reelhouse.follow_ups u
      where u.connection_key = c.connection_key and u.stream = l.stream and u.gave_up_at is null) as oldest_due,
    ${ranges('v.covered')} as covered,
    ${ranges('tstzmultirange(range_merge(v.covered)) - v.covered')} as gaps,
    array(
      select json_build_object(
        'from', ${micros('lower(w.planned_for)')}, 'to', ${micros('upper(w.planned_for)')},
        'windows_left', count(*) filter (where w.state <> 'complete'), 'windows', count(*)
      )
      from reelhouse.windows w
      where w.connection_key = c.connection_key and w.stream = l.stream and w.planned_for is not null
      group by w.planned_for
      having bool_or(w.state <> 'complete')
      order by w.planned_for
    ) as unfinished_backfills,
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
  left join lateral (
    -- Whatever axis it was read on: what changed since then includes what was created since then.
    select range_agg(r) as covered
    from reelhouse.coverage k, unnest(k.covered) r
    where k.connection_key = l.connection_key and k.stream = l.stream
  ) v on true
  order by 1, 3`

interface StatusRow extends Omit<StreamStatus, 'covered' | 'gaps' | 'unfinished_backfills'> {
  readonly covered: readonly Window[]
  readonly gaps: readonly Window[]
  readonly unfinished_backfills: readonly (Window & Pick<UnfinishedBackfill, 'windows_left' | 'windows'>)[]
}

const asText = ({ from, to }: Window): TimeRange => ({ from: formatInstant(from), to: formatInstant(to) })

const asStatus = ({ covered: windows, gaps, unfinished_backfills, ...row }: StatusRow): StreamStatus => {
  const covered = windows.map(asText)
  return {
    ...row,
    covered_from: covered[0]?.from ?? null,
    covered_until: covered[0]?.to ?? null,
    covered,
    gaps: gaps.map(asText),
    unfinished_backfills: unfinished_backfills.map((backfill) => ({ ...backfill, ...asText(backfill) })),
  }
}

export const readStatus = async (session: Session): Promise<readonly StreamStatus[]> =>
  (await session.client.query<StatusRow>(streams)).rows.map(asStatus)
