import type { CellLines, CellRow } from '../../domain/cell-lines.ts'

const ordinary = 0
const delimiterByte = 1
const lineFeed = 2
const carriageReturn = 3
const quote = 4
/** In front of what can be part of a record only by way of the readers. */
const telling = 8
const slash = 16
const at = 32

/** What both in one cell may be userinfo. */
const userinfo = slash | at

const classesFor = (delimiter: string): Uint8Array => {
  const classes = new Uint8Array(256).fill(telling, 0, 32)
  for (const char of '\\=%') classes[char.charCodeAt(0)] = telling
  classes[47] = slash
  classes[64] = at
  classes[10] = lineFeed
  classes[13] = carriageReturn
  classes[34] = quote
  classes[delimiter.charCodeAt(0)] = delimiterByte
  return classes
}

/** Of a page at the most: a header may name as many columns as it likes. */
const mostLines = 2_000
const mostBounds = 200_000

const linesOfPage = (columns: number): number =>
  Math.max(1, Math.min(mostLines, Math.floor(mostBounds / (columns + 1))))

/**
 * Cuts lines without quotes into cells, on the bytes as they are: to make strings of cells takes longer than everything
 * else that is done with them.
 */
export class LineCutter {
  readonly #classes: Uint8Array
  readonly #columns: number
  readonly #row: CellRow
  readonly #bounds: Int32Array
  readonly #ends: Int32Array
  readonly #lines: Int32Array
  readonly #isPlain: Uint8Array
  #count = 0

  /** `delimiter`: one ASCII character. */
  constructor(row: CellRow, columns: number, delimiter: string) {
    this.#row = row
    this.#columns = columns
    this.#classes = classesFor(delimiter)
    const most = linesOfPage(columns)
    this.#bounds = new Int32Array(most * (columns + 1))
    this.#ends = new Int32Array(most)
    this.#lines = new Int32Array(most)
    this.#isPlain = new Uint8Array(most)
  }

  /**
   * Cuts bytes that end with a line feed, from a place on where a record begins. Ends in front of the first line with a quote
   * in it, or when a page is full: returns where. `line`: number of the first line, and of the next one.
   */
  cut(bytes: Buffer, from: number, line: number): { readonly end: number; readonly line: number } {
    this.#count = 0
    let start = from
    let number = line
    while (start < bytes.length && this.#count < this.#ends.length) {
      const end = this.#cutLine(bytes, start, number)
      if (end === -1) break
      start = end
      number += 1
    }
    return { end: start, line: number }
  }

  /** The lines of the last cut, without the blank ones; from the n-th on. */
  taken(bytes: Buffer, first: number): CutLines {
    const stride = this.#columns + 1
    const [bounds, ends] = [this.#bounds.subarray(first * stride), this.#ends.subarray(first)]
    return {
      row: this.#row,
      bytes,
      count: this.#count - first,
      bounds,
      stride,
      isPlain: this.#isPlain.subarray(first),
      whole: bytes.subarray(bounds[0], ends[this.#count - first - 1]),
      asciiText: (from, to) => bytes.toString('latin1', from, to),
      lineOf: (n) => ({ line: this.#lines[first + n] ?? 0, text: bytes.toString('utf8', bounds[n * stride], ends[n]) }),
    }
  }

  get count(): number {
    return this.#count
  }

  /** Returns where the next line begins; -1 = there is a quote in this one. */
  #cutLine(bytes: Buffer, start: number, line: number): number {
    const classes = this.#classes
    const bounds = this.#bounds
    const columns = this.#columns
    const base = this.#count * (columns + 1)
    let cells = 1
    let inCell = 0
    let inLine = 0
    let returned = -1
    let place = start
    bounds[base] = start
    for (; ; place += 1) {
      const kind = classes[bytes[place] ?? 10] ?? 0
      if (kind === ordinary) continue
      if (kind === delimiterByte) {
        if (cells < columns) bounds[base + cells] = place + 1
        cells += 1
        if ((inCell & userinfo) === userinfo) inLine = telling
        inCell = 0
      } else if (kind === lineFeed) break
      else if (kind === quote) return -1
      else if (kind === carriageReturn) {
        if (returned === -1) returned = place
      } else if (kind === telling) inLine = telling
      else inCell |= kind
    }
    const end = this.#endOf(bytes, start, place)
    if (end === start) return place + 1
    if ((inCell & userinfo) === userinfo || (returned !== -1 && returned < end)) inLine = telling
    bounds[base + columns] = end + 1
    this.#ends[this.#count] = end
    this.#lines[this.#count] = line
    this.#isPlain[this.#count] = cells === columns && inLine === 0 ? 1 : 0
    this.#count += 1
    return place + 1
  }

  /** A line ends before its line feed and the one or two carriage returns in front of it, see line-end.ts. */
  #endOf(bytes: Buffer, start: number, lineFeedAt: number): number {
    let end = lineFeedAt
    const lowest = Math.max(start, lineFeedAt - 2)
    while (end > lowest && bytes[end - 1] === 13) end -= 1
    return end
  }
}

export interface CutLines extends CellLines {
  /** Line n as it stands in the file. */
  lineOf(n: number): { readonly line: number; readonly text: string }
}
