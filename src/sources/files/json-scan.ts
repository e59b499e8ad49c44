import {
  closeArray,
  closeObject,
  colon,
  comma,
  type JsonScan,
  openArray,
  openObject,
  quote,
  throughBlanks,
  throughPlain,
  throughString,
} from './json-cursor.ts'

const excerptLength = 65_536
const shownKeys = 21
/** Bounds the stack; a file of brackets is no dump. */
const maxDepth = 1_000_000

/** Scans the next text: complete elements go to `out`; stops for good at `broken`. */
export const scanJson = (scan: JsonScan, text: string): void => {
  let at = 0
  let elementStart = 0
  while (at < text.length && scan.broken === null) {
    if (scan.inString) {
      at = throughString(scan, text, at)
      continue
    }
    const isBetween = isBetweenValues(scan)
    at = isBetween ? throughBlanks(scan, text, at) : throughPlain(scan, text, at)
    if (at === text.length) break
    if (isBetween) elementStart = beginValue(scan, text, at)
    take(scan, text, at, elementStart)
    at += 1
  }
  if (scan.hasElement) keepPiece(scan, text.slice(elementStart))
  scan.consumed += text.length
}

/** Around the top-level value, or where an element of the array may begin. */
const isBetweenValues = (scan: JsonScan): boolean => scan.stack.length === scan.arrayDepth && !scan.hasElement

const breakAt = (scan: JsonScan, at: number, what: string): void => {
  scan.broken = `line ${scan.line}, character ${scan.consumed + at + 1}: ${what}`
}

/** The first character of the top-level value, of what follows it, or of an element; gives the start of the element. */
const beginValue = (scan: JsonScan, text: string, at: number): number => {
  const char = text.charCodeAt(at)
  if (scan.arrayDepth > 0) {
    scan.hasElement = char !== comma && char !== closeArray
    scan.elementLine = scan.line
  } else if (scan.isStarted) {
    breakAt(scan, at, 'there is more after the end of the JSON value; if every line is a record, set format: jsonl')
  } else if (char !== openArray && char !== openObject) {
    breakAt(scan, at, `found ${JSON.stringify(text[at])}; expected JSON: an array or an object`)
  }
  return at
}

const take = (scan: JsonScan, text: string, at: number, elementStart: number): void => {
  if (scan.broken !== null) return
  const char = text.charCodeAt(at)
  if (char === quote) {
    scan.inString = true
    scan.lastString = ''
  } else if (char === openArray || char === openObject) open(scan, char, at)
  else if (char === closeArray || char === closeObject) close(scan, text, at, elementStart)
  else if (char === comma && scan.stack.length === scan.arrayDepth) endElement(scan, text.slice(elementStart, at))
  else if (char === colon && scan.arrayDepth === 0) nameKey(scan)
}

const isRecordsArray = ({ recordsAt, stack, trail }: JsonScan): boolean => {
  if (recordsAt !== null) return stack.length > 0 && trail.length <= recordsAt.length && trail.join('.') === recordsAt
  return stack.length === 0 || (stack.length === 1 && trail[0] === 'data')
}

const open = (scan: JsonScan, char: number, at: number): void => {
  const isTop = scan.stack.length === 0
  if (isTop) {
    scan.isStarted = true
    scan.isTopArray = char === openArray
  }
  const isRecords = scan.arrayDepth === 0 && char === openArray && isRecordsArray(scan)
  if (scan.stack.length === maxDepth) breakAt(scan, at, `more than ${maxDepth} brackets inside each other`)
  scan.stack.push(char === openArray ? closeArray : closeObject)
  if (isRecords) {
    scan.isFound = true
    scan.arrayDepth = scan.stack.length
  } else if (scan.arrayDepth === 0) scan.trail.push('')
}

const close = (scan: JsonScan, text: string, at: number, elementStart: number): void => {
  const expected = scan.stack.at(-1)
  if (expected !== text.charCodeAt(at)) {
    breakAt(scan, at, `found ${text[at]} where ${String.fromCharCode(expected ?? closeArray)} was expected`)
    return
  }
  if (scan.arrayDepth > 0 && scan.stack.length === scan.arrayDepth) {
    if (scan.hasElement) endElement(scan, text.slice(elementStart, at))
    scan.arrayDepth = 0
  } else if (scan.arrayDepth === 0) scan.trail.pop()
  scan.stack.pop()
}

const decodedKey = (raw: string): string => {
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    return raw
  }
}

const nameKey = (scan: JsonScan): void => {
  const key = decodedKey(scan.lastString)
  if (scan.trail.length > 0) scan.trail[scan.trail.length - 1] = key
  if (scan.stack.length === 1 && scan.keys.length < shownKeys) scan.keys.push(key)
}

const endElement = (scan: JsonScan, lastPiece: string): void => {
  const line = scan.hasElement ? scan.elementLine : scan.line
  if (scan.hasElement) keepPiece(scan, lastPiece)
  const isTooLong = scan.elementLength > scan.maxLength
  scan.out.push({ line, text: scan.pieces.join('').trimEnd(), isTooLong })
  scan.hasElement = false
  scan.pieces = []
  scan.elementLength = 0
}

const keepPiece = (scan: JsonScan, piece: string): void => {
  const wasTooLong = scan.elementLength > scan.maxLength
  scan.elementLength += piece.length
  if (wasTooLong) return
  scan.pieces.push(piece)
  if (scan.elementLength > scan.maxLength)
    scan.pieces = [scan.pieces.join('').slice(0, Math.min(excerptLength, scan.maxLength))]
}
