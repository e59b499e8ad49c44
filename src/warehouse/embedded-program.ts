import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

/** An account of /etc/passwd. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** How the programs of the server are run. */
export interface RunAs {
  /** null = as ourselves. */
  readonly account: Account | null
  /** Words before the program; they change the user themselves when there are any (setpriv). */
  readonly prefix: readonly string[]
}

export const asOurselves: RunAs = { account: null, prefix: [] }

export interface Finished {
  readonly ok: boolean
  /** Both streams, at most their last 4,000 characters. */
  readonly output: string
}

/**
 * Runs a program to its end; never throws. It gets
 * - its own session, so that a Ctrl-C at the terminal does not kill an initdb or a starting server half-way;
 * - a bare environment: the server outlives us and must not keep the operator's secrets readable in its environment, nor
 *   be bent by PGPORT or PGOPTIONS;
 * - a working directory that every user can enter.
 */
export const runProgram = async (
  as: RunAs,
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Finished> => {
  const [command = program, ...rest] = [...as.prefix, program, ...args]
  const user = as.account !== null && as.prefix.length === 0 ? { uid: as.account.uid, gid: as.account.gid } : {}
  try {
    const child = spawn(command, rest, {
      cwd: '/',
      env: bareEnvironment(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...user,
    })
    return await finish(child)
  } catch (error) {
    return { ok: false, output: String(error) }
  }
}

const bareEnvironment = (): Record<string, string> => {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']
  const pairs = kept.flatMap((key) => {
    const value = process.env[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return { ...Object.fromEntries(pairs), LC_ALL: 'C', TZ: 'UTC' }
}

const finish = (child: ChildProcess): Promise<Finished> =>
  new Promise((resolve) => {
    let output = ''
    const collect = (chunk: unknown) => {
      output = `${output}${String(chunk)}`.slice(-4000)
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    const settle = (ok: boolean) => {
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve({ ok, output: output.trim() })
    }
    child.once('error', (error) => {
      collect(error.message)
      settle(false)
    })
    child.once('close', (code) => settle(code === 0))
    // A server that kept the pipe open would hold 'close' back as long as it lives.
    child.once('exit', (code) => void sleep(1000, undefined, { ref: false }).then(() => settle(code === 0)))
  })
