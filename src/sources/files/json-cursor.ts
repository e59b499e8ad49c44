/** One element of the array, as text without the blanks around it. */
export interface JsonElement {
  /** Physical line on which it starts. */
  readonly line: number
  readonly text: string
  /** Longer than what is read: `text` is only its start. */
  readonly isTooLong: boolean
}

export interface JsonScan {
  readonly recordsAt: string | null
  readonly maxLength: number
  out: JsonElement[]
  broken: string | null
  isStarted: boolean
  isFound: boolean
  isTopArray: boolean
  /** Keys of the top-level object, for the message that the array is missing. */
  keys: string[]

  /** Closing brackets due, innermost last; the key being read in each open container outside the array. */
  stack: number[]
  trail: string[]
  /** Length of the stack inside the array; 0 outside of it. */
  arrayDepth: number
  inString: boolean
  isEscaped: boolean
  /** The last string outside the array: a key, when a colon follows. */
  lastString: string

  /** An element has begun; its text in earlier chunks. */
  hasElement: boolean
  elementLine: number
  pieces: string[]
  elementLength: number

  line: number
  /** Characters before the current text. */
  consumed: number
}

export const quote = 34
export const comma = 44
export const colon = 58
export const openArray = 91
export const closeArray = 93
export const openObject = 123
export const closeObject = 125

const backslash = 92
const lineFeed = 10

const longestKey = 1_024

const isBlank = (char: number): boolean => char === 32 || char === lineFeed || char === 13 || char === 9

export const newJsonScan = (recordsAt: string | null, maxLength: number): JsonScan => ({
  recordsAt,
  maxLength,
  out: [],
  broken: null,
  isStarted: false,
  isFound: false,
  isTopArray: false,
  keys: [],
  stack: [],
  trail: [],
  arrayDepth: 0,
  inString: false,
  isEscaped: false,
  lastString: '',
  hasElement: false,
  elementLine: 0,
  pieces: [],
  elementLength: 0,
  line: 1,
  consumed: 0,
})

export const throughBlanks = (scan: JsonScan, text: string, from: number): number => {
  let at = from
  while (at < text.length && isBlank(text.charCodeAt(at))) {
    if (text.charCodeAt(at) === lineFeed) scan.line += 1
    at += 1
  }
  return at
}

const isStructural = (char: number): boolean =>
  char === quote ||
  char === comma ||
  char === colon ||
  char === openObject ||
  char === closeObject ||
  char === openArray ||
  char === closeArray

export const throughPlain = (scan: JsonScan, text: string, from: number): number => {
  let at = from
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (isStructural(char)) return at
    if (char === lineFeed) scan.line += 1
  }
  return at
}

export const throughString = (scan: JsonScan, text: string, from: number): number => {
  let isEscaped = scan.isEscaped
  let at = from
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === lineFeed) scan.line += 1
    if (isEscaped) isEscaped = false
    else if (char === backslash) isEscaped = true
    else if (char === quote) break
  }
  scan.isEscaped = isEscaped
  if (scan.arrayDepth === 0 && scan.lastString.length < longestKey) {
    scan.lastString += text.slice(from, Math.min(at, from + longestKey))
  }
  if (at === text.length) return at
  scan.inString = false
  return at + 1
}
