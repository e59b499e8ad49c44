import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { copyIn } from './copy-in.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { keepBit } from './keep-mask.ts'

const createStage = `
  create temporary table if not exists stage_row_digests (
    message_id text collate "C" not null,
    row_digest bigint not null,
    place      integer not null
  ) on commit delete rows`

const copyStage = 'copy stage_row_digests (message_id, row_digest, place) from stdin'

/** `offset 0`: see upsert-sql.ts. */
const changed = `
  select case when count(*) <= $2 then coalesce(array_agg(s.place), '{}') end as places
  from (select * from stage_row_digests order by message_id) s
  left join lateral (
    select t.row_digest
    from reelhouse.call_recordings t
    where t.connection_key = $1 and t.message_id = s.message_id
    offset 0
  ) t on true
  where t.row_digest is distinct from s.row_digest or s.message_id = any ($3::text[])`

/** When digests do not tell so many apart, all rows are staged: most of them are changed, or were loaded without a digest. */
const leastTold = 0.5

/**
 * Places of the rows that may say something else than what is stored, by their digests, in order; null: more than half of them.
 * The others are neither sent nor compared: they would change nothing, whichever version wins. `kept`: keys of rows that are
 * staged in any case. An authoritative run maps rows anew whose portfolio the source does not state. Inside the caller's
 * repeatable-read transaction; no key occurs twice.
 */
export const changedRows = async (
  session: Session,
  { rowConnectionKey, authoritative }: Pick<Run, 'rowConnectionKey' | 'authoritative'>,
  rows: EncodedRows,
  kept: readonly string[],
): Promise<readonly number[] | null> => {
  const without = rows.withoutDigest(authoritative ? keepBit.portfolio_id : 0)
  const most = Math.floor(rows.count * (1 - leastTold)) - without.length
  if (most < 0) return null
  await session.client.query(createStage)
  await copyIn(session, copyStage, [rows.digests()])
  const values = [rowConnectionKey, most, kept]
  const found = await session.client.query<{ readonly places: readonly number[] | null }>(changed, values)
  const places = found.rows[0]?.places ?? null
  if (places === null) return null
  return [...new Set([...places, ...without])].sort((a, b) => a - b)
}
