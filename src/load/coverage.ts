import type { EpochMicros } from '../domain/instant.ts'
import type { Run } from '../domain/run.ts'
import type { Coverage, Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { micros } from './sql-instant.ts'

const read = `
  select
    coalesce(
      (
        select json_agg(json_build_object('from', ${micros('lower(w)')}, 'to', ${micros('upper(w)')}) order by w)
        from unnest(c.covered) w
      ),
      '[]'
    ) as covered,
    c.rereads
  from reelhouse.coverage c
  where c.connection_key = $1 and c.stream = $2 and c.axis = $3`

export const readCoverage = async (
  session: Session,
  { connectionKey, stream }: Pick<Run, 'connectionKey' | 'stream'>,
  axis: string,
): Promise<Coverage> =>
  (await session.client.query<Coverage>(read, [connectionKey, stream, axis])).rows[0] ?? { covered: [], rereads: {} }

/** Compared first: `on conflict ... where` alone would lock the row, and dirty it, when there is nothing to write. */
const grow = `
  with stated as (
    select tstzmultirange(tstzrange($4, $5)) as covered, $6::jsonb as rereads
  )
  insert into reelhouse.coverage as c (connection_key, stream, axis, covered, rereads)
  select $1, $2, $3, s.covered, s.rereads
  from stated s
  where not exists (
    select
    from reelhouse.coverage k
    where k.connection_key = $1 and k.stream = $2 and k.axis = $3 and k.covered @> s.covered and k.rereads @> s.rereads
  )
  on conflict (connection_key, stream, axis) do update set
    covered = c.covered + excluded.covered,
    rereads = c.rereads || excluded.rereads,
    updated_at = case when c.covered @> excluded.covered then c.updated_at else now() end`

/** Part of the caller's transaction. A window with from = to covers nothing. */
export const growCoverage = async (
  session: Session,
  { connectionKey, stream }: Pick<Run, 'connectionKey' | 'stream'>,
  axis: string,
  window: Window,
  rereads: Readonly<Record<string, EpochMicros>>,
): Promise<void> => {
  if (window.from >= window.to && Object.keys(rereads).length === 0) return
  await session.client.query(grow, [
    connectionKey,
    stream,
    axis,
    formatInstant(window.from),
    formatInstant(window.to),
    JSON.stringify(rereads),
  ])
}
