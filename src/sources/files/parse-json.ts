import type { RejectReason } from '../../domain/flattened.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { maxDepth, parseJson } from '../../transform/parse-json.ts'

export type ParsedRecord =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'bad'; readonly reason: RejectReason }

/** Line and column (1-based) of a position in a text that starts on `line`. */
const placeOf = (text: string, position: number, line: number): string => {
  const before = text.slice(0, position)
  const lineFeeds = before.split('\n').length - 1
  return `line ${line + lineFeeds}, column ${position - before.lastIndexOf('\n')}`
}

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`

const asRecord = (value: unknown): ParsedRecord => {
  if (isJsonObject(value)) return { kind: 'object', value }
  const detail = `found ${describe(value)}; expected an object`
  return { kind: 'bad', reason: { code: 'not-an-object', path: null, detail } }
}

/** Reads one record, which starts on physical line `line`. Never throws. */
export const parseJsonRecord = (text: string, line: number): ParsedRecord => {
  const parsed = parseJson(text)
  if (parsed.kind === 'value') return asRecord(parsed.value)
  if (parsed.kind === 'deep') {
    const detail = `found more than ${maxDepth} brackets inside each other`
    return { kind: 'bad', reason: { code: 'nested-too-deep', path: null, detail } }
  }
  const { what, position } = parsed
  const detail =
    what === null || position === null
      ? `line ${line}: expected one JSON value`
      : `${placeOf(text, position, line)}: ${what}`
  return { kind: 'bad', reason: { code: 'malformed-json', path: null, detail } }
}
