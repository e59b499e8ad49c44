import pRetry from 'p-retry'
import pg from 'pg'
import type { Session } from '../warehouse/session.ts'
import { RepeatTransaction } from './repeat-transaction.ts'

/** Serialization failure and deadlock: another session was faster; the same work, repeated, sees what it did. */
const conflictStates = new Set(['40001', '40P01'])

const isConflict = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && conflictStates.has(error.code ?? '')

/**
 * Runs work in a repeatable-read transaction, so that what it compared is what it overwrites; repeats it as a whole on
 * conflict. Work must be repeatable: it keeps nothing of a try that failed.
 */
export const inTransaction = <T>(session: Session, work: () => Promise<T>): Promise<T> =>
  repeated(() => transaction(session, 'repeatable read', work))

/** The same for work whose every statement sees what was committed before it: it waits for others, and then goes by what they did. */
export const inReadCommitted = <T>(session: Session, work: () => Promise<T>): Promise<T> =>
  repeated(() => transaction(session, 'read committed', work))

const repeated = <T>(attempt: () => Promise<T>): Promise<T> =>
  pRetry(attempt, {
    retries: 8,
    minTimeout: 20,
    maxTimeout: 2000,
    randomize: true,
    shouldRetry: ({ error }) => isConflict(error) || error instanceof RepeatTransaction,
  })

const transaction = async <T>(
  session: Session,
  isolation: 'repeatable read' | 'read committed',
  work: () => Promise<T>,
): Promise<T> => {
  await session.client.query(`begin isolation level ${isolation}`)
  try {
    const result = await work()
    await session.client.query('commit')
    return result
  } catch (error) {
    await session.client.query('rollback').catch(() => undefined)
    throw error
  }
}
