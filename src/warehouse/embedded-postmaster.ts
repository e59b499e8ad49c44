import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, readFile, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { isErrno, type WarehouseFiles } from './embedded-files.ts'

/** What `postmaster.pid` says, checked against the processes that live. */
export type Postmaster =
  | { readonly kind: 'running'; readonly pid: number; readonly port: number; readonly phase: Phase }
  /** None, or a remnant that Postgres itself recognizes and removes. */
  | { readonly kind: 'absent' }
  /** Somebody is just writing it. */
  | { readonly kind: 'unclear' }
  /** A remnant whose pid lives on as another process, or an empty one: Postgres would refuse to start because of it. */
  | { readonly kind: 'stale'; readonly text: string }

export type Phase = 'starting' | 'ready' | 'stopping'

const lockFile = (files: WarehouseFiles): string => join(files.data, 'postmaster.pid')
const unclearMs = 10_000

export const readPostmaster = async (files: WarehouseFiles): Promise<Postmaster> => {
  const path = lockFile(files)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return null
    throw error
  })
  if (text === null) return { kind: 'absent' }
  const [pidLine = '', , , portLine = '', , , , phase = ''] = text.split('\n')
  const pid = Number(pidLine)
  const port = Number(portLine)
  if (!(Number.isInteger(pid) && pid > 0 && Number.isInteger(port) && port > 0)) {
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
    return age > unclearMs ? { kind: 'stale', text } : { kind: 'unclear' }
  }
  if (!isAlive(pid)) return { kind: 'absent' }
  return (await serves(pid, files)) ? { kind: 'running', pid, port, phase: readPhase(phase) } : { kind: 'stale', text }
}

const readPhase = (line: string): Phase => {
  const word = line.trim()
  return word === 'ready' || word === 'stopping' ? word : 'starting'
}

/**
 * Removes a stale `postmaster.pid`. By rename, so that one which a new server wrote since it was judged is put back. Should
 * two servers ever start on one directory, Postgres's shared-memory interlock stops the second.
 */
export const removeStale = async (files: WarehouseFiles, text: string): Promise<void> => {
  const path = lockFile(files)
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.stale`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, path)
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EEXIST')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isErrno(error, 'EPERM')
  }
}

/**
 * Whether this process is the postmaster of our data directory. After a reboot, and at once in a container, the pid of a
 * dead server belongs to something else; a zombie has no command line.
 */
const serves = async (pid: number, files: WarehouseFiles): Promise<boolean> => {
  if (process.platform !== 'linux') {
    const command = await promisify(execFile)('ps', ['-ww', '-p', String(pid), '-o', 'command=']).catch(() => null)
    return command?.stdout.includes(files.data) === true && command.stdout.includes('postgres')
  }
  const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  if (basename(program) !== 'postgres') return false
  if (args.includes(files.data)) return true
  // Still right when the project was moved under a running server; unreadable without ptrace rights.
  return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === files.data
}
