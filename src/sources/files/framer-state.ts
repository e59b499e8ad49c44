import type { RejectReason } from '../../domain/flattened.ts'
import type { Framed, Framing } from './frame-csv.ts'

/**
 * Where the scan stands: at the start of a cell, later in an unquoted cell, inside quotes, in a malformed line of which
 * only the end is looked for, or in a line that was too long and is reported already.
 */
export type Mode = 'start' | 'unquoted' | 'quoted' | 'malformed' | 'discard'

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

export const begin = (state: FramerState, text: string): void => {
  state.text = text
  state.at = 0
  state.recordStart = 0
  forgetSearches(state)
}

export const forgetSearches = (state: FramerState): void => {
  state.nextLineEnd = -1
  state.nextQuote = -1
}
