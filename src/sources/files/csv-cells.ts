import { parse } from 'csv-parse/sync'
import type { Framing } from './frame-csv.ts'
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
