import type { Session } from '../warehouse/session.ts'

/**
 * A batch meets its table by key: one index look-up a row. Left to itself the planner hashes the whole table for a batch
 * (measured: twice the time), and while a new table has no statistics it scans it once per row (measured: 28 s instead of 0.1 s a batch).
 * Memory is for the batch that the upsert holds. For this transaction only.
 *
 * Up to Postgres 17 what is switched off costs 10^10, and the staging table can only be scanned: every statement would look
 * expensive enough to be compiled, which takes longer than running it.
 */
export const planByKey = async (session: Session): Promise<void> => {
  await session.client.query(`
    set local enable_hashjoin = off;
    set local enable_mergejoin = off;
    set local enable_material = off;
    set local enable_seqscan = off;
    set local enable_bitmapscan = off;
    set local jit = off;
    set local work_mem = '64MB'`)
}
