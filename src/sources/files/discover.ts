import { realpath, stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { FileMarks } from '../../domain/file-load.ts'
import { directoryLister } from './list-directory.ts'
import { namedFolders } from './named-folders.ts'

/** A file that the paths match, with its marks as they are now. */
export interface FoundFile extends FileMarks {
  /** Absolute, without links in it. */
  readonly path: string
  /** Why it is not read: it is a link that leads out of the folders that the paths name. Null = it may be read. */
  readonly problem: string | null
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)

/** Null when there is nothing of that name. A symbolic link is what it points to. */
const statOf = async (path: string, name: string) => {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw new SourceProtocolError(`${name}: cannot be looked at (${codeOf(error)}); check links and permissions`, {
      cause: error,
    })
  }
}

const nameOf = (root: string, path: string): string => relative(root, path).split(sep).join('/')

/** Judged of the real path of a file. */
type IsInside = (path: string) => boolean

const leadsOut = (name: string, real: string): string =>
  `${name}: is a link that leads out of its folder, to ${real}; name that file in paths, or set outside_links: true`

const foundFile = async (root: string, path: string, isInside: IsInside): Promise<FoundFile | null> => {
  const stats = await statOf(path, nameOf(root, path))
  if (stats === null && path.includes('\ufffd')) {
    throw new SourceProtocolError(`${nameOf(root, path)}: its name is not UTF-8 and cannot be opened; rename the file`)
  }
  if (stats === null) return null
  const modifiedAt = Number(stats.mtimeNs / 1_000n)
  const name = nameOf(root, path)
  const real = await realpath(path).catch((error: unknown) => {
    throw new SourceProtocolError(`${name}: cannot be looked at (${codeOf(error)}); check links and permissions`)
  })
  const problem = isInside(real) ? null : leadsOut(name, real)
  return { name, path: real, problem, sizeBytes: Number(stats.size), modifiedAt }
}

/** The file of exactly this name; a name may hold brackets and still be no pattern. Null when it has to be a pattern. */
const literalFile = async (root: string, pattern: string): Promise<string | null> => {
  const path = resolve(root, pattern)
  const stats = await statOf(path, pattern)
  if (stats?.isFile()) return path
  if (isDynamicPattern(pattern)) return null
  if (stats === null)
    throw new SourceProtocolError(`${pattern}: there is no such file in ${root}; correct paths, or create it`)
  const what = stats.isDirectory() ? 'a directory' : 'no regular file'
  throw new SourceProtocolError(`${pattern}: is ${what}; name files, or a pattern such as ${pattern}/*.csv`)
}

const globbed = async (root: string, patterns: readonly string[]): Promise<readonly string[]> => {
  const lister = directoryLister()
  const matches = await glob(patterns, {
    cwd: root,
    absolute: true,
    expandDirectories: false,
    followSymbolicLinks: false,
    fs: { readdir: lister.readdir },
  })
  const [failure] = lister.failures
  if (failure === undefined) return matches
  const name = nameOf(root, failure.path) || '.'
  throw new SourceProtocolError(
    `${name}: cannot be listed (${failure.code}); check links and permissions, or narrow paths`,
  )
}

const byName = (left: FoundFile, right: FoundFile): number =>
  left.name < right.name ? -1 : left.name > right.name ? 1 : 0

/**
 * Files that the paths (names, glob patterns, `!` exclusions; relative to `root`, an absolute directory) match, each once,
 * by name. Patterns do not descend through linked directories; a linked file is a file, with a problem where it leads out of
 * the folders that the paths name: whoever may write a dump must not choose what else is read. Throws SourceProtocolError for a
 * name without a file, and for a directory that cannot be listed: files in it would be missed without a word.
 */
export const discoverFiles = async (
  root: string,
  paths: readonly string[],
  outsideLinks = false,
): Promise<readonly FoundFile[]> => {
  const literals: string[] = []
  const patterns: string[] = []
  for (const path of paths) {
    const literal = path.startsWith('!') ? null : await literalFile(root, path)
    if (literal === null) patterns.push(path)
    else literals.push(literal)
  }
  const hasPattern = patterns.some((pattern) => !pattern.startsWith('!'))
  const matches = hasPattern ? await globbed(root, patterns) : []
  const unique = new Set([...literals, ...matches.map((match) => resolve(root, match))])
  const isInside = outsideLinks ? () => true : await namedFolders(root, paths)
  const found = await Promise.all(Array.from(unique, (path) => foundFile(root, path, isInside)))
  return found.filter((file) => file !== null).sort(byName)
}
