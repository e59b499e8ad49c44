import type { Framing } from './frame-csv.ts'
import { junkAfterQuote, keepRest, lookAgain, reportLine, startRecord, takeRecord } from './framer-output.ts'
import { begin, type FramerState } from './framer-state.ts'
import { lineEndIndex, nextLineIndex } from './line-end.ts'

/** Scans the next text: complete records and unreadable lines go to `out`, the rest is kept for the text that follows. */
export const scanText = (state: FramerState, text: string): void => {
  begin(state, state.carry + text)
  state.carry = ''
  const isLast = state.ended && state.queue.length === 0
  while (state.at < state.text.length && step(state, isLast)) {}
  keepRest(state)
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
