import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../warehouse/session.ts'
import { inTurn } from './turns.ts'

/**
 * Advisory locks of Postgres, all held by one session of the process. They save work and keep runs apart; correctness
 * rests on guarded upserts, so a lost lock session loses nothing.
 *
 * Locks of one session do not exclude each other: two runs of one connection in one process would both get them. A process
 * therefore works on the streams of a connection one after the other.
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
  /** One backfill of the same range at a time. */
  backfill: 724_905,
  /** Held shared by whoever waits for the window lock of a connection; see fair-locks.ts. */
  waiting: 724_906,
  /** Held by a run while it lives; see run-liveness.ts. */
  run: 724_907,
  /** One export at a time. */
  export: 724_908,
} as const

export type LockName = keyof typeof lockNumbers

export interface HeldLock {
  release(): Promise<void>
}

export interface LockRequest {
  readonly name: LockName
  /** connection_key; 0 for the schema; of a run its id and of a backfill a digest of its range, as 32-bit integers. */
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
    if (await isTaken(session, `pg_try_advisory_lock${suffix}`, key)) {
      return {
        // A lost session has let go of it already.
        release: () =>
          isTaken(session, `pg_advisory_unlock${suffix}`, key).then(
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

/** What a function of two keys answers: whether the lock was taken, or let go of. */
const isTaken = async (session: Session, functionName: string, key: readonly number[]): Promise<boolean> => {
  const { rows } = await inTurn(session, () =>
    session.client.query<{ readonly taken: boolean }>(`select ${functionName}($1, $2) as taken`, [...key]),
  )
  return rows[0]?.taken === true
}
