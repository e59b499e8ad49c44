import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import { knowSecretsOf, refuseInFiles, refuseInOutput } from './leak-net.ts'
import { shortWaitsEnv } from './short-waits.ts'

/** The built program, in one file unless REELHOUSE_TEST_MAIN names another. */
export const main = inject('program')

export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCli {
  kill(signal: NodeJS.Signals): void
  /** What stdout and stderr have so far. */
  stdout(): string
  stderr(): string
  readonly ended: Promise<CliResult>
}

export interface Workplace {
  /** Absolute; `config/` and dumps lie in it. */
  readonly folder: string
  /** Of what a test writes itself, not even secrets are looked for. */
  write(file: string, content: string | Uint8Array): Promise<string>
  /** Runs the built program in the folder; `input` is piped into it. */
  reelhouse(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Promise<CliResult>
  /** The same, to be killed or overtaken. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCli
  remove(): Promise<void>
}

/** A directory like an operator's, with a warehouse URL in its environment (or none: the embedded one). */
export const createWorkplace = async (
  databaseUrl: string | null,
  usualEnv: Readonly<Record<string, string>> = {},
): Promise<Workplace> => {
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-cli-'))
  const baseEnv = {
    ...process.env,
    ...shortWaitsEnv,
    ...usualEnv,
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  }
  if (databaseUrl === null) delete baseEnv.DATABASE_URL
  const written = new Set<string>()
  const startWith = (args: readonly string[], env: Readonly<Record<string, string>>, input?: string) =>
    start(args, folder, { ...baseEnv, ...env }, input)
  return {
    folder,
    write: async (file, content) => {
      const path = join(folder, file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
      written.add(path)
      return path
    },
    reelhouse: (args, env = {}, input) => startWith(args, env, input).ended,
    start: (args, env = {}) => startWith(args, env),
    remove: async () => {
      try {
        await refuseInFiles(folder, written)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

const start = (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, input?: string): RunningCli => {
  knowSecretsOf(env)
  const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  // It may have ended without reading it.
  child.stdin.on('error', () => undefined).end(input)
  let stdout = ''
  let stderr = ''
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      try {
        refuseInOutput(args, stdout, stderr)
        resolve({ code, signal, stdout, stderr })
      } catch (leak) {
        reject(leak)
      }
    })
  })
  return { kill: (signal) => void child.kill(signal), stdout: () => stdout, stderr: () => stderr, ended }
}
