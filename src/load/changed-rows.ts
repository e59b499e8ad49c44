import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import type { EncodedRows } from './encoded-rows.ts'
import type { Expectation } from './expectation.ts'

const createStage = `
  create temporary table if not exists stage_row_digests (
    message_id text collate "C" not null,
    row_digest bigint not null,
    place      integer not null
  ) on commit delete rows`

const copyStage = 'copy stage_row_digests (message_id, row_digest, place) from stdin'

/**
 * `offset 0`: see upsert-sql.ts. A row that is stored as it is stated, and was rejected since, is one that resolves the reject:
 * it is staged with the others.
 */
const changed = `
  select case when count(*) <= $4 then coalesce(array_agg(s.place), '{}') end as places
  from (select * from stage_row_digests order by message_id) s
  left join lateral (
    select t.row_digest
    from reelhouse.call_recordings t
    where t.connection_key = $1 and t.message_id = s.message_id
    offset 0
  ) t on true
  where t.row_digest is distinct from s.row_digest
    or (
      (select exists (select from reelhouse.rejected_records where connection_key = $2 and stream = $3 and resolved_at is null))
      and exists (
        select
        from reelhouse.rejected_records r
        where r.connection_key = $2 and r.stream = $3 and r.reject_key = s.message_id and r.resolved_at is null
        offset 0
      )
    )`

/** When digests do not tell so many apart, all rows are staged: most of them are changed, or were loaded without a digest. */
const leastTold = 0.5

/**
 * Places of the rows that may say something else than what is stored, by their digests, in order; null: all may. The others are
 * neither sent nor compared: they would change nothing, whichever version wins. Inside the caller's repeatable-read
 * transaction.
 */
export const changedRows = async (
  session: Session,
  run: Pick<Run, 'rowConnectionKey' | 'connectionKey' | 'stream'>,
  rows: EncodedRows,
  expectation: Expectation,
): Promise<readonly number[] | null> => {
  const without = rows.withoutDigest()
  const most = Math.floor(rows.count * (1 - leastTold)) - without.length
  if (rows.hasRepeated || most < 0) return null
  await session.client.query(createStage)
  await pipeline(Readable.from([rows.digests()]), session.client.query(copyFrom(copyStage)))
  const values = [run.rowConnectionKey, run.connectionKey, run.stream, most]
  const found = await session.client.query<{ readonly places: readonly number[] | null }>(changed, values)
  const places = found.rows[0]?.places ?? null
  if (places !== null) return [...places, ...without].toSorted((a, b) => a - b)
  expectation.digestsDoNotTell()
  return null
}
