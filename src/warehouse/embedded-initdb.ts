import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { ConfigError } from '../domain/errors.ts'
import { type EmbeddedBinaries, ownPostgresRemedy } from './embedded-binaries.ts'
import { ensurePassword, isErrno, type WarehouseFiles, writePrivate } from './embedded-files.ts'
import { isAlive } from './embedded-postmaster.ts'
import { type RunAs, runProgram } from './embedded-program.ts'

const initdbMs = 180_000
const abandonedMs = 3_600_000

/**
 * Makes the data directory under a name of its own and renames it into place when complete, so that a half-made one is
 * never taken for real. Of two commands at once the second to finish throws its own away.
 *
 * @throws ConfigError when initdb cannot work here
 */
export const initData = async (files: WarehouseFiles, binaries: EmbeddedBinaries, as: RunAs): Promise<void> => {
  await removeAbandoned(files)
  const password = await ensurePassword(files)
  const draft = `${files.data}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  const passwordDraft = `${draft}.password.new`
  try {
    await mkdir(draft, { mode: 0o700 })
    await writePrivate(passwordDraft, password)
    if (as.account !== null) {
      await chown(draft, as.account.uid, as.account.gid)
      await chown(passwordDraft, as.account.uid, as.account.gid)
    }
    const initdb = await runProgram(as, binaries.initdb, initdbArguments(draft, passwordDraft), initdbMs)
    if (!initdb.ok)
      throw new ConfigError([
        `The warehouse ${files.data} could not be created (or ${ownPostgresRemedy}):\n${initdb.output}`,
      ])
    await rename(draft, files.data)
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error
  } finally {
    await rm(passwordDraft, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

/** Locales built into Postgres: the same order and case mapping everywhere, whatever the system has installed. */
const initdbArguments = (data: string, passwordFile: string): readonly string[] => [
  `--pgdata=${data}`,
  '--username=reelhouse',
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--set=timezone=UTC',
  '--set=log_timezone=UTC',
  '--no-instructions',
]

/** What a killed command left: `<name>.<pid>.<random>.new`. The pid may live again as something else, hence the age. */
const removeAbandoned = async (files: WarehouseFiles): Promise<void> => {
  for (const name of await readdir(files.dir)) {
    const pid = /^(?:postgres|password|port)\.(\d+)\..*\.new$/.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(files.dir, name)
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
    if (isAlive(Number(pid)) && age < abandonedMs) continue
    // The initdb of a killed command may still be writing there; what remains is for the next time.
    await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
  }
}
