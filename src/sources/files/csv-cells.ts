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
 * Cells of the records from `first` on when none of them has a quote: then a cell is what stands between delimiters, as
 * csv-parse has it too, at a tenth of the time. Null: one has a quote.
 */
export const plainCells = (
  block: FramedRecords,
  first: number,
  delimiter: string,
): readonly (readonly string[])[] | null => {
  const { text, starts, ends } = block
  const quote = text.indexOf('"', starts[first])
  if (quote !== -1 && quote < (ends.at(-1) ?? 0)) return null
  const cells: (readonly string[])[] = []
  for (let index = first; index < starts.length; index++)
    cells.push(text.slice(starts[index], ends[index]).split(delimiter))
  return cells
}
