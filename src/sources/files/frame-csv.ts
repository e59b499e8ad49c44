import type { RejectReason } from '../../domain/flattened.ts'
import { scanText } from './csv-scan.ts'
import { finishRecord } from './framer-output.ts'
import type { FramerState } from './framer-state.ts'
import type { LineEnds } from './line-end.ts'

/** How text is cut into records. JSON Lines are records without quotes. */
export interface Framing {
  /** One character. */
  readonly delimiter: string
  readonly lineEnds: LineEnds
  readonly quotes: boolean
}

/**
 * Whole records in file order. Record i is `text.slice(starts[i], ends[i])`, without its line end; between the records
 * of one block there are only line ends.
 */
export interface FramedRecords {
  readonly kind: 'records'
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** 1-based physical line on which each record starts. */
  readonly lines: readonly number[]
}

/** One physical line that cannot be part of a record. */
export interface FramedUnreadable {
  readonly kind: 'unreadable'
  readonly line: number
  readonly text: string
  readonly reason: RejectReason
}

export type Framed = FramedRecords | FramedUnreadable

export interface Framer {
  /** Everything that is known to be complete with this text. */
  push(text: string): readonly Framed[]
  /** What is left at the end of the file. */
  end(): readonly Framed[]
  /** Nothing is held: the next text begins with a record. */
  readonly isBetweenRecords: boolean
  /** Number of the physical line that comes next, while it is between records; to be set when lines were framed elsewhere. */
  line: number
}

/** Longer records are not read: memory stays bounded whatever the file holds. In UTF-16 units, so at least as many bytes. */
export const maxRecordLength = 32 * 1024 * 1024

const drain = (state: FramerState): void => {
  for (let text = state.queue.shift(); text !== undefined; text = state.queue.shift()) scanText(state, text)
}

const taken = (state: FramerState): readonly Framed[] => state.out.splice(0)

/**
 * Cuts text into records under RFC 4180 quoting, incrementally: no character of a well-formed record is looked at twice.
 * What is yielded does not depend on where the text was cut into chunks. Blank lines are no records.
 */
export const createFramer = (framing: Framing, maxLength = maxRecordLength): Framer => {
  const state: FramerState = {
    framing,
    maxLength,
    queue: [],
    out: [],
    ended: false,
    mode: 'start',
    reason: null,
    line: 1,
    hasQuotes: false,
    pieces: [],
    pendingLength: 0,
    carry: '',
    text: '',
    at: 0,
    recordStart: 0,
    nextLineEnd: -1,
    nextQuote: -1,
    starts: [],
    ends: [],
    lines: [],
  }
  return {
    push: (text) => {
      state.queue.push(text)
      drain(state)
      return taken(state)
    },
    end: () => {
      state.ended = true
      state.queue.push('')
      drain(state)
      while (state.pendingLength > 0) {
        finishRecord(state)
        drain(state)
      }
      return taken(state)
    },
    get isBetweenRecords() {
      return state.mode === 'start' && state.pieces.length === 0 && state.carry === ''
    },
    get line() {
      return state.line
    },
    set line(line) {
      state.line = line
    },
  }
}

/** The records of decoded text, in file order. */
export async function* frameCsv(
  chunks: AsyncIterable<string>,
  framing: Framing,
  maxLength = maxRecordLength,
): AsyncGenerator<Framed, void, undefined> {
  const framer = createFramer(framing, maxLength)
  for await (const chunk of chunks) yield* framer.push(chunk)
  yield* framer.end()
}
