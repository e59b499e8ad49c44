import { ConfigError } from '../domain/errors.ts'
import { createRedactor } from '../domain/redact.ts'
import type { Secret } from '../domain/secret.ts'
import { type Problem, renderProblem, sortProblems } from './problem.ts'

/** Short secrets are no reason to garble a problem: `dev` may be a password and a word of a path. */
const minRedactedLength = 8

const placeOf = ({ file, key }: Problem): string => JSON.stringify([file, key])

/** What is refused as YAML (an alias without anchor, a key written twice) has no value: that its schema misses one is no news. */
const withoutConsequences = (yaml: readonly Problem[], others: readonly Problem[]): readonly Problem[] => {
  const refused = new Set(yaml.filter(({ key }) => key !== null).map(placeOf))
  return others.filter((problem) => !refused.has(placeOf(problem)))
}

/**
 * One error of all problems, in the order of `files`. No problem shows a field that is secret; the redactor also finds a
 * secret that was pasted into another field.
 */
export const configError = (
  problems: { readonly yaml: readonly Problem[]; readonly others: readonly Problem[] },
  files: readonly string[],
  secrets: readonly Secret[],
): ConfigError => {
  const redact = createRedactor(secrets.filter((secret) => secret.reveal().length >= minRedactedLength))
  const all = [...problems.yaml, ...withoutConsequences(problems.yaml, problems.others)]
  const rendered = sortProblems(all, files).map((problem) => redact(renderProblem(problem)))
  return new ConfigError([...new Set(rendered)])
}
