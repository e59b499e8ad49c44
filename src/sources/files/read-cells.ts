import { StringDecoder } from 'node:string_decoder'
import type { CellRow } from '../../domain/cell-lines.ts'
import type { FileRecord, RecordPage } from '../source.ts'
import { type CutLines, LineCutter } from './cut-lines.ts'
import { createFramer, type Framed, type Framer } from './frame-csv.ts'
import { type CsvReading, countOf, readFramed } from './read-csv.ts'

/** Bytes of a line that are held until its end is read; what is longer goes to the framer, which may give it up. */
const longestHeld = 1_048_576

const lineFeed = 10
const quote = 34

/**
 * Pages of valid UTF-8 without its byte order mark, in file order, from ordinal `from` on: lines without quotes as cells, what
 * is between them as records by way of the framer. Both count records and lines alike, so that it does not matter which of
 * them a line goes to.
 */
export async function* readCells(
  chunks: AsyncIterable<Buffer>,
  reading: CsvReading,
  row: CellRow,
  from: number,
  bytesRead: () => number,
): AsyncGenerator<RecordPage, void, undefined> {
  const cells = new CellReader(reading, row, from, bytesRead)
  let block: Buffer = Buffer.allocUnsafeSlow(0)
  let held = 0
  for await (const chunk of chunks) {
    const filled = held + chunk.length
    if (filled > block.length) block = Buffer.concat([block.subarray(0, held)], filled * 2)
    chunk.copy(block, held)
    const whole = block.subarray(0, filled).lastIndexOf(lineFeed) + 1
    const end = whole === 0 && filled > longestHeld ? filled : whole
    yield* cells.pages(block.subarray(0, end))
    block.copyWithin(0, end, filled)
    held = filled - end
  }
  yield* cells.end(block.subarray(0, held))
}

class CellReader {
  readonly #reading: CsvReading
  readonly #framer: Framer
  readonly #cutter: LineCutter
  readonly #decoder = new StringDecoder('utf8')
  readonly #bytesRead: () => number
  /** Records that are passed over. */
  #toSkip: number

  constructor(reading: CsvReading, row: CellRow, from: number, bytesRead: () => number) {
    const { framing, columns, leadingRecords } = reading.layout
    this.#reading = reading
    this.#bytesRead = bytesRead
    this.#framer = createFramer(framing)
    this.#cutter = new LineCutter(row, columns.length, framing.delimiter)
    this.#toSkip = leadingRecords + from
  }

  /** What is complete with these bytes: lines, or the beginning of one that is too long to be held. */
  *pages(bytes: Buffer): Generator<RecordPage, void, undefined> {
    for (let at = 0; at < bytes.length; ) {
      const after = this.#framer.isBetweenRecords && bytes.at(-1) === lineFeed ? this.#cut(bytes, at) : at
      if (this.#cutter.count > 0 && after > at) yield* this.#cutPages(bytes)
      if (after > at) at = after
      else {
        const end = endOfQuoted(bytes, at, this.#framer.isBetweenRecords)
        yield* this.#framedPages(this.#framer.push(this.#decoder.write(bytes.subarray(at, end))))
        at = end
      }
    }
  }

  *end(bytes: Buffer): Generator<RecordPage, void, undefined> {
    yield* this.#framedPages(this.#framer.push(this.#decoder.write(bytes) + this.#decoder.end()))
    yield* this.#framedPages(this.#framer.end())
  }

  #cut(bytes: Buffer, at: number): number {
    const { end, line } = this.#cutter.cut(bytes, at, this.#framer.line)
    this.#framer.line = line
    return end
  }

  *#cutPages(bytes: Buffer): Generator<RecordPage, void, undefined> {
    const first = this.#skipped(this.#cutter.count)
    if (first < this.#cutter.count) yield cellPage(this.#cutter.taken(bytes, first), this.#reading, this.#bytesRead())
  }

  *#framedPages(framed: readonly Framed[]): Generator<RecordPage, void, undefined> {
    for (const one of framed) {
      const first = this.#skipped(countOf(one))
      if (first < countOf(one)) yield { records: readFramed(one, first, this.#reading), bytesRead: this.#bytesRead() }
    }
  }

  #skipped(count: number): number {
    const skipped = Math.min(this.#toSkip, count)
    this.#toSkip -= skipped
    return skipped
  }
}

const afterLine = (bytes: Buffer, from: number): number => {
  const at = bytes.indexOf(lineFeed, from)
  return at === -1 ? bytes.length : at + 1
}

/**
 * Where to look again whether lines can be cut. Between records there is a line with a quote: behind it, and behind those with
 * quotes that follow. Within one: behind the line with the next quote, which may close it.
 */
const endOfQuoted = (bytes: Buffer, from: number, isBetweenRecords: boolean): number => {
  let next = bytes.indexOf(quote, from)
  if (!isBetweenRecords) return next === -1 ? bytes.length : afterLine(bytes, next)
  let end = from
  while (end < bytes.length) {
    const after = afterLine(bytes, end)
    if (next !== -1 && next < end) next = bytes.indexOf(quote, end)
    if (end > from && (next === -1 || next >= after)) return end
    end = after
  }
  return end
}

const cellPage = (cells: CutLines, reading: CsvReading, bytesRead: number): RecordPage => {
  const record = (n: number): FileRecord => {
    const { line, text } = cells.lineOf(n)
    const [one] = readFramed({ kind: 'records', text, starts: [0], ends: [text.length], lines: [line] }, 0, reading)
    if (one === undefined) throw new TypeError(`line ${line} is no record`)
    return one
  }
  return {
    lines: { cells, record },
    bytesRead,
    get records() {
      return Array.from({ length: cells.count }, (_, n) => record(n))
    },
  }
}
