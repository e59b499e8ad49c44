import type { FileRecord } from '../source.ts'
import { ordinaryCells, parseCells } from './csv-cells.ts'
import type { CsvLayout } from './csv-layout.ts'
import { hasUndecodableBytes, maskUndecodableBytes } from './damaged-utf8.ts'
import { type Framed, type FramedRecords, frameCsv } from './frame-csv.ts'
import type { FilesSettings } from './settings.ts'
import { unreadable } from './unreadable.ts'

export interface CsvReading {
  readonly layout: CsvLayout
  readonly ragged: FilesSettings['csv']['ragged']
  /** Text of damaged UTF-8: lone surrogates stand for bytes. */
  readonly isDamaged: boolean
}

type Cells = readonly string[]
type RecordValue = Readonly<Record<string, string | null>>

/** A noncharacter: csv-parse would turn lone surrogates into U+FFFD, which may be real data. */
const mask = '\ufdd0'

/**
 * Records inherit nothing, so that a column named `constructor` or `__proto__` is a column like any other; and they share
 * one prototype, because V8 gives `Object.create(null)` a slow dictionary.
 */
const nothing = Object.freeze(Object.create(null))

const recordValue = (columns: readonly string[], cells: Cells): RecordValue => {
  const value: Record<string, string | null> = Object.create(nothing)
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]
    if (column !== undefined && column !== '') value[column] = cells[index] ?? null
  }
  return value
}

const recordText = (block: FramedRecords, index: number): string =>
  block.text.slice(block.starts[index], block.ends[index])

/** The cells of one record; null when csv-parse does not see exactly one there. */
const cellsOf = (text: string, { framing }: CsvLayout): Cells | null => {
  try {
    const records = parseCells(text, framing)
    return records.length === 1 ? (records[0] ?? null) : null
  } catch {
    return null
  }
}

/** All cells of the records from `first` on. Framer and csv-parse must agree on every record: ordinals depend on it. */
const cellsOfBlock = (block: FramedRecords, first: number, reading: CsvReading): readonly (Cells | null)[] => {
  const ordinary = reading.isDamaged ? null : ordinaryCells(block, first, reading.layout.framing.delimiter)
  if (ordinary !== null) return ordinary
  const count = block.starts.length - first
  const stored = block.text.slice(block.starts[first], block.ends.at(-1))
  const text = reading.isDamaged ? maskUndecodableBytes(stored, mask) : stored
  try {
    const records = parseCells(text, reading.layout.framing)
    if (records.length === count) return records
  } catch {
    // One of the records is refused: each is parsed on its own below.
  }
  const shift = block.starts[first] ?? 0
  return block.starts
    .slice(first)
    .map((start, index) => cellsOf(text.slice(start - shift, (block.ends[first + index] ?? 0) - shift), reading.layout))
}

const undecodable = (line: number, text: string, cells: Cells, columns: readonly string[]): FileRecord => {
  const index = cells.findIndex((cell) => cell.includes(mask))
  const column = columns[index] || null
  const detail = `found bytes that are no UTF-8${column === null ? '' : ` in column ${JSON.stringify(column)}`}; set encoding if the file has another one`
  return unreadable(line, text, { code: 'invalid-encoding', path: column, detail }, true)
}

const fits = (cells: Cells, columns: number, ragged: CsvReading['ragged']): boolean =>
  cells.length === columns ||
  (ragged === 'pad' && (cells.length < columns || cells.slice(columns).every((cell) => cell.trim() === '')))

const raggedRow = (line: number, text: string, cells: Cells, reading: CsvReading): FileRecord => {
  const surplus = reading.ragged === 'pad' ? ', and the extra cells are not empty' : ''
  const detail = `expected ${reading.layout.columns.length} cells, found ${cells.length}${surplus}`
  return unreadable(line, text, { code: 'ragged-row', path: null, detail }, reading.isDamaged)
}

const notOneRecord = {
  code: 'malformed-quotes',
  path: null,
  detail: 'found quotes that the CSV parser refuses; expected them around a whole cell, and doubled inside it',
} as const

const readRecord = (line: number, cells: Cells | null, text: () => string, reading: CsvReading): FileRecord => {
  const { columns } = reading.layout
  if (cells === null) return unreadable(line, text(), notOneRecord, reading.isDamaged)
  if (reading.isDamaged && hasUndecodableBytes(text())) return undecodable(line, text(), cells, columns)
  if (!fits(cells, columns.length, reading.ragged)) return raggedRow(line, text(), cells, reading)
  return { kind: 'record', line, record: recordValue(columns, cells) }
}

const readBlock = (block: FramedRecords, first: number, reading: CsvReading): readonly FileRecord[] =>
  cellsOfBlock(block, first, reading).map((cells, index) =>
    readRecord(block.lines[first + index] ?? 0, cells, () => recordText(block, first + index), reading),
  )

export const countOf = (framed: Framed): number => (framed.kind === 'records' ? framed.starts.length : 1)

/** What was framed as records, from the `first` of it on. */
export const readFramed = (framed: Framed, first: number, reading: CsvReading): readonly FileRecord[] =>
  framed.kind === 'records'
    ? readBlock(framed, first, reading)
    : [unreadable(framed.line, framed.text, framed.reason, reading.isDamaged)]

/**
 * Groups of records in file order, from ordinal `from` on; what is before it is framed and not parsed. Every framed
 * record and every unreadable line is one ordinal.
 */
export async function* readCsv(
  chunks: AsyncIterable<string>,
  reading: CsvReading,
  from: number,
): AsyncGenerator<readonly FileRecord[], void, undefined> {
  let toSkip = reading.layout.leadingRecords + from
  for await (const framed of frameCsv(chunks, reading.layout.framing)) {
    const count = countOf(framed)
    const first = Math.min(toSkip, count)
    toSkip -= first
    if (first === count) continue
    yield readFramed(framed, first, reading)
  }
}
