import { formatPath, type Path, type Problem, pathKey } from './problem.ts'

/** One configuration file as written: references are not replaced yet, aliases are. */
export interface YamlFile {
  /** As problems name it. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly content: unknown
  /** Line of every value, by `pathKey`. */
  readonly lines: ReadonlyMap<string, number>
}

/** Line of the value at a path, or of its nearest ancestor that exists. */
export const lineAt = (file: YamlFile, path: Path): number => {
  const line = file.lines.get(pathKey(path))
  if (line !== undefined || path.length === 0) return line ?? 1
  return lineAt(file, path.slice(0, -1))
}

export const problemAt = (file: YamlFile, path: Path, text: string): Problem => ({
  file: file.name,
  line: lineAt(file, path),
  key: path.length === 0 ? null : formatPath(path, file.content),
  text,
})
