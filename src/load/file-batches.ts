import type { FileProgress, ReadCounts } from '../domain/batch.ts'
import { LoadError } from '../domain/errors.ts'
import type { RunCounts } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'

const add = `
  insert into reelhouse.file_batches (file_key, from_record, to_record, flattened, rejected, skipped, run_id, run_counts)
  select $1, $2, $3, $4, $5, $6, $7, $8
  from reelhouse.loaded_files f
  where f.file_key = $1 and f.state = 'loading' and f.records_committed <= $2
  on conflict do nothing`

/**
 * Part of the transaction of a batch that began before the one in front of it had committed, and commits after it. Throws
 * LoadError when another process has taken the file further meanwhile.
 */
export const addFileBatch = async (
  session: Session,
  { fileKey, from, to }: FileProgress,
  read: ReadCounts,
  runId: number,
  counts: RunCounts,
): Promise<void> => {
  const runCounts = { ...counts.read, ...counts.upsert, tallies: counts.tallies }
  const values = [fileKey, from, to, read.flattened, read.rejected, read.skipped, runId, JSON.stringify(runCounts)]
  const { rowCount } = await session.client.query(add, values)
  if (rowCount === 1) return
  throw new LoadError(
    `file ${fileKey} of the ledger is no longer at record ${from}: another process is loading it; run the sync again`,
  )
}

/**
 * Batches commit in the order of their file: its last one says how far it is, and of a run the one with the most records
 * what it has counted. Whoever counts them again finds them gone. One that does not go on where the file is (another process
 * has read the same records, or begun anew, before it committed) takes it nowhere: that part is counted, or read again.
 */
const count = `
  with done as (
    delete from reelhouse.file_batches b
    using reelhouse.loaded_files f
    where f.file_key = b.file_key and f.connection_key = $1
    returning b.*, f.records_committed as file_at
  ),
  placed as (
    select
      d.*,
      d.file_at + coalesce(
        sum(d.to_record - d.from_record)
          over (partition by d.file_key order by d.from_record rows between unbounded preceding and 1 preceding),
        0
      ) as expected
    from done d
    where d.from_record >= d.file_at
  ),
  of_files as (
    update reelhouse.loaded_files f
    set
      records_committed = d.to_record,
      flattened = f.flattened + d.flattened,
      rejected = f.rejected + d.rejected,
      skipped = f.skipped + d.skipped,
      run_id = d.run_id
    from (
      select file_key, file_at, max(to_record) as to_record, max(run_id) as run_id, sum(flattened) as flattened,
        sum(rejected) as rejected, sum(skipped) as skipped
      from placed
      where from_record = expected
      group by file_key, file_at
    ) d
    where f.file_key = d.file_key and f.records_committed = d.file_at
  )
  update reelhouse.runs r
  set
    listed = c.listed, flattened = c.flattened, rejected = c.rejected, skipped = c.skipped, pending = c.pending,
    rows = c.rows, inserted = c.inserted, updated = c.updated, unchanged = c.unchanged, stale = c.stale,
    duplicate = c.duplicate, tallies = c.tallies
  from (
    select distinct on (run_id) run_id, run_counts
    from done
    order by run_id, (run_counts ->> 'listed')::bigint desc
  ) d
  cross join lateral jsonb_populate_record(null::reelhouse.runs, d.run_counts) c
  where r.run_id = d.run_id and r.listed < c.listed`

/** Counts what was committed of the connection's files into the files and their runs. Safe at any time, and to repeat. */
export const countFileBatches = async (session: Session, connectionKey: number): Promise<void> => {
  await session.client.query(count, [connectionKey])
}
