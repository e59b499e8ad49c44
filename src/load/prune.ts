import type { Session } from '../warehouse/session.ts'

/** What has aged out, in milliseconds of age; null = kept for ever. */
export interface PruneAges {
  readonly runs: number | null
  readonly resolvedRejects: number | null
  readonly payloads: number | null
}

export interface Pruned {
  readonly runs: number
  readonly windows: number
  readonly resolved_rejects: number
  readonly payloads: number
}

const statements = {
  windows: `
    delete from reelhouse.windows
    where state = 'complete' and completed_at < now() - $1 * interval '1 millisecond'`,
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
  payloads: `
    update reelhouse.source_records
    set payload = null
    where payload is not null and read_at < now() - $1 * interval '1 millisecond'`,
  rejectPayloads: `
    update reelhouse.rejected_records
    set payload = null
    where payload is not null and last_changed_at < now() - $1 * interval '1 millisecond'`,
} as const

/** Ages out bookkeeping and payloads. Rows, coverage, the file ledger and open rejects (without payload) stay. */
export const prune = async (session: Session, ages: PruneAges): Promise<Pruned> => {
  const run = async (statement: keyof typeof statements, age: number | null): Promise<number> =>
    age === null ? 0 : ((await session.client.query(statements[statement], [age])).rowCount ?? 0)
  return {
    windows: await run('windows', ages.runs),
    runs: await run('runs', ages.runs),
    resolved_rejects: await run('resolved_rejects', ages.resolvedRejects),
    payloads: (await run('payloads', ages.payloads)) + (await run('rejectPayloads', ages.payloads)),
  }
}
