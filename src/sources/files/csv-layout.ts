import { SourceProtocolError } from '../../domain/errors.ts'
import { parseCells } from './csv-cells.ts'
import { hasUndecodableBytes } from './damaged-utf8.ts'
import { createFramer, type Framing } from './frame-csv.ts'
import { detectLineEnds, type LineEnds } from './line-end.ts'
import { namesList } from './names-list.ts'
import type { FileHead } from './scan.ts'
import type { FilesSettings } from './settings.ts'

type CsvSettings = FilesSettings['csv']

/** How one CSV file is laid out; serialisable. */
export interface CsvLayout {
  readonly framing: Framing
  /** Trimmed names in file order; the empty string for a column without a name. */
  readonly columns: readonly string[]
  /** Records before the first one that counts: Excel's `sep=` line and the header. */
  readonly leadingRecords: number
}

/** What the first lines are under one delimiter. */
interface Reading {
  readonly framing: Framing
  readonly columns: readonly string[]
  readonly lines: readonly (readonly string[])[]
  /** Why the first line is no record; null when it is one. */
  readonly problem: string | null
}

const delimiters = [',', ';', '\t', '|']
const sampledLines = 20
/** Excel's own declaration, a first line `sep=;`. */
const separatorLine = /^"?sep=([^"\r\n])"?(?:\r*\n|\r|$)/i

const nameOf = (delimiter: string): string => (delimiter === '\t' ? 'tab' : `"${delimiter}"`)

const hasAll = (columns: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((name) => columns.includes(name))

const sample = (head: FileHead, framing: Framing): Pick<Reading, 'lines' | 'problem'> => {
  const framer = createFramer(framing)
  const framed = [...framer.push(head.text), ...(head.complete ? framer.end() : [])]
  const [first] = framed
  if (first === undefined) {
    return {
      lines: [],
      problem: head.complete ? null : `it does not end within the first ${head.text.length} characters`,
    }
  }
  if (first.kind === 'unreadable') return { lines: [], problem: first.reason.detail }
  const last = first.ends[Math.min(first.ends.length, sampledLines) - 1]
  return { lines: parseCells(first.text.slice(first.starts[0], last), framing), problem: null }
}

const readAs = (head: FileHead, delimiter: string, lineEnds: LineEnds, header: CsvSettings['header']): Reading => {
  const framing: Framing = { delimiter, lineEnds, quotes: true }
  const { lines, problem } = sample(head, framing)
  const columns = header === true ? (lines[0] ?? []).map((cell) => cell.trim()) : header
  return { framing, columns, lines, problem }
}

/** Better readings have the larger numbers, the first difference counts. */
const rank = ({ columns, lines }: Reading, wanted: readonly string[]): readonly number[] => {
  const cells = lines[0]?.length ?? 0
  const isRegular = cells > 1 && lines.every((line) => line.length === cells)
  const fitsColumns = lines.every((line) => line.length === columns.length)
  return [hasAll(columns, wanted) ? 1 : 0, fitsColumns && isRegular ? 1 : 0, isRegular ? 1 : 0, cells]
}

const isBetter = (left: readonly number[], right: readonly number[]): boolean => {
  const at = left.findIndex((value, index) => value !== right[index])
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0)
}

const best = (readings: readonly [Reading, ...Reading[]], wanted: readonly string[]): Reading =>
  readings.reduce((found, next) => (isBetter(rank(next, wanted), rank(found, wanted)) ? next : found))

/** Settings and a `sep=` line both state the delimiter; null = neither does. */
const declaredDelimiter = (name: string, head: FileHead, { delimiter }: CsvSettings): string | null => {
  const byFile = separatorLine.exec(head.text)?.[1] ?? null
  const bySettings = delimiter === 'auto' ? null : delimiter === 'tab' ? '\t' : delimiter
  if (byFile !== null && bySettings !== null && byFile !== bySettings) {
    throw new SourceProtocolError(
      `${name}: the settings say delimiter ${nameOf(bySettings)}, but the first line of the file is ` +
        `sep=${byFile}; set csv.delimiter to ${nameOf(byFile)}, or to auto`,
    )
  }
  return byFile ?? bySettings
}

const missingColumns = (name: string, reading: Reading, others: readonly Reading[], wanted: readonly string[]) => {
  const { columns, framing } = reading
  const missing = wanted.filter((column) => !columns.includes(column))
  const other = columns.length === 1 ? others.find((candidate) => hasAll(candidate.columns, wanted)) : undefined
  const advice =
    other === undefined
      ? 'correct the column names in the settings, or csv.delimiter'
      : `with ${nameOf(other.framing.delimiter)} they are all there: set csv.delimiter to ${nameOf(other.framing.delimiter)}`
  return new SourceProtocolError(
    `${name}: the header lacks ${namesList(missing)}; found ${namesList(columns)} with the delimiter ` +
      `${nameOf(framing.delimiter)}; ${advice}`,
  )
}

const checkNames = (name: string, { columns, problem }: Reading, isHeader: boolean): void => {
  const where = isHeader ? 'the header' : 'csv.header in the settings'
  if (isHeader && problem !== null) {
    throw new SourceProtocolError(`${name}: the header cannot be read: ${problem}; correct the first line of the file`)
  }
  const named = columns.filter((column) => column !== '')
  const repeated = new Set(named.filter((column, index) => named.indexOf(column) !== index))
  if (repeated.size > 0) {
    throw new SourceProtocolError(
      `${name}: ${where} names ${namesList([...repeated])} more than once; found ${namesList(columns)}; ` +
        'rename the columns, or list names of your own under csv.header',
    )
  }
  if (named.length === 0) {
    throw new SourceProtocolError(`${name}: ${where} is empty: ${columns.length} columns and no name; expected names`)
  }
}

const withoutSeparatorLine = (head: FileHead): FileHead => ({ ...head, text: head.text.replace(separatorLine, '') })

/**
 * Finds delimiter and columns by the start of a CSV file. `wanted` are the columns that the mapping needs. Throws
 * SourceProtocolError when the header is no header or lacks one of them. An empty file has no columns.
 */
export const readLayout = (
  name: string,
  head: FileHead,
  settings: CsvSettings,
  wanted: readonly string[],
  isDamaged: boolean,
): CsvLayout => {
  const declared = declaredDelimiter(name, head, settings)
  const body = withoutSeparatorLine(head)
  const lineEnds = detectLineEnds(head.text)
  const as = (delimiter: string): Reading => readAs(body, delimiter, lineEnds, settings.header)
  const reading = declared === null ? best([as(','), as(';'), as('\t'), as('|')], wanted) : as(declared)
  const isHeader = settings.header === true
  const leadingRecords = (body.text.length < head.text.length ? 1 : 0) + (isHeader ? 1 : 0)
  const isEmpty = reading.lines.length === 0 && reading.problem === null
  if (isEmpty) return { framing: reading.framing, columns: reading.columns, leadingRecords }
  checkNames(name, reading, isHeader)
  if (isDamaged && reading.columns.some(hasUndecodableBytes)) {
    throw new SourceProtocolError(`${name}: the header holds bytes that are no UTF-8; set encoding (windows-1252?)`)
  }
  if (!hasAll(reading.columns, wanted)) throw missingColumns(name, reading, delimiters.map(as), wanted)
  return { framing: reading.framing, columns: reading.columns, leadingRecords }
}
