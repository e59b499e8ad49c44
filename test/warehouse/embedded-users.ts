import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, expect } from 'vitest'

const script = join(import.meta.dirname, 'embedded-user.mjs')

if (!existsSync(join(import.meta.dirname, '../../dist/warehouse/embedded.js'))) {
  throw new Error('these tests run the built code in processes of their own: "npm run build" first')
}

export const isRoot = process.getuid?.() === 0
export const isLinux = process.platform === 'linux'

const nobody = 65_534

/** An ordinary user can run what lies here: not in a checkout below /root or a private temporary directory. */
export const othersCanRunUs =
  isRoot &&
  spawnSync(process.execPath, ['-e', 'fs.accessSync(process.argv[1])', script], { uid: nobody, gid: nobody, cwd: '/' })
    .status === 0

export interface Said {
  readonly url?: string
  readonly notice?: string
  readonly released?: true
  readonly interrupted?: true
  readonly error?: string
  readonly message?: string
}

/** A process that uses the warehouse: see embedded-user.mjs. */
export interface User {
  readonly process: ChildProcess
  readonly said: readonly Said[]
  /** Waits until it has said something of this kind. */
  hears(kind: keyof Said): Promise<Said>
  release(): Promise<void>
  /** SIGKILL; resolves when its output is closed, too. */
  kill(): Promise<void>
}

const scratch: string[] = []
const users: ChildProcess[] = []

afterEach(async () => {
  for (const child of users.splice(0)) child.kill('SIGKILL')
  for (const parent of scratch.splice(0)) {
    const pid = postmasterPid(join(parent, '.reelhouse'))
    if (pid !== null) killQuietly(pid)
    await sleep(50)
    await rm(parent, { recursive: true, force: true, maxRetries: 5 })
  }
})

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // Gone already.
  }
}

/** Absolute path of a `.reelhouse` that does not exist yet; its parent is closed to other users (0700), as mkdtemp makes it. */
export const freshDir = async (): Promise<string> => {
  const parent = await mkdtemp(join(tmpdir(), 'reelhouse-embedded-'))
  scratch.push(parent)
  return join(parent, '.reelhouse')
}

export interface Launch {
  readonly mode?: readonly string[]
  readonly env?: Record<string, string>
  /** Its own process group, as a shell gives every command. */
  readonly detached?: boolean
  readonly uid?: number
}

export const launch = (dir: string, { mode = ['hold'], env = {}, ...options }: Launch = {}): User => {
  const child = spawn(process.execPath, [script, dir, ...mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    ...options,
    ...(options.uid === undefined ? {} : { gid: options.uid }),
  })
  users.push(child)
  const said: Said[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close')
  const hears = async (kind: keyof Said): Promise<Said> => {
    await expect
      .poll(() => said.some((message) => kind in message || 'error' in message), { timeout: 50_000 })
      .toBe(true)
    const message = said.find((each) => kind in each)
    if (message === undefined) throw new Error(`expected ${kind}, heard ${JSON.stringify(said)}`)
    return message
  }
  return {
    process: child,
    said,
    hears,
    release: async () => {
      child.stdin.write('\n')
      await hears('released')
      await closed
    },
    kill: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}

/** Starts a user and waits until it has the warehouse. */
export const open = async (dir: string, options: Launch = {}): Promise<User & { readonly url: string }> => {
  const user = launch(dir, options)
  const { url = '' } = await user.hears('url')
  return { ...user, url }
}

export const query = async (url: string, sql: string): Promise<readonly unknown[]> => {
  const client = await connect(url)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

export const connect = async (url: string, name = 'reelhouse test'): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: name })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

const pidFile = (dir: string): string => join(dir, 'postgres', 'postmaster.pid')

export const postmasterPid = (dir: string): number | null => {
  try {
    return Number.parseInt(readFileSync(pidFile(dir), 'utf8'), 10) || null
  } catch {
    return null
  }
}

/** The pid of the server, which must be running. */
export const serverPid = (dir: string): number => {
  const pid = postmasterPid(dir)
  if (pid === null) throw new Error('no server is running')
  return pid
}

export const isUp = (dir: string): boolean => postmasterPid(dir) !== null

/** A field of /proc/<pid>/status. */
export const processStatus = async (pid: number, field: string): Promise<string> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return new RegExp(`^${field}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(status)?.[1] ?? ''
}
