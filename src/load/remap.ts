import { addRunCounts, noReadCounts, noUpsertCounts } from '../domain/counts.ts'
import type { Placement, StoredRow } from '../domain/placement.ts'
import type { Run, RunCounts } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { setRunCounts } from './runs.ts'
import { inTransaction } from './transaction.ts'

const nextRows = `
  select message_id, portfolio_id, stated_portfolio_id, phone_number, number_dialed_by_user, message_direction, map_keys, last_changed_at
  from reelhouse.call_recordings
  where connection_key = $1 and message_id > $2
  order by message_id
  limit $3`

/** Rows of a connection in key order, a page at a time: memory stays flat however many there are. */
export async function* storedRows(
  session: Session,
  connectionKey: number,
  pageSize: number,
): AsyncGenerator<readonly StoredRow[], void, undefined> {
  let after = ''
  for (;;) {
    const { rows } = await session.client.query<StoredRow>(nextRows, [connectionKey, after, pageSize])
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.message_id
  }
}

const place = `
  update reelhouse.call_recordings t
  set portfolio_id = p.after, last_changed_at = now(), run_id = $2
  from unnest($3::text[], $4::text[], $5::timestamptz[]) as p (message_id, after, last_changed_at)
  where t.connection_key = $1 and t.message_id = p.message_id collate "C" and t.last_changed_at = p.last_changed_at`

/** Writes changed placements and the run's counters, in one transaction; returns the counters. */
export const commitPlacements = (
  session: Session,
  run: Run,
  listed: number,
  placements: readonly Placement[],
  before: RunCounts,
): Promise<RunCounts> =>
  inTransaction(session, async () => {
    const updated = placements.length === 0 ? 0 : await placeRows(session, run, placements)
    const counts = addRunCounts(before, {
      read: { ...noReadCounts, listed, flattened: listed },
      upsert: {
        ...noUpsertCounts,
        rows: listed,
        updated,
        unchanged: listed - placements.length,
        stale: placements.length - updated,
      },
      tallies: {},
    })
    await setRunCounts(session, run, counts)
    return counts
  })

const placeRows = async (session: Session, run: Run, placements: readonly Placement[]): Promise<number> => {
  const { rowCount } = await session.client.query(place, [
    run.rowConnectionKey,
    run.runId,
    placements.map((placement) => placement.messageId),
    placements.map((placement) => placement.after),
    placements.map((placement) => placement.lastChangedAt),
  ])
  return rowCount ?? 0
}
