import type { Window } from '../../src/domain/window.ts'
import type { TestDatabase } from '../support/database.ts'
import type { ExpectedRow } from './vendor.ts'

export interface StoredRow extends ExpectedRow {
  readonly deleted: boolean
}

export interface StoredWindow extends Window {
  readonly axis: string
  readonly state: string
  readonly run: number
  readonly planned: boolean
}

/** All that the oracle looks at, by message_id, reject_key and record_id. */
export interface Stored {
  readonly rows: ReadonlyMap<string, StoredRow>
  /** Open ones: their codes. */
  readonly rejects: ReadonlyMap<string, string>
  readonly waits: ReadonlyMap<string, { readonly kind: string; readonly over: boolean }>
  readonly windows: readonly StoredWindow[]
  readonly covered: readonly (Window & { readonly axis: string })[]
  readonly lastRun: number
}

const micros = (instant: string): string => `(extract(epoch from ${instant}) * 1000000)::bigint`

/** Ranges of backfills that are not done. */
export const unfinishedRanges = async (database: TestDatabase): Promise<readonly Window[]> =>
  database.rows<{ readonly from: number; readonly to: number }>(`
    select distinct ${micros('lower(planned_for)')} as from, ${micros('upper(planned_for)')} as to
    from reelhouse.windows where planned_for is not null and state <> 'complete'`)

const looked = `
  select json_build_object(
    'rows', (
      select coalesce(json_agg(json_build_object(
        'message_id', message_id, 'created_at', ${micros('created_at')}, 'message_direction', message_direction,
        'phone_number', phone_number, 'number_dialed_by_user', number_dialed_by_user,
        'call_duration_in_sec', call_duration_in_sec, 'message_text', message_text,
        'recording_status', recording_status, 'deleted', deleted_at is not null)), '[]')
      from reelhouse.call_recordings),
    'rejects', (
      select coalesce(json_agg(json_build_array(reject_key, code)), '[]')
      from reelhouse.rejected_records where resolved_at is null),
    'waits', (
      select coalesce(json_agg(json_build_array(record_id, json_build_object('kind', kind, 'over', gave_up_at is not null))), '[]')
      from reelhouse.follow_ups),
    'windows', (
      select coalesce(json_agg(json_build_object(
        'axis', axis, 'from', ${micros('window_from')}, 'to', ${micros('window_to')}, 'state', state, 'run', run_id,
        'planned', planned_for is not null) order by window_key), '[]')
      from reelhouse.windows),
    'covered', (
      select coalesce(json_agg(json_build_object('axis', axis, 'from', ${micros('lower(w)')}, 'to', ${micros('upper(w)')}) order by axis, w), '[]')
      from reelhouse.coverage, unnest(covered) w),
    'lastRun', (select coalesce(max(run_id), 0) from reelhouse.runs)) as stored`

interface Looked extends Pick<Stored, 'windows' | 'covered' | 'lastRun'> {
  readonly rows: readonly StoredRow[]
  readonly rejects: readonly (readonly [string, string])[]
  readonly waits: readonly (readonly [string, { readonly kind: string; readonly over: boolean }])[]
}

export const lookAt = async (database: TestDatabase): Promise<Stored> => {
  const [found] = await database.rows<{ stored: Looked }>(looked)
  if (found === undefined) throw new Error('nothing was found')
  const { rows, rejects, waits, ...rest } = found.stored
  return {
    ...rest,
    rows: new Map(rows.map((row) => [row.message_id, row])),
    rejects: new Map(rejects),
    waits: new Map(waits),
  }
}

/** Sums that must hold whatever happened; what is wrong with them. */
export const wrongSums = async (database: TestDatabase): Promise<readonly string[]> => {
  const found = await database.rows<{ problem: string }>(`
    select 'runs have inserted ' || coalesce(sum(inserted), 0) || ' rows, and there are ' || (select count(*) from reelhouse.call_recordings) as problem
    from reelhouse.runs
    having coalesce(sum(inserted), 0) <> (select count(*) from reelhouse.call_recordings)
    union all
    select 'run ' || run_id || ' does not add up' from reelhouse.runs
    where listed <> flattened + rejected + skipped + pending or rows <> inserted + updated + unchanged + stale + duplicate
    union all
    select 'window ' || w.window_key || ' counts ' || w.listed || ', and its run ' || r.listed
    from reelhouse.windows w join reelhouse.runs r using (run_id)
    where w.state = 'complete' and w.listed > r.listed
    union all
    select 'coverage of ' || c.axis || ' is ' || c.covered::text || ', and its windows ' || coalesce(w.read::text, 'none')
    from reelhouse.coverage c
    left join lateral (
      select range_agg(tstzrange(window_from, window_to)) as read
      from reelhouse.windows w
      where w.connection_key = c.connection_key and w.axis = c.axis and w.state = 'complete' and w.purpose <> 'verify'
    ) w on true
    where c.covered <> coalesce(w.read, '{}')`)
  return found.map(({ problem }) => problem)
}

const tables = [
  'call_recordings',
  'source_records',
  'rejected_records',
  'follow_ups',
  'runs',
  'windows',
  'coverage',
  'connections',
]

/** Tables in which any of the texts stands. */
export const tablesWith = async (database: TestDatabase, texts: readonly string[]): Promise<readonly string[]> => {
  const queries = tables.map(
    (table) =>
      `select '${table} holds ' || x as found from reelhouse.${table} t, unnest($1::text[]) x where strpos(t::text, x) > 0`,
  )
  const found = await database.rows<{ found: string }>(
    `select distinct found from (${queries.join(' union all ')}) f`,
    [texts],
  )
  return found.map((row) => row.found)
}

/** Waits until the server has let go of the sessions of a process that is no more. */
export const untilGone = async (database: TestDatabase, backends: readonly number[]): Promise<void> => {
  for (let tries = 0; backends.length > 0; tries += 1) {
    const left = await database.rows('select from pg_stat_activity where pid = any ($1::integer[])', [backends])
    if (left.length === 0) return
    if (tries > 5000) throw new Error('a session does not end')
  }
}

/** In the order of their keys: what changes with every write. */
export const versionsOf = (database: TestDatabase): Promise<readonly object[]> =>
  database.rows(`
    select 'row ' || message_id as key, xmin::text, ctid::text from reelhouse.call_recordings
    union all select 'record ' || record_id, xmin::text, ctid::text from reelhouse.source_records
    union all select 'reject ' || reject_key, xmin::text, ctid::text from reelhouse.rejected_records
    order by 1`)
