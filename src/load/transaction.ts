import pRetry from 'p-retry'
import pg from 'pg'
import type { Session } from '../warehouse/session.ts'

/** Serialization failure and deadlock: another session was faster; the same work, repeated, sees what it did. */
const conflictStates = new Set(['40001', '40P01'])

const isConflict = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && conflictStates.has(error.code ?? '')

/**
 * Runs work in a repeatable-read transaction, so that what it compared is what it overwrites; repeats it as a whole on
 * conflict. Work must be repeatable: it keeps nothing of a try that failed.
 */
export const inTransaction = <T>(session: Session, work: () => Promise<T>): Promise<T> =>
  pRetry(() => transaction(session, work), {
    retries: 8,
    minTimeout: 20,
    maxTimeout: 2000,
    randomize: true,
    shouldRetry: ({ error }) => isConflict(error),
  })

const transaction = async <T>(session: Session, work: () => Promise<T>): Promise<T> => {
  await session.client.query('begin isolation level repeatable read')
  try {
    const result = await work()
    await session.client.query('commit')
    return result
  } catch (error) {
    await session.client.query('rollback').catch(() => undefined)
    throw error
  }
}
