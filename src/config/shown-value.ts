import { redacted } from '../domain/secret.ts'
import { isMap, type Path, pathKey, valueAt } from './problem.ts'
import { layersUnder, type Schema, secretKind } from './schema-layers.ts'

/** What the issues of one value are explained with. */
export interface Judged {
  readonly value: unknown
  readonly layers: readonly Schema[]
  /** As written, where it holds a reference, by `pathKey`. */
  readonly written: ReadonlyMap<string, string>
  /** Keys that are allowed at the top besides those of the schema. */
  readonly otherKeys: readonly string[]
}

const maxShown = 80

/** Never a part of a text: the redactor would not recognise a credential that was cut. */
const quoted = (text: string): string =>
  text.length > maxShown ? `a text of ${text.length} characters` : JSON.stringify(text)

export const layersAt = (judged: Judged, path: Path): readonly Schema[] => path.reduce(layersUnder, judged.layers)

export const isSecret = (judged: Judged, path: Path): boolean =>
  [path, ...path.map((_, index) => path.slice(0, index))].some(
    (place) => secretKind(layersAt(judged, place)) !== null,
  ) || isLoneSecret(judged, path)

/** One secret where a list of them belongs. */
const isLoneSecret = (judged: Judged, path: Path): boolean =>
  typeof valueAt(judged.value, path) === 'string' && secretKind(layersAt(judged, [...path, 0])) !== null

const plainValue = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value)
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return isMap(value) ? 'a map of keys' : String(value)
}

/** In place of a whole file or section: perhaps a file with a credential was named as the configuration. */
const isWholeText = (value: unknown, path: Path): boolean => typeof value === 'string' && path.length === 0

/** What was found, fit for a problem: nothing secret, and of a value from the environment only its reference. */
export const shownValue = (judged: Judged, path: Path): string => {
  if (isSecret(judged, path)) return redacted
  const value = valueAt(judged.value, path)
  if (isWholeText(value, path)) return 'a text'
  const written = judged.written.get(pathKey(path))
  return written === undefined ? plainValue(value) : `${quoted(written)} (from the environment)`
}

/** `"3" is text`, `3 is a number`: the type is worth a word only for single values. */
export const shownType = (judged: Judged, path: Path): string => {
  const value = valueAt(judged.value, path)
  const shown = shownValue(judged, path)
  if (typeof value === 'string' && !isWholeText(value, path)) return `${shown} is text`
  if (typeof value === 'number') return `${shown} is a number`
  return typeof value === 'boolean' ? `${shown} is true or false, not text` : `found ${shown}`
}
