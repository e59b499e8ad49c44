import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../warehouse/session.ts'

/**
 * Advisory locks of Postgres, all held by one session of the process. They save work and keep runs apart; correctness
 * rests on guarded upserts, so a lost lock session loses nothing.
 */
export const lockNumbers = {
  /** Held shared by everything that reads or writes the tables, exclusively by migrate. */
  schema: 724_901,
  /** One sync of a connection at a time. */
  sync: 724_902,
  /** One replay or re-mapping of a connection at a time. */
  replay: 724_904,
  /** Whoever reads a window or a file of a connection: sync, backfill, replay. */
  window: 724_903,
} as const

export type LockName = keyof typeof lockNumbers

export interface HeldLock {
  release(): Promise<void>
}

export interface LockRequest {
  readonly name: LockName
  /** connection_key; 0 for the schema. */
  readonly key: number
  readonly shared?: boolean
  /** Milliseconds to wait for it; 0 = try once. */
  readonly patience: number
  readonly signal?: AbortSignal
}

/**
 * The lock, or null when another session holds it for longer than we are patient. Throws the reason of the signal when the
 * operator stops the wait.
 */
export const takeLock = async (session: Session, request: LockRequest): Promise<HeldLock | null> => {
  const suffix = request.shared === true ? '_shared' : ''
  const key = [lockNumbers[request.name], request.key]
  const deadline = Date.now() + request.patience
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const { rows } = await session.client.query<{ readonly taken: boolean }>(
      `select pg_try_advisory_lock${suffix}($1, $2) as taken`,
      key,
    )
    if (rows[0]?.taken === true) {
      return {
        // A lost session has let go of it already.
        release: () =>
          session.client.query(`select pg_advisory_unlock${suffix}($1, $2)`, key).then(
            () => undefined,
            () => undefined,
          ),
      }
    }
    const left = deadline - Date.now()
    if (left <= 0) return null
    request.signal?.throwIfAborted()
    const stop = request.signal === undefined ? {} : { signal: request.signal }
    await sleep(Math.min(pause, left), undefined, stop).catch(() => request.signal?.throwIfAborted())
  }
}
