import type { EpochMicros } from '../domain/instant.ts'
import type { Direction } from '../domain/recording-row.ts'
import type { RunState } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import type { Session } from '../warehouse/session.ts'
import { isAlive } from './run-liveness.ts'
import { micros } from './sql-instant.ts'

/** Living rows of one day, connection and direction, with or without a portfolio. */
export interface VolumeCell {
  readonly connection: string
  readonly source: string
  /** `2026-11-29`, of the zone of the report. */
  readonly day: string
  readonly direction: Direction | null
  readonly is_mapped: boolean
  readonly rows: number
}

/** Living audio rows of one duration; longer ones than a day count as a day. */
export interface DurationCell {
  /** Null: unknown. */
  readonly seconds: number | null
  readonly rows: number
}

export interface FreshStream {
  readonly connection: string
  readonly stream: string
  readonly state: RunState
  /** When the latest sync that succeeded began; null: none ever did. */
  readonly fresh_as_of: EpochMicros | null
}

export interface RejectCell {
  readonly connection: string
  readonly code: string
  readonly records: number
}

export interface FollowUpCell {
  readonly connection: string
  readonly kind: 'pending' | 'follow-up'
  readonly reason: string
  readonly waiting: number
  readonly given_up: number
}

/** Of one stream of a platform. */
export interface CoveredStream {
  readonly connection: string
  readonly stream: string
  /** What was completely read, in order, apart from each other. */
  readonly covered: readonly Window[]
}

/** What a report shows: counts and times, nothing of what was said, and of nobody. */
export interface ReportData {
  readonly volume: readonly VolumeCell[]
  readonly durations: readonly DurationCell[]
  readonly fresh: readonly FreshStream[]
  readonly rejects: readonly RejectCell[]
  readonly followUps: readonly FollowUpCell[]
  readonly coverage: readonly CoveredStream[]
}

/** All rows there are, and when the newest of them began; a time in the future is a clock that is wrong. */
export interface WholeTable {
  readonly rows: number
  /** Null: there is none. */
  readonly newest: EpochMicros | null
}

const wholeTable = `
  select count(*) as rows, ${micros("max(created_at) filter (where created_at < now() + interval '1 day')")} as newest
  from reelhouse.recordings`

const oldest = `
  select ${micros('min(created_at)')} as oldest
  from reelhouse.recordings
  where created_at >= to_timestamp($1::numeric / 1000000) and created_at < to_timestamp($2::numeric / 1000000)`

// Grouped before it is named: the group has a row for each day, not for each recording.
const volume = `
  select connection_id as connection, source, day::text as day, message_direction as direction, is_mapped, rows
  from (
    select
      connection_id,
      source,
      (created_at at time zone $3)::date as day,
      message_direction,
      portfolio_id is not null as is_mapped,
      count(*) as rows
    from reelhouse.recordings
    where created_at >= to_timestamp($1::numeric / 1000000) and created_at < to_timestamp($2::numeric / 1000000)
    group by 1, 2, 3, 4, 5
  ) v
  order by connection_id collate "C", source, day, direction nulls last, is_mapped desc`

const durations = `
  select case when call_duration_in_sec > 86400 then 86400 else call_duration_in_sec end as seconds, count(*) as rows
  from reelhouse.recordings
  where
    created_at >= to_timestamp($1::numeric / 1000000) and created_at < to_timestamp($2::numeric / 1000000)
    and media = 'audio'
  group by 1
  order by 1 nulls last`

const fresh = `
  select
    f.connection_id as connection,
    f.stream,
    case when f.last_run_state = 'running' and not ${isAlive('l.run_id')} then 'abandoned' else f.last_run_state end as state,
    ${micros('f.last_succeeded_at')} as fresh_as_of
  from reelhouse.freshness f
  join reelhouse.connections c using (connection_id)
  cross join lateral (
    select max(run_id) as run_id from reelhouse.runs r where r.connection_key = c.connection_key and r.stream = f.stream
  ) l
  order by f.connection_id collate "C", f.stream`

const rejects = `
  select connection_id as connection, code, sum(records)::bigint as records
  from reelhouse.open_rejects
  group by 1, 2
  order by 3 desc, connection_id collate "C", code`

const followUps = `
  select connection_id as connection, kind, reason, sum(waiting)::bigint as waiting, sum(given_up)::bigint as given_up
  from reelhouse.open_follow_ups
  group by 1, 2, 3
  order by sum(waiting + given_up) desc, connection_id collate "C", kind, reason`

// The axes of a stream count together, as in reelhouse status.
const coverage = `
  select c.connection_id as connection, v.stream, v.covered
  from reelhouse.connections c
  join (
    select
      a.connection_key,
      a.stream,
      array(
        select json_build_object('from', ${micros('lower(w)')}, 'to', ${micros('upper(w)')})
        from unnest(a.covered) w
        order by w
      ) as covered
    from (
      select k.connection_key, k.stream, range_agg(w) as covered
      from reelhouse.coverage k, unnest(k.covered) w
      group by 1, 2
    ) a
  ) v using (connection_key)
  order by c.connection_id collate "C", v.stream`

export const readWholeTable = async (session: Session): Promise<WholeTable> =>
  (await session.client.query<WholeTable>(wholeTable)).rows[0] ?? { rows: 0, newest: null }

/** When the first row of a window began; null: it has none. */
export const readOldest = async ({ client }: Session, { from, to }: Window): Promise<EpochMicros | null> =>
  (await client.query<{ oldest: EpochMicros | null }>(oldest, [from, to])).rows[0]?.oldest ?? null

/** Two passes over the rows of the window; the rest is bookkeeping. All of it as of one instant. */
export const readReport = async ({ client }: Session, window: Window, zone: string): Promise<ReportData> => {
  const range = [window.from, window.to]
  await client.query('begin read only isolation level repeatable read')
  try {
    return {
      volume: (await client.query<VolumeCell>(volume, [...range, zone])).rows,
      durations: (await client.query<DurationCell>(durations, range)).rows,
      fresh: (await client.query<FreshStream>(fresh)).rows,
      rejects: (await client.query<RejectCell>(rejects)).rows,
      followUps: (await client.query<FollowUpCell>(followUps)).rows,
      coverage: (await client.query<CoveredStream>(coverage)).rows,
    }
  } finally {
    await client.query('rollback')
  }
}
