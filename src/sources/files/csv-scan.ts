import type { RejectReason } from '../../domain/flattened.ts'
import type { Framed, Framing } from './frame-csv.ts'
import { countLineEnds, lineEndIndex, nextLineIndex, withoutLineEnd } from './line-end.ts'

/** Texts put back for a second look are cut into chunks again, so that blocks stay small. */
const sliceLength = 65_536

/** How much of a line that is too long goes to quarantine. */
const excerptLength = 65_536

/** Carriage returns at the end of what is pending may turn out to be part of a line end. */
const longestCarriageReturns = 2

/**
 * Where the scan stands: at the start of a cell, later in an unquoted cell, inside quotes, in a malformed line of which
 * only the end is looked for, or in a line that was too long and is reported already.
 */
type Mode = 'start' | 'unquoted' | 'quoted' | 'malformed' | 'discard'

export interface FramerState {
  readonly framing: Framing
  readonly maxLength: number
  /** Texts still to be scanned, and what was framed and not taken yet. */
  queue: string[]
  out: Framed[]
  ended: boolean

  mode: Mode
  /** Why the line is malformed. */
  reason: RejectReason | null
  /** Physical line on which the current record starts; whether a quote was opened in it. */
  line: number
  hasQuotes: boolean
  /** The current record as far as earlier texts had it: scanned, and not looked at again until it is complete. */
  pieces: string[]
  pendingLength: number
  /** The last few characters of a text that only the next text can explain. */
  carry: string

  /** The text being scanned; the record began at `recordStart`, or in an earlier text when there are pieces. */
  text: string
  at: number
  recordStart: number
  nextLineEnd: number
  nextQuote: number
  /** Complete records of this text. */
  starts: number[]
  ends: number[]
  lines: number[]
}

const malformed = (detail: string): RejectReason => ({ code: 'malformed-quotes', path: null, detail })

const junkAfterQuote = malformed(
  'found text after a closing quote; expected the delimiter or the end of the line (a quote inside a quoted cell is written twice)',
)
const neverClosed = malformed('found a quote that is never closed; expected a closing quote before the end of the file')

const closedTooLate = (length: number): RejectReason =>
  malformed(`found a quote that is not closed, or a record that does not end, within ${length} characters`)

const tooLong = (length: number): RejectReason => ({
  code: 'record-too-long',
  path: null,
  detail: `found a line of more than ${length} characters, the most that is read; only its start is kept`,
})

/** Scans the next text: complete records and unreadable lines go to `out`, the rest is kept for the text that follows. */
export const scanText = (state: FramerState, text: string): void => {
  begin(state, state.carry + text)
  state.carry = ''
  const isLast = state.ended && state.queue.length === 0
  while (state.at < state.text.length && step(state, isLast)) {}
  keepRest(state)
}

/** At the end of the file: the pending text is a record, or malformed and looked at again. */
export const finishRecord = (state: FramerState): void => {
  if (state.mode === 'quoted') lookAgain(state, neverClosed)
  else if (state.mode === 'malformed') reportLine(state, state.pieces.join(''))
  else takeRecord(state, 0)
}

const begin = (state: FramerState, text: string): void => {
  state.text = text
  state.at = 0
  state.recordStart = 0
  forgetSearches(state)
}

const forgetSearches = (state: FramerState): void => {
  state.nextLineEnd = -1
  state.nextQuote = -1
}

/** False when the next text is needed. */
const step = (state: FramerState, isLast: boolean): boolean => {
  if (state.mode === 'quoted') return stepQuoted(state, isLast)
  if (state.mode === 'malformed' || state.mode === 'discard') return stepLine(state, isLast)
  return stepUnquoted(state, isLast)
}

const stepUnquoted = (state: FramerState, isLast: boolean): boolean => {
  const { text, at, framing } = state
  const lineEnd = searchLineEnd(state)
  const quote = searchQuote(state)
  if (quote < lineEnd) {
    const opens = quote === at ? state.mode === 'start' : text[quote - 1] === framing.delimiter
    state.mode = opens ? 'quoted' : 'unquoted'
    state.hasQuotes ||= opens
    state.at = quote + 1
    return true
  }
  if (lineEnd === text.length) {
    state.mode = text.endsWith(framing.delimiter) ? 'start' : 'unquoted'
    state.at = text.length
    return true
  }
  const after = nextLineIndex(text, lineEnd, framing.lineEnds, isLast)
  if (after === null) return hold(state, lineEnd)
  takeRecord(state, after)
  return true
}

const stepQuoted = (state: FramerState, isLast: boolean): boolean => {
  const close = state.text.indexOf('"', state.at)
  if (close === -1) {
    state.at = state.text.length
    return true
  }
  const follows = afterQuote(state.text, close + 1, state.framing, isLast)
  if (follows === 'unknown') return hold(state, close)
  if (follows === 'junk') {
    lookAgain(state, junkAfterQuote)
    return true
  }
  state.at = follows === 'line-end' ? close + 1 : close + 2
  if (follows !== 'quote') state.mode = follows === 'delimiter' ? 'start' : 'unquoted'
  return true
}

const stepLine = (state: FramerState, isLast: boolean): boolean => {
  const lineEnd = searchLineEnd(state)
  if (lineEnd === state.text.length) {
    state.at = lineEnd
    return true
  }
  const after = nextLineIndex(state.text, lineEnd, state.framing.lineEnds, isLast)
  if (after === null) return hold(state, lineEnd)
  state.at = after
  if (state.mode === 'malformed') reportLine(state, state.pieces.join('') + state.text.slice(state.recordStart, after))
  else startRecord(state, 1)
  return true
}

