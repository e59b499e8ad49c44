import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileProblem, type Problem } from './problem.ts'

export interface TextFile {
  /** As problems name it: relative to the working directory when it is inside. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly text: string
}

export const displayName = (path: string, cwd: string): string => {
  const name = relative(cwd, path)
  return name === '' || name.startsWith('..') ? path : name
}

/** ENOENT, EACCES: the operator knows these, and they hold no path. The decoder throws a TypeError. */
const codeOf = (error: unknown): string => {
  if (error instanceof TypeError) return 'not UTF-8'
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
}

/** Reads a file as UTF-8; a file that cannot be read is a problem. */
export const readText = async (path: string, cwd: string): Promise<TextFile | Problem> => {
  const name = displayName(path, cwd)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
    return { name, path, text }
  } catch (error) {
    return fileProblem(name, null, `cannot be read (${codeOf(error)}); allowed: a readable UTF-8 file`)
  }
}

const pathsIn = async (path: string, cwd: string): Promise<readonly string[] | Problem> => {
  const problem = (text: string) => fileProblem(displayName(path, cwd), null, text)
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
    return names.length === 0
      ? problem('no *.yaml or *.yml file in this folder')
      : names.map((name) => join(path, name))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return problem('does not exist; name a YAML file, or a folder of them, with --config')
    return problem(`cannot be read (${code}); allowed: a YAML file, or a folder of them`)
  }
}

export interface ListedFiles {
  readonly files: readonly TextFile[]
  readonly problems: readonly Problem[]
}

/** Reads the YAML files that `paths` name: each a file, or a folder whose files are taken in the order of their names. */
export const listConfigFiles = async (paths: readonly string[], cwd: string): Promise<ListedFiles> => {
  const listed = await Promise.all(paths.map((path) => pathsIn(resolve(cwd, path), cwd)))
  const found = [...new Set(listed.flatMap((list) => ('text' in list ? [] : list)))]
  const read = await Promise.all(found.map((path) => readText(path, cwd)))
  return {
    files: read.flatMap((item) => ('path' in item ? [item] : [])),
    problems: [
      ...listed.flatMap((list) => ('text' in list ? [list] : [])),
      ...read.flatMap((item) => ('path' in item ? [] : [item])),
    ],
  }
}
