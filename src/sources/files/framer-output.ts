import type { RejectReason } from '../../domain/flattened.ts'
import { begin, type FramerState, forgetSearches } from './framer-state.ts'
import { countLineEnds, withoutLineEnd } from './line-end.ts'

/** Texts put back for a second look are cut into chunks again, so that blocks stay small. */
const sliceLength = 65_536

/** How much of a line that is too long goes to quarantine. */
const excerptLength = 65_536

/** Carriage returns at the end of what is pending may turn out to be part of a line end. */
const longestCarriageReturns = 2

const malformed = (detail: string): RejectReason => ({ code: 'malformed-quotes', path: null, detail })

export const junkAfterQuote = malformed(
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

/** At the end of the file: the pending text is a record, or malformed and looked at again. */
export const finishRecord = (state: FramerState): void => {
  if (state.mode === 'quoted') lookAgain(state, neverClosed)
  else if (state.mode === 'malformed') reportLine(state, state.pieces.join(''))
  else takeRecord(state, 0)
}

/** The record ends before `after`, where the next line starts. */
export const takeRecord = (state: FramerState, after: number): void => {
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

export const startRecord = (state: FramerState, lineEnds: number): void => {
  state.line += lineEnds
  state.recordStart = state.at
  state.mode = 'start'
  state.hasQuotes = false
  state.pieces = []
  state.pendingLength = 0
}

/** The record is malformed: its first line alone is given up, and framing starts again at the next. */
export const lookAgain = (state: FramerState, reason: RejectReason): void => {
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
export const reportLine = (state: FramerState, text: string): void => {
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

export const keepRest = (state: FramerState): void => {
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
