import type { Session } from '../warehouse/session.ts'

/** What has aged out, in milliseconds of age; null = kept for ever. */
export interface PruneAges {
  readonly runs: number | null
  readonly resolvedRejects: number | null
  readonly openRejects: number | null
  readonly payloads: number | null
}

export interface Pruned {
  readonly runs: number
  readonly windows: number
  readonly resolved_rejects: number
  readonly open_rejects: number
  readonly payloads: number
}

const statements = {
  // What is left of an unfinished backfill says what is done of it. A failed window tells of a gap until its time is
  // covered, or until it was tried again.
  windows: `
    delete from reelhouse.windows w
    where (
        w.completed_at < now() - $1 * interval '1 millisecond'
        and not exists (
          select from reelhouse.windows o
          where o.connection_key = w.connection_key and o.stream = w.stream and o.axis = w.axis
            and o.planned_for = w.planned_for and o.state <> 'complete'
        )
      )
      or (
        w.state = 'failed' and w.planned_for is null
        and not exists (
          select from reelhouse.runs r
          where r.run_id = w.run_id and coalesce(r.finished_at, 'infinity') >= now() - $1 * interval '1 millisecond'
        )
        and (
          exists (
            select from reelhouse.coverage c
            where c.connection_key = w.connection_key and c.stream = w.stream and c.axis = w.axis
              and c.covered @> tstzrange(w.window_from, w.window_to)
          )
          or exists (
            select from reelhouse.windows o
            where o.connection_key = w.connection_key and o.stream = w.stream and o.axis = w.axis
              and o.purpose = w.purpose and o.window_from = w.window_from and o.window_key > w.window_key
          )
        )
      )`,
  // The latest run of every stream stays: status and freshness rest on it, and on the latest that succeeded.
  runs: `
    delete from reelhouse.runs r
    where r.state <> 'running' and r.finished_at < now() - $1 * interval '1 millisecond'
      and r.run_id not in (
        select max(run_id) from reelhouse.runs group by connection_key, stream
        union
        select max(run_id) from reelhouse.runs where state = 'succeeded' and command = 'sync' group by connection_key, stream
      )`,
  resolved_rejects: `
    delete from reelhouse.rejected_records
    where resolved_at < now() - $1 * interval '1 millisecond'`,
  open_rejects: `
    delete from reelhouse.rejected_records
    where resolved_at is null and last_changed_at < now() - $1 * interval '1 millisecond'`,
  payloads: `
    update reelhouse.source_records
    set payload = null
    where payload is not null and read_at < now() - $1 * interval '1 millisecond'`,
  rejectPayloads: `
    update reelhouse.rejected_records
    set payload = null
    where payload is not null and last_changed_at < now() - $1 * interval '1 millisecond'`,
} as const

/** Ages out bookkeeping, quarantine and payloads. Rows, coverage, follow-ups, the file ledger and unfinished backfills stay. */
export const prune = async (session: Session, ages: PruneAges): Promise<Pruned> => {
  const run = async (statement: keyof typeof statements, age: number | null): Promise<number> =>
    age === null ? 0 : ((await session.client.query(statements[statement], [age])).rowCount ?? 0)
  return {
    windows: await run('windows', ages.runs),
    runs: await run('runs', ages.runs),
    resolved_rejects: await run('resolved_rejects', ages.resolvedRejects),
    open_rejects: await run('open_rejects', ages.openRejects),
    payloads: (await run('payloads', ages.payloads)) + (await run('rejectPayloads', ages.payloads)),
  }
}
