import { LockHeldError } from '../domain/errors.ts'
import type { Run, RunCommand, RunState } from '../domain/run.ts'
import { sha256Hex } from '../transform/canonical-json.ts'
import { formatInstant } from '../transform/instant.ts'
import { type BatchLanes, countIfAny } from './batch-lanes.ts'
import { takeWindowLock } from './fair-locks.ts'
import { type HeldLock, type LockName, takeLock } from './locks.ts'
import type { OpenedLoader } from './opened-loader.ts'
import { runLockKey } from './run-liveness.ts'
import { abandonDeadRuns, finishRun, startRun } from './runs.ts'
import { asked, told } from './told.ts'

/** The lock by which runs of a connection exclude each other; null = they do not. */
const aloneBy: Readonly<Record<RunCommand, LockName | null>> = {
  sync: 'sync',
  backfill: 'backfill',
  replay: 'replay',
  remap: 'replay',
  verify: null,
}

/** The beginning and the end of a run, with the locks that it holds in between. */
export const runLife = (opened: OpenedLoader, lanes: BatchLanes) => {
  const { session } = opened
  const held: HeldLock[] = []
  const letGo = async (): Promise<void> => {
    for (const lock of held.splice(0).reverse()) await lock.release()
  }
  return {
    startRun: async (): Promise<Run> => {
      try {
        held.push(...(await standAlone(opened)))
        const run = await begin(opened, (lock) => held.push(lock))
        await opened.reached('run-started')
        return run
      } catch (error) {
        await letGo()
        throw error
      }
    },
    finishRun: async (run: Run, state: RunState, error: string | null): Promise<void> => {
      try {
        await opened.reached('run-before-finish')
        const redacted = error === null ? null : opened.redact(error)
        await asked(session, 'the end of a run', async () => {
          await countIfAny(session, opened.connectionKey, lanes)
          await finishRun(session, run, state, redacted)
        })()
        await opened.reached('run-finished')
      } finally {
        await letGo()
      }
    },
  }
}

const standAlone = async (opened: OpenedLoader): Promise<readonly HeldLock[]> => {
  const { connection, command, lockSession, connectionKey, signal } = opened
  const name = aloneBy[command]
  if (name === null) return []
  const key = name === 'backfill' ? rangeKey(opened) : connectionKey
  const lock = await told('a lock', () => takeLock(lockSession, { name, key, patience: 0, signal }))()
  if (lock !== null) return [lock]
  const other = name === 'backfill' ? `backfill of it from ${rangeText(opened)}` : `${command} of it`
  throw new LockHeldError(`connection ${connection.id}: another ${other} is running; nothing was done`)
}

const begin = (opened: OpenedLoader, holding: (lock: HeldLock) => void): Promise<Run> => {
  const { session, lockSession, connectionKey, connection } = opened
  const hold = async (runId: number): Promise<void> => {
    const lock = await takeLock(lockSession, { name: 'run', key: runLockKey(runId), patience: 0 })
    if (lock !== null) holding(lock)
  }
  return asked(session, 'a run', async () => {
    await abandonDeadRuns(session, connectionKey)
    return startRun(session, { ...opened, source: connection.source }, hold)
  })()
}

const rangeText = ({ range }: OpenedLoader): string => {
  if (range === undefined) throw new TypeError('a backfill has a range')
  return `${formatInstant(range.from)} to ${formatInstant(range.to)}`
}

/** The first 32 bits of a digest: that two ranges of one connection have the same is as unlikely as it is harmless. */
const rangeKey = (opened: OpenedLoader): number =>
  Number.parseInt(sha256Hex(`${opened.connectionKey} ${opened.stream} ${rangeText(opened)}`).slice(0, 8), 16) | 0

/** Milliseconds. A sync comes again in minutes; who works through history waits for a window of another to end. */
const patienceOf = (command: RunCommand): number => (command === 'sync' ? 60_000 : 600_000)

/** Runs work while nobody else reads a window or file of the connection. */
export const exclusively = async <T>(opened: OpenedLoader, work: () => Promise<T>): Promise<T> => {
  const { lockSession, connection, connectionKey, command, signal } = opened
  const patience = patienceOf(command)
  const request = { connectionKey, yields: command !== 'sync', patience, signal }
  const lock = await told('a lock', () => takeWindowLock(lockSession, request))()
  if (lock === null) {
    throw new LockHeldError(
      `connection ${connection.id}: another process has been reading it for more than ${patience / 1000} s; run the command again`,
    )
  }
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
