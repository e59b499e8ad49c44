import { parse as parseLossless } from 'lossless-json'
import type { RejectReason } from '../../domain/flattened.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'

export type ParsedJson =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'bad'; readonly reason: RejectReason }

/** Deeper records would overflow the stack of whatever walks them later (JSON.stringify, canonical text). */
const maxDepth = 500

const quote = 34
const backslash = 92
const isOpening = (code: number): boolean => code === 91 || code === 123
const isClosing = (code: number): boolean => code === 93 || code === 125

const isTooDeep = (text: string): boolean => {
  if (text.length <= 2 * maxDepth) return false
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === backslash) at += 1
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (isOpening(code) && ++depth > maxDepth) return true
    else if (isClosing(code)) depth -= 1
  }
  return false
}

/** A run of 16 digits where a number may be; in a string it would follow a quote, mostly. */
const longNumber = /[:,[\s]-?\d{16}/
const longInteger = /^-?\d{16,}$/

/** As JSON.parse reads it, but integers of 16 and more digits are their text: as numbers they lose their last digits. */
const parseExactly = (text: string): unknown =>
  parseLossless(text, null, {
    parseNumber: (digits) => (longInteger.test(digits) ? digits : Number(digits)),
    onDuplicateKey: ({ newValue }) => newValue,
  })

/** Line and column (1-based) of a position in a text that starts on `line`. */
const placeOf = (text: string, position: number, line: number): string => {
  const before = text.slice(0, position)
  const lineFeeds = before.split('\n').length - 1
  return `line ${line + lineFeeds}, column ${position - before.lastIndexOf('\n')}`
}

/** lossless-json says where it stopped, V8 only sometimes. */
const malformed = (text: string, line: number): RejectReason => {
  const reason = (detail: string): RejectReason => ({ code: 'malformed-json', path: null, detail })
  try {
    parseExactly(text)
  } catch (error) {
    const [, what, position] = /^(.*) at position (\d+)$/s.exec(error instanceof Error ? error.message : '') ?? []
    if (what !== undefined) return reason(`${placeOf(text, Number(position), line)}: ${what}`)
  }
  return reason(`line ${line}: expected one JSON value`)
}

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`

const asRecord = (value: unknown): ParsedJson => {
  if (isJsonObject(value)) return { kind: 'object', value }
  const detail = `found ${describe(value)}; expected an object`
  return { kind: 'bad', reason: { code: 'not-an-object', path: null, detail } }
}

/** Reads one record, which starts on physical line `line`. Never throws. */
export const parseJsonRecord = (text: string, line: number): ParsedJson => {
  if (isTooDeep(text)) {
    const detail = `found more than ${maxDepth} brackets inside each other`
    return { kind: 'bad', reason: { code: 'nested-too-deep', path: null, detail } }
  }
  try {
    const value: unknown = JSON.parse(text)
    return asRecord(longNumber.test(text) ? parseExactly(text) : value)
  } catch {
    return { kind: 'bad', reason: malformed(text, line) }
  }
}
