import { parse } from 'csv-parse/sync'
import type { FramedRecords, Framing } from './frame-csv.ts'
import type { LineEnds } from './line-end.ts'

const recordDelimiters: Readonly<Record<LineEnds, readonly string[]>> = {
  lf: ['\r\r\n', '\r\n', '\n'],
  any: ['\r\n', '\n', '\r'],
}

/** Cells of whole records, one array a record; blank lines are no records. Throws what csv-parse throws. */
export const parseCells = (text: string, framing: Framing): readonly (readonly string[])[] =>
  parse(text, {
    delimiter: framing.delimiter,
    record_delimiter: [...recordDelimiters[framing.lineEnds]],
    relax_column_count: true,
    /** A quote inside an unquoted cell is data; what follows a closing quote the framer has judged already. */
    relax_quotes: true,
    skip_empty_lines: true,
  })

/**
 * Cells of the records from `first` on, as csv-parse has them too, at a tenth of the time: a cell without quotes is what stands
 * between delimiters, and one that is in quotes as a whole has each quote in it doubled. Null when one of the records is
 * written in another way: only csv-parse says what that means.
 */
export const ordinaryCells = (
  block: FramedRecords,
  first: number,
  delimiter: string,
): readonly (readonly string[])[] | null => {
  const { text, starts, ends } = block
  const cells: (readonly string[])[] = []
  let quote = text.indexOf('"', starts[first])
  for (let index = first; index < starts.length; index++) {
    const start = starts[index] ?? 0
    const end = ends[index] ?? 0
    if (quote !== -1 && quote < start) quote = text.indexOf('"', start)
    const found =
      quote === -1 || quote >= end ? text.slice(start, end).split(delimiter) : cellsOf(text, start, end, delimiter)
    if (found === null) return null
    cells.push(found)
  }
  return cells
}

const quoteCode = 34

/** The cells of one record with quotes in it. */
const cellsOf = (text: string, start: number, end: number, delimiter: string): readonly string[] | null => {
  const cells: string[] = []
  let at = start
  for (;;) {
    const close = text.charCodeAt(at) === quoteCode ? closingQuote(text, at, end) : null
    if (close === -1) return null
    const cell = close === null ? unquoted(text, at, end, delimiter) : quoted(text, at, close)
    if (cell === null) return null
    cells.push(cell)
    at = close === null ? at + cell.length : close + 1
    if (at === end) return cells
    if (text[at] !== delimiter) return null
    at += 1
  }
}

/** Where the quotes that open at `open` close; -1 when that is not within the record. */
const closingQuote = (text: string, open: number, end: number): number => {
  let close = text.indexOf('"', open + 1)
  while (close !== -1 && close + 1 < end && text.charCodeAt(close + 1) === quoteCode)
    close = text.indexOf('"', close + 2)
  return close < end ? close : -1
}

const quoted = (text: string, open: number, close: number): string => {
  const inner = text.slice(open + 1, close)
  return inner.includes('"') ? inner.replaceAll('""', '"') : inner
}

const unquoted = (text: string, at: number, end: number, delimiter: string): string | null => {
  const next = text.indexOf(delimiter, at)
  const cell = text.slice(at, next === -1 || next > end ? end : next)
  return cell.includes('"') ? null : cell
}
