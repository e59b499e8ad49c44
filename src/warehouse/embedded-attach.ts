import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ConfigError, TransientError } from '../domain/errors.ts'
import type { EmbeddedBinaries } from './embedded-binaries.ts'
import { readPassword, type WarehouseFiles } from './embedded-files.ts'
import { type Postmaster, readPostmaster, removeStale } from './embedded-postmaster.ts'
import { RegistrySession } from './embedded-registry.ts'
import { startServer } from './embedded-server.ts'

/** A place among the users of a running server. */
export interface Attachment {
  readonly session: RegistrySession
  readonly pid: number
  readonly port: number
  readonly password: string
}

export interface Patience {
  /** For races between commands that start and stop the server. */
  readonly waitMs: number
  /** While a server that was killed replays its log. */
  readonly recoveryMs: number
}

/** Some seconds: sessions of a killed postmaster need a moment to notice, and hold its shared memory until then. */
const startAttempts = 7

/**
 * Joins the server that runs, or starts it. Every step may be overtaken by another command's start or stop; each time the
 * answer is to look again, so that all of them converge.
 *
 * @throws ConfigError when waiting cannot help, TransientError when patience is at its end
 */
export const attach = async (
  files: WarehouseFiles,
  binaries: EmbeddedBinaries,
  patience: Patience,
): Promise<Attachment> => {
  const began = Date.now()
  for (let failures = 0; ; ) {
    const postmaster = await readPostmaster(files)
    const step = await advance(files, binaries, postmaster)
    if (step.attachment !== null) return step.attachment
    if (step.failure === null) continue
    failures = nextFailures(failures, step, postmaster)
    if (failures >= startAttempts) throw notStarted(files, step.failure)
    const busy = postmaster.kind === 'running' && postmaster.phase !== 'ready'
    const elapsed = Date.now() - began
    if (elapsed > (busy ? patience.recoveryMs : patience.waitMs)) throw outOfPatience(files, step.failure)
    // Slower with time: a server that recovers writes a line of its log for every session it refuses.
    const pause = step.kind === 'start' ? Math.min(50 * 2 ** failures, 3000) : 20 + Math.min(elapsed / 50, 500)
    await sleep(pause + Math.random() * 80)
  }
}

/** Counted in a row: a server that was seen up, if only to be stopped by its last user, shows that starting works. */
const nextFailures = (failures: number, step: Step, postmaster: Postmaster): number => {
  if (postmaster.kind === 'running' && postmaster.phase !== 'starting') return 0
  return step.kind === 'start' ? failures + 1 : failures
}

/** `failure` null = something changed, look again at once. */
interface Step {
  readonly kind: 'join' | 'start' | 'wait'
  readonly attachment: Attachment | null
  readonly failure: unknown
}

const advance = async (files: WarehouseFiles, binaries: EmbeddedBinaries, postmaster: Postmaster): Promise<Step> => {
  switch (postmaster.kind) {
    case 'running':
      return joinRunning(files, postmaster)
    case 'absent': {
      const failure = await startServer(files, binaries)
      // The winner of a race is no failure of ours; neither is a server that is slow to come up.
      const absent = failure !== null && (await readPostmaster(files)).kind === 'absent'
      return { kind: absent ? 'start' : 'wait', attachment: null, failure }
    }
    case 'stale':
      await removeStale(files, postmaster.text)
      return { kind: 'wait', attachment: null, failure: 'a stale postmaster.pid keeps coming back' }
    case 'unclear':
      return { kind: 'wait', attachment: null, failure: 'postmaster.pid is incomplete' }
  }
}

const joinRunning = async (files: WarehouseFiles, { pid, port }: Postmaster & { kind: 'running' }): Promise<Step> => {
  const password = await readPassword(files)
  try {
    const session = await RegistrySession.enter(port, password)
    return { kind: 'join', attachment: { session, pid, port, password }, failure: null }
  } catch (error) {
    const now = await readPostmaster(files)
    // When our server stopped and its port went to another one, that one's refusal says nothing.
    const same = now.kind === 'running' && now.pid === pid
    if (same && isSqlState(error, /^28/)) throw wrongPassword(files, error)
    // Postgres is up and refuses what no waiting changes; 08, 53, 55 and 57 are sessions, room, locks and shutdowns.
    if (same && isSqlState(error, /^(?!08|53|55|57)/)) throw error
    return { kind: 'join', attachment: null, failure: error }
  }
}

const isSqlState = (error: unknown, pattern: RegExp): boolean =>
  error instanceof pg.DatabaseError && error.code !== undefined && pattern.test(error.code)

const wrongPassword = (files: WarehouseFiles, cause: unknown): ConfigError =>
  new ConfigError(
    [
      `The embedded Postgres refuses role "reelhouse" with the password in ${files.password}: ` +
        'restore that file, or set the role to its password again.',
    ],
    { cause },
  )

const notStarted = (files: WarehouseFiles, said: unknown): ConfigError =>
  new ConfigError([`The embedded Postgres in ${files.data} does not start (see ${files.log}):\n${describe(said)}`])

const outOfPatience = (files: WarehouseFiles, last: unknown): TransientError =>
  new TransientError(
    `The embedded Postgres in ${files.data} did not become available (see ${files.log}): ${describe(last)}`,
    { cause: last },
  )

const describe = (value: unknown): string => (value instanceof Error ? value.message : String(value))
