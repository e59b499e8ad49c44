import { chmod, chown, lchown, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { ConfigError } from '../domain/errors.ts'
import { type EmbeddedBinaries, ownPostgresRemedy } from './embedded-binaries.ts'
import type { WarehouseFiles } from './embedded-files.ts'
import { type Account, asOurselves, type RunAs, runProgram } from './embedded-program.ts'

const probeMs = 20_000

/**
 * Decides as whom the server runs: as ourselves, or, since Postgres refuses root, as an unprivileged account that is given
 * what it needs. Call before every start; afterwards `.reelhouse` can be entered by that account and an existing data
 * directory is its own.
 *
 * @throws ConfigError when the binaries do not run on this system, or no account can run them in this place
 */
export const chooseRunAs = async (files: WarehouseFiles, binaries: EmbeddedBinaries): Promise<RunAs> => {
  const version = await runProgram(asOurselves, binaries.postgres, ['--version'], probeMs)
  if (!version.ok) {
    throw new ConfigError([
      `The embedded Postgres does not run on this system (${binaries.postgres}: ${version.output}). ` +
        `It needs glibc on Linux; ${ownPostgresRemedy}.`,
    ])
  }
  if (process.getuid?.() !== 0) return asOurselves
  const account = await serverAccount(files)
  await handOver(files, account).catch((error: unknown) => {
    throw rootRefused(`${files.dir} cannot be given to account ${account.name} (${String(error)})`, error)
  })
  for (const prefix of [[], setpriv(account)]) {
    const as: RunAs = { account, prefix }
    if (await canReach(as, files, binaries)) return as
  }
  throw rootRefused(
    `account ${account.name} cannot reach ${files.dir} or ${binaries.postgres}; move the project to where it can enter`,
  )
}

const rootRefused = (reason: string, cause?: unknown): ConfigError =>
  new ConfigError(
    [`Postgres refuses to run as root, and ${reason}. Or run reelhouse as an ordinary user, or ${ownPostgresRemedy}.`],
    { cause },
  )

/** The owner of the data that is there, so that it stays readable to its server; else the usual accounts. */
const serverAccount = async (files: WarehouseFiles): Promise<Account> => {
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8').catch(() => ''))
  const owner = await stat(files.data).catch(() => null)
  // Serving data needs no entry in /etc/passwd; only initdb does.
  if (owner !== null && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid }
  const chosen = accounts.find(({ name }) => name === 'postgres') ?? accounts.find(({ name }) => name === 'nobody')
  if (chosen === undefined) {
    throw rootRefused('this system has no account "postgres" or "nobody" to run it as; add one')
  }
  return chosen
}

/** Accounts other than root; initdb refuses a uid that has no entry. */
export const parseAccounts = (passwd: string): readonly Account[] =>
  passwd.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) && Number(uid) > 0
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : []
  })

const handOver = async (files: WarehouseFiles, account: Account): Promise<void> => {
  // Enter, not list: password and port stay root's.
  await chown(files.dir, -1, account.gid)
  await chmod(files.dir, 0o710)
  const data = await stat(files.data).catch(() => null)
  if (data !== null && data.uid !== account.uid) await ownTree(files.data, account)
}

/** A data directory that root restored or copied. Links (tablespaces) are not followed. */
const ownTree = async (root: string, account: Account): Promise<void> => {
  for (const entry of await readdir(root, { recursive: true })) {
    await lchown(join(root, entry), account.uid, account.gid)
  }
  await lchown(root, account.uid, account.gid)
}

/**
 * Where an ancestor is closed to other users (/root, a private temporary directory) the account keeps the one capability
 * that opens it. Containers grant root CAP_DAC_OVERRIDE by default; more is not asked for.
 */
const setpriv = ({ uid, gid }: Account): readonly string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  // Without it access(2), by which initdb finds its binaries, does not count the capability.
  '--securebits=+no_setuid_fixup',
]

const canReach = async (as: RunAs, files: WarehouseFiles, binaries: EmbeddedBinaries): Promise<boolean> => {
  const script = 'cd -- "$1" && exec "$2" --version'
  const probe = await runProgram(as, '/bin/sh', ['-c', script, 'sh', files.dir, binaries.postgres], probeMs)
  return probe.ok
}
