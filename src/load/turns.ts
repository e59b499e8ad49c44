import type { Session } from '../warehouse/session.ts'

const tails = new WeakMap<Session, Promise<unknown>>()

/**
 * Runs work when everything that was asked of the session before has ended. A session has one transaction at a time: a
 * question that is asked while a batch commits would see what is not committed, fail with it, or wait inside it.
 */
export const inTurn = <T>(session: Session, work: () => Promise<T>): Promise<T> => {
  const turn = (tails.get(session) ?? Promise.resolve()).then(work)
  tails.set(
    session,
    turn.catch(() => undefined),
  )
  return turn
}
