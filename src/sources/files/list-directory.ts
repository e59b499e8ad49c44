import fs from 'node:fs'
import { join } from 'node:path'

export interface ListFailure {
  readonly path: string
  readonly code: string
}

export interface DirectoryLister {
  /** For a glob library that does not follow links. */
  readonly readdir: typeof fs.readdir
  /** Directories and links that exist and could not be looked at. */
  readonly failures: readonly ListFailure[]
}

/** A link to a file is shown as a file (mounted volumes are full of them), a link to a directory stays a link. */
const withLinkedFiles = (directory: string, entries: readonly fs.Dirent[], fail: (failure: ListFailure) => void) =>
  entries.map((entry) => {
    if (!entry.isSymbolicLink() || !pointsToFile(join(directory, entry.name), fail)) return entry
    const yes = (): boolean => true
    const no = (): boolean => false
    return { name: entry.name, isFile: yes, isDirectory: no, isSymbolicLink: no }
  })

const pointsToFile = (path: string, fail: (failure: ListFailure) => void): boolean => {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch (error) {
    fail({ path, code: error instanceof Error && 'code' in error ? String(error.code) : String(error) })
    return false
  }
}

/** readdir as the glob library calls it, (path, options, callback), that keeps what the library would swallow. */
export const directoryLister = (): DirectoryLister => {
  const failures: ListFailure[] = []
  const fail = (failure: ListFailure): void => void failures.push(failure)
  const readdir = (path: fs.PathLike, ...rest: readonly unknown[]): void => {
    const callback = rest.at(-1)
    if (typeof callback !== 'function') return
    fs.readdir(path, { withFileTypes: true }, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT') fail({ path: String(path), code: error.code ?? error.message })
      if (error === null) callback(null, withLinkedFiles(String(path), entries, fail))
      else callback(error)
    })
  }
  return { readdir: Object.assign(readdir, { __promisify__: fs.readdir.__promisify__ }), failures }
}