/** What the characters after a quote inside quotes make of it. */
const afterQuote = (
  text: string,
  at: number,
  { delimiter, lineEnds }: Framing,
  isLast: boolean,
): 'quote' | 'delimiter' | 'line-end' | 'junk' | 'unknown' => {
  const next = text[at]
  if (next === '"') return 'quote'
  if (next === delimiter) return 'delimiter'
  if (next === '\n' || (next === '\r' && lineEnds === 'any')) return 'line-end'
  let lineFeed = at
  while (lineFeed < at + 2 && text[lineFeed] === '\r') lineFeed += 1
  if (lineFeed >= text.length) return isLast ? 'line-end' : 'unknown'
  return lineFeed > at && text[lineFeed] === '\n' ? 'line-end' : 'junk'
}

const searchLineEnd = (state: FramerState): number => {
  if (state.nextLineEnd < state.at) state.nextLineEnd = lineEndIndex(state.text, state.at, state.framing.lineEnds)
  return state.nextLineEnd
}

const searchQuote = (state: FramerState): number => {
  if (!state.framing.quotes) return state.text.length
  if (state.nextQuote < state.at) {
    const quote = state.text.indexOf('"', state.at)
    state.nextQuote = quote === -1 ? state.text.length : quote
  }
  return state.nextQuote
}

/** Leaves the characters from here on to be scanned again in front of the next text. */
const hold = (state: FramerState, at: number): false => {
  state.carry = state.text.slice(at)
  state.at = at
  return false
}

/** The record ends before `after`, where the next line starts. */
const takeRecord = (state: FramerState, after: number): void => {
  const { pieces, framing } = state
  const isWithinText = pieces.length === 0
  const text = isWithinText ? state.text : pieces.join('') + state.text.slice(0, after)
  const start = isWithinText ? state.recordStart : 0
  const end = withoutLineEnd(text, start, isWithinText ? after : text.length, framing.lineEnds)
  if (end - start > state.maxLength) {
    refuseRecord(state, text.slice(start, end), after)
    return
  }
  if (!isWithinText) flush(state)
  if (end > start) {
    state.starts.push(start)
    state.ends.push(end)
    state.lines.push(state.line)
  }
  const lineEnds = state.hasQuotes ? countLineEnds(text.slice(start, end), framing.lineEnds) + 1 : 1
  if (!isWithinText) flush(state, text)
  state.at = after
  startRecord(state, lineEnds)
}

/** A complete record that is too long: the same outcome as if its end had not been seen yet. */
const refuseRecord = (state: FramerState, text: string, after: number): void => {
  if (state.hasQuotes) {
    lookAgain(state, closedTooLate(state.maxLength))
    return
  }
  state.at = after
  report(state, text, tooLong(state.maxLength))
  startRecord(state, 1)
}

const startRecord = (state: FramerState, lineEnds: number): void => {
  state.line += lineEnds
  state.recordStart = state.at
  state.mode = 'start'
  state.hasQuotes = false
  state.pieces = []
  state.pendingLength = 0
}

/** The record is malformed: its first line alone is given up, and framing starts again at the next. */
const lookAgain = (state: FramerState, reason: RejectReason): void => {
  state.mode = 'malformed'
  state.reason = reason
  state.hasQuotes = false
  if (state.pieces.length === 0) {
    state.at = state.recordStart
    forgetSearches(state)
    return
  }
  flush(state)
  const text = state.pieces.join('') + state.text.slice(state.recordStart) + state.carry
  const slices: string[] = []
  for (let from = 0; from < text.length; from += sliceLength) slices.push(text.slice(from, from + sliceLength))
  state.queue.unshift(...slices)
  state.pieces = []
  state.pendingLength = 0
  state.carry = ''
  begin(state, '')
}

/** The malformed line is complete. */
const reportLine = (state: FramerState, text: string): void => {
  const line = text.slice(0, withoutLineEnd(text, 0, text.length, state.framing.lineEnds))
  const isTooLong = line.length > state.maxLength
  report(state, line, isTooLong ? tooLong(state.maxLength) : (state.reason ?? junkAfterQuote))
  startRecord(state, 1)
}

const report = (state: FramerState, line: string, reason: RejectReason): void => {
  flush(state)
  const text = line.length > state.maxLength ? line.slice(0, Math.min(excerptLength, state.maxLength)) : line
  state.out.push({ kind: 'unreadable', line: state.line, text, reason })
}

const keepRest = (state: FramerState): void => {
  flush(state)
  const rest = state.text.slice(state.recordStart, state.at)
  begin(state, '')
  if (rest === '' || state.mode === 'discard') return
  state.pieces.push(rest)
  state.pendingLength += rest.length
  if (state.pendingLength <= state.maxLength + longestCarriageReturns) return
  if (state.mode !== 'malformed' && state.hasQuotes) lookAgain(state, closedTooLate(state.maxLength))
  else discardLine(state)
}

const discardLine = (state: FramerState): void => {
  report(state, state.pieces.join(''), tooLong(state.maxLength))
  state.pieces = []
  state.pendingLength = 0
  state.mode = 'discard'
}

/** Hands out the complete records of the text so far, before anything that follows them. */
const flush = (state: FramerState, text = state.text): void => {
  if (state.starts.length === 0) return
  const { starts, ends, lines } = state
  state.out.push({ kind: 'records', text, starts, ends, lines })
  state.starts = []
  state.ends = []
  state.lines = []
}
