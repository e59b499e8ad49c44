import { lockNumbers } from './locks.ts'

/** Advisory locks take 32-bit keys. */
const modulus = 2 ** 31

/** The key of the lock that a run holds while it lives: whatever becomes of its process, the server lets go of it. */
export const runLockKey = (runId: number): number => runId % modulus

/** SQL: whether the run lives. `runId`: an expression; false when it is null. */
export const isAlive = (runId: string): string => `
  exists (
    select from pg_locks k
    where k.locktype = 'advisory' and k.granted and k.objsubid = 2
      and k.database = (select oid from pg_database where datname = current_database())
      and k.classid = ${lockNumbers.run} and k.objid::bigint = ${runId} % ${modulus}
  )`
