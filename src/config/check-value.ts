import type { z } from 'zod'
import type { Secret } from '../domain/secret.ts'
import type { Env } from './env-reference.ts'
import { explainIssue } from './explain-issue.ts'
import { type Finding, pathKey } from './problem.ts'
import { type Resolved, resolveReferences } from './resolve-references.ts'
import { layersOf } from './schema-layers.ts'

export interface Checked<T> {
  /** null when there are findings. */
  readonly value: T | null
  readonly findings: readonly Finding[]
  /** Known even of a value that is refused. */
  readonly secrets: readonly Secret[]
}

const noReferences: Resolved['written'] = new Map()

/** Judges a value that holds no references. */
export const judgeValue = <T>(schema: z.ZodType<T>, value: unknown): Checked<T> => {
  const result = schema.safeParse(value)
  const judged = { value, layers: layersOf([schema]), written: noReferences, otherKeys: [] }
  const findings = (result.error?.issues ?? []).flatMap((issue) => explainIssue(judged, issue))
  return { value: result.success ? result.data : null, findings, secrets: [] }
}

/** Replaces the references in a value as written and judges it. A place whose reference failed is not judged a second time. */
export const checkValue = <T>(
  schema: z.ZodType<T>,
  written: unknown,
  env: Env,
  otherKeys: readonly string[] = [],
): Checked<T> => {
  const layers = layersOf([schema])
  const resolved = resolveReferences(written, layers, env)
  const result = schema.safeParse(resolved.value)
  const judged = { value: resolved.value, layers, written: resolved.written, otherKeys }
  const issues = (result.error?.issues ?? []).flatMap((issue) => explainIssue(judged, issue))
  const failed = new Set(resolved.findings.map((finding) => pathKey(finding.path)))
  const findings = [...resolved.findings, ...issues.filter((finding) => !failed.has(pathKey(finding.path)))]
  return { value: result.success && findings.length === 0 ? result.data : null, findings, secrets: resolved.secrets }
}
