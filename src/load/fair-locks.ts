import type { Session } from '../warehouse/session.ts'
import { type HeldLock, takeLock } from './locks.ts'

export interface WindowLockRequest {
  readonly connectionKey: number
  /** Others that wait for the lock go first: what backfills and replays do, between two windows. */
  readonly yields: boolean
  /** Milliseconds to wait for the lock, and for those who go first. */
  readonly patience: number
  readonly signal: AbortSignal
}

/**
 * The window lock of a connection, or null when others hold it for longer than we are patient. Locks that are polled for
 * are unfair: who lets go of one and takes it again at once would keep everybody else out. So who waits says so, by a
 * shared lock, and who yields takes the window only when nobody says so.
 */
export const takeWindowLock = async (session: Session, request: WindowLockRequest): Promise<HeldLock | null> => {
  if (request.yields) await letOthersPass(session, request)
  const window = { name: 'window', key: request.connectionKey, signal: request.signal } as const
  const free = await takeLock(session, { ...window, patience: 0 })
  if (free !== null) return free
  const waiting = await takeLock(session, { ...window, name: 'waiting', shared: true, patience: request.patience })
  try {
    return await takeLock(session, { ...window, patience: request.patience })
  } finally {
    await waiting?.release()
  }
}

const letOthersPass = async (session: Session, request: WindowLockRequest): Promise<void> => {
  const { connectionKey: key, patience, signal } = request
  const nobodyWaits = await takeLock(session, { name: 'waiting', key, patience, signal })
  await nobodyWaits?.release()
}
