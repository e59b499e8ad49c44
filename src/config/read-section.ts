import { z } from 'zod'
import type { Secret } from '../domain/secret.ts'
import { checkValue, judgeValue } from './check-value.ts'
import type { Env } from './env-reference.ts'
import { isMap, type Problem, valueAt } from './problem.ts'
import { lineAt, problemAt, type YamlFile } from './yaml-file.ts'

/** The keys of a file. An empty one is as good as none. */
const topLevel = z.strictObject({
  warehouse: z.unknown().optional(),
  connections: z.array(z.unknown()).nullish(),
  portfolios: z.unknown().optional(),
  travtus: z.unknown().optional(),
  retention: z.unknown().optional(),
  privacy: z.unknown().optional(),
  reading: z.unknown().optional(),
  export: z.unknown().optional(),
})

type SectionKey = 'warehouse' | 'portfolios' | 'travtus' | 'retention' | 'privacy' | 'reading' | 'export'

export interface Section<T> {
  /** What its schema makes of it, or of nothing when no file has it; null when there are problems. */
  readonly value: T | null
  /** As written; undefined when no file has it. */
  readonly written: unknown
  readonly file: YamlFile | null
  readonly problems: readonly Problem[]
  readonly secrets: readonly Secret[]
}

/** Unknown keys of a file, and a file that is no map. */
export const topLevelProblems = (file: YamlFile): readonly Problem[] =>
  file.content === null
    ? []
    : judgeValue(topLevel, file.content).findings.map(({ path, text }) => problemAt(file, path, text))

const hasSection = (file: YamlFile, key: SectionKey): boolean =>
  isMap(file.content) && (valueAt(file.content, [key]) ?? null) !== null

/** Reads a section that one file only may have, so that no file silently overrides another. */
export const readSection = <T>(
  files: readonly YamlFile[],
  key: SectionKey,
  schema: z.ZodType<T>,
  env: Env,
): Section<T> => {
  const [file, ...others] = files.filter((candidate) => hasSection(candidate, key))
  if (file === undefined) return { ...checkValue(schema, {}, env), written: undefined, file: null, problems: [] }
  const written = valueAt(file.content, [key])
  const { value, findings, secrets } = checkValue(schema, written, env)
  const place = `${file.name}:${lineAt(file, [key])}`
  const problems = [
    ...findings.map(({ path, text }) => problemAt(file, [key, ...path], text)),
    ...others.map((other) => problemAt(other, [key], `${place} has this key too; allowed: in one file only`)),
  ]
  return { value, written, file, problems, secrets }
}

/** The same for a section that need not be there: without it there is no value, and that is no problem. */
export const readOptionalSection = <T>(
  files: readonly YamlFile[],
  key: SectionKey,
  schema: z.ZodType<T>,
  env: Env,
): Section<T> =>
  files.some((file) => hasSection(file, key))
    ? readSection(files, key, schema, env)
    : { value: null, written: undefined, file: null, problems: [], secrets: [] }
