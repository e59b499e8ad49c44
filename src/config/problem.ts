/** Keys and list positions from the top of a file. */
export type Path = readonly (string | number)[]

/** What is wrong at a place of a value, not yet bound to a file. */
export interface Finding {
  readonly path: Path
  readonly text: string
}

/** What is wrong at a line of a file, without any secret. */
export interface Problem {
  readonly file: string
  readonly line: number | null
  /** The formatted path of the key; null for what is wrong with a line or a file. */
  readonly key: string | null
  readonly text: string
}

/** A path as the key of a Map. */
export const pathKey = (path: Path): string => JSON.stringify(path)

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)]
    return isMap(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined
  }, value)

/** Ids are names, so they may be shown; a value that cannot be one (a misplaced credential) is not. */
export const idPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/

const connectionName = (content: unknown, path: Path): string => {
  const id = path[0] === 'connections' && path.length === 2 ? valueAt(content, [...path, 'id']) : undefined
  return typeof id === 'string' && idPattern.test(id) ? ` (${id})` : ''
}

const formatKey = (key: string | number, first: boolean): string => {
  if (typeof key === 'number') return `[${key}]`
  if (!/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`
  return first ? key : `.${key}`
}

/** `connections[0] (call-centre).columns.created_at.zone`; `content` is the file's, to name the connection. */
export const formatPath = (path: Path, content: unknown): string =>
  path.map((key, index) => formatKey(key, index === 0) + connectionName(content, path.slice(0, index + 1))).join('')

/** In the order of `files` and their lines; problems of other places come last. */
export const sortProblems = (problems: readonly Problem[], files: readonly string[]): readonly Problem[] => {
  const order = [...new Set([...files, ...problems.map((problem) => problem.file)])]
  return problems.toSorted((a, b) => order.indexOf(a.file) - order.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0))
}

/** `config/telnyx.yaml:12: connections[0] (call-centre).zone: "Chicago" is not a time zone; allowed: ...` */
export const renderProblem = ({ file, line, key, text }: Problem): string =>
  [line === null ? file : `${file}:${line}`, ...(key === null ? [] : [key]), text].join(': ')

export const fileProblem = (file: string, line: number | null, text: string): Problem => ({
  file,
  line,
  key: null,
  text,
})

/** `a, b or c` */
export const enumerate = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
