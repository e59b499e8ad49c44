import { parse as parseLossless } from 'lossless-json'

/** What a text is as JSON. Integers of 16 and more digits are their text: as numbers they lose their last digits. */
export type ParsedJson =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'deep' }
  | {
      readonly kind: 'malformed'
      /** What was expected at `position`; both null when the parser does not say. */
      readonly what: string | null
      /** In characters, from 0; the length of the text when it ends too early. */
      readonly position: number | null
    }

/** Deeper values would overflow the stack of whatever walks them later (JSON.stringify, canonical text). */
export const maxDepth = 500

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

/** As JSON.parse reads it, but for long integers. */
const parseExactly = (text: string): unknown =>
  parseLossless(text, null, {
    parseNumber: (digits) => (longInteger.test(digits) ? digits : Number(digits)),
    onDuplicateKey: ({ newValue }) => newValue,
  })

/** lossless-json says where it stopped, V8 only sometimes. */
const malformed = (text: string): ParsedJson => {
  try {
    parseExactly(text)
  } catch (error) {
    const [, what, position] = /^(.*) at position (\d+)$/s.exec(error instanceof Error ? error.message : '') ?? []
    if (what !== undefined) return { kind: 'malformed', what, position: Number(position) }
  }
  return { kind: 'malformed', what: null, position: null }
}

/** Never throws. */
export const parseJson = (text: string): ParsedJson => {
  if (isTooDeep(text)) return { kind: 'deep' }
  try {
    const value: unknown = JSON.parse(text)
    return { kind: 'value', value: longNumber.test(text) ? parseExactly(text) : value }
  } catch {
    return malformed(text)
  }
}
