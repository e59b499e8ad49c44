import type { z } from 'zod'
import { redacted } from '../domain/secret.ts'
import { didYouMean } from './nearest.ts'
import { enumerate, type Finding, type Path, valueAt } from './problem.ts'
import { knownKeys, secretKind } from './schema-layers.ts'
import { isSecret, type Judged, layersAt, shownType, shownValue } from './shown-value.ts'
import { unfoldUnion } from './unfold-union.ts'

type Issue = z.core.$ZodIssue

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  null: 'an empty value',
}

const keysOf = (judged: Judged, path: Path): readonly string[] => [
  ...(path.length === 0 ? judged.otherKeys : []),
  ...knownKeys(layersAt(judged, path)),
]

const expectation = (judged: Judged, path: Path, issue: Issue): readonly string[] => {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_type') return [issue.message]
  const keys = issue.expected === 'object' ? keysOf(judged, path) : []
  const single = ['number', 'boolean'].includes(typeof valueAt(judged.value, path))
  const named =
    issue.expected === 'string' && single ? 'text (in quotes)' : (typeNames[issue.expected] ?? issue.expected)
  return [keys.length === 0 ? named : `${named} (${keys.join(', ')})`]
}

const mismatch = (judged: Judged, path: Path, issues: readonly Issue[]): string => {
  const allowed = `allowed: ${enumerate([...new Set(issues.flatMap((issue) => expectation(judged, path, issue)))])}`
  const value = valueAt(judged.value, path)
  if (value === undefined) return `missing; ${allowed}`
  const words = issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []))
  if (typeof value !== 'string' || words.length === 0) return `${shownType(judged, path)}; ${allowed}`
  return `${shownValue(judged, path)} is unknown; ${didYouMean(value, words)}${allowed}`
}

/** Where a secret is expected, a key that resembles none of the known ones may be a misplaced one: it is not shown. */
const unknownKey = (judged: Judged, path: Path, key: string): Finding => {
  const place = [...path, key]
  const known = keysOf(judged, path)
  if (known.includes(key))
    return { path: place, text: 'does not go together with the other keys here; allowed: one of them' }
  const hint = didYouMean(key, known)
  const allowed = `allowed: ${known.join(', ') || 'none'}`
  return hint === '' && isSecret(judged, path)
    ? { path, text: `${redacted} is an unknown key; ${allowed}` }
    : { path: place, text: `unknown key; ${hint}${allowed}` }
}

const count = (amount: number | bigint, unit: string): string => `${amount} ${unit}${Number(amount) === 1 ? '' : 's'}`

const bound = (issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string => {
  const least = issue.code === 'too_small'
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum
  const exclusive = issue.inclusive === false ? (least ? 'more than ' : 'less than ') : least ? 'at least ' : 'at most '
  if (issue.origin === 'string') return `${exclusive}${count(limit, 'character')}`
  return exclusive + (issue.origin === 'array' ? count(limit, 'item') : String(limit))
}

/** A message of our own schemas: `is no zone; allowed: ...` (or `has ...`) is completed by what was found, any other stands for itself. */
const authored = (judged: Judged, path: Path, message: string): string =>
  /^(is|has) /.test(message) ? `${shownValue(judged, path)} ${message}` : message

const isAuthored = (issue: Issue): boolean =>
  issue.code === 'custom' || !/^(Invalid|Too |Unrecognized)/.test(issue.message)

const explainLeaf = (judged: Judged, path: Path, issue: Issue): string => {
  const missing = valueAt(judged.value, path) === undefined
  if (missing && secretKind(layersAt(judged, path)) === 'reference')
    return `missing; allowed: \${NAME}, with NAME set in the environment`
  if (missing && issue.code !== 'custom') return mismatch(judged, path, [issue])
  if (isAuthored(issue)) return authored(judged, path, issue.message)
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return mismatch(judged, path, [issue])
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const size = valueAt(judged.value, path) === '' ? 'empty' : issue.code === 'too_small' ? 'too small' : 'too big'
    return `${shownValue(judged, path)} is ${size}; allowed: ${bound(issue)}`
  }
  if (issue.code === 'invalid_format')
    return `${shownValue(judged, path)} does not fit; allowed: ${issue.pattern ?? issue.format}`
  return `${shownValue(judged, path)} is not allowed: ${issue.message}`
}

const explainUnion = (judged: Judged, path: Path, issue: Extract<Issue, { code: 'invalid_union' }>) => {
  if (issue.errors.length === 0) {
    const known = 'options' in issue ? (issue.options ?? []).map(String) : []
    return [{ path, text: `${shownValue(judged, path)} is unknown; allowed: ${enumerate(known)}` }]
  }
  const { meant, expected } = unfoldUnion(issue.errors)
  return meant.length === 0
    ? [{ path, text: mismatch(judged, path, expected) }]
    : meant.flatMap((inner) => explainIssue(judged, inner, path))
}

/** What one issue of zod means for the operator. `base` is where the issue's own path begins. */
export const explainIssue = (judged: Judged, issue: Issue, base: Path = []): readonly Finding[] => {
  const path = [...base, ...issue.path.map((key) => (typeof key === 'symbol' ? key.toString() : key))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(judged, path, key))
  if (issue.code === 'invalid_union') return explainUnion(judged, path, issue)
  if (issue.code === 'invalid_key') {
    const text = issue.issues.map((inner) => (inner.code === 'invalid_format' ? (inner.pattern ?? '') : inner.message))
    return [{ path, text: `not usable as a key; allowed: ${text.join(', ')}` }]
  }
  if (issue.code === 'invalid_element') return issue.issues.flatMap((inner) => explainIssue(judged, inner, path))
  return [{ path, text: explainLeaf(judged, path, issue) }]
}
