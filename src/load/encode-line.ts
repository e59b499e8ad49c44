import type { CellLines, CellRow } from '../domain/cell-lines.ts'
import { type Direction, type PortfolioOf, type TravtusField, travtusFields } from '../domain/recording-row.ts'
import {
  isPlainAddress,
  isPlainDuration,
  isPlainId,
  isPlainInstant,
  isPlainPhone,
  isTrimmed,
  isWord,
  type PlainCell,
} from '../transform/plain-cell.ts'
import { copyText } from './copy-text.ts'
import { keepBit } from './keep-mask.ts'
import { put, putCell } from './put-bytes.ts'

/** What the cell of a field looks like when it can be taken as it is. A direction is a word, and is looked up. */
const forms: Readonly<Record<TravtusField, PlainCell>> = {
  conversation_id: isTrimmed,
  message_id: isPlainId,
  created_at: isPlainInstant,
  portfolio_id: isTrimmed,
  message_text: isTrimmed,
  first_name: isTrimmed,
  last_name: isTrimmed,
  sender_ext_ref: isTrimmed,
  phone_number: isPlainPhone,
  email_address: isTrimmed,
  message_direction: isTrimmed,
  number_dialed_by_user: isPlainPhone,
  call_duration_in_sec: isPlainDuration,
  recording_url: isPlainAddress,
}

/** A row without a value here is rejected, or named after its recording and counted: that is for the readers. */
const needed: readonly TravtusField[] = ['conversation_id', 'message_id', 'created_at']

const formsInOrder = travtusFields.map((field) => forms[field])
const isNeeded = travtusFields.map((field) => needed.includes(field))
const place = (field: TravtusField): number => travtusFields.indexOf(field)

const messageId = place('message_id')
const portfolioId = place('portfolio_id')
const phoneNumber = place('phone_number')
const messageDirection = place('message_direction')
const numberDialed = place('number_dialed_by_user')
const recordingUrl = place('recording_url')

const tab = 9
const nothing = Buffer.from('\\N')
const available = Buffer.from('available')
/** When the recording expires, when it was deleted, and keys of the map. */
const neverStated = Buffer.from('\t\\N\t\\N\t\\N\t')

/** Of a line: the id and the portfolio stand there twice, and several fields may be of one cell. */
const usualCopies = 4
const besideCells = 1_000

interface Word {
  readonly word: string
  readonly direction: Direction
  readonly bytes: Buffer
}

/**
 * Writes lines of a dump as COPY text, as encode-row.ts writes their rows, from the bytes of their cells: nothing is made
 * for the garbage collector. A line with a cell that must be read first is refused.
 */
export class LineEncoder {
  readonly row: CellRow
  readonly #cells: Int32Array
  readonly #media: Buffer
  readonly #placeholders: readonly Buffer[]
  readonly #longestPlaceholder: number
  readonly #words: readonly Word[]
  /** Bits of what no line of the file states. */
  readonly #unstated: number
  /** Every line states what the portfolio map reads. */
  readonly #isWhole: boolean
  #mask = 0
  #isUnmapped = false
  #idStart = 0
  #mapped: Uint8Array = nothing
  #hasUrl = false
  #from = 0
  #to = 0

  /** `fileVersion`: of the file that the lines are from; null = it has none. */
  constructor(row: CellRow, fileVersion: number | null) {
    this.row = row
    this.#cells = Int32Array.from(travtusFields, (field) => row.cellOf[field])
    this.#media = Buffer.from(`${row.media}\t`)
    this.#placeholders = row.placeholders.map((text) => Buffer.from(text))
    this.#longestPlaceholder = Math.max(0, ...row.placeholders.map((text) => text.length))
    this.#words = [...row.directions].map(([word, direction]) => ({ word, direction, bytes: Buffer.from(direction) }))
    this.#unstated = unstatedBits(row, fileVersion)
    const { cellOf } = row
    this.#isWhole = cellOf.phone_number >= 0 && cellOf.number_dialed_by_user >= 0 && cellOf.message_direction >= 0
  }

  /** See keep-mask.ts; of the last line. */
  get mask(): number {
    return this.#mask
  }

  /** No portfolio is known for the row of the last line. */
  get isUnmapped(): boolean {
    return this.#isUnmapped
  }

  /** Where the last line was written to: its message_id. */
  get idStart(): number {
    return this.#idStart
  }

  /** Bytes that line n takes at the most, as a rule. */
  usualBytes({ bounds, stride }: CellLines, n: number): number {
    return ((bounds[n * stride + stride - 1] ?? 0) - (bounds[n * stride] ?? 0)) * usualCopies + besideCells
  }

  /** Looks at line n, which is written next: then its mask is known. */
  look(lines: CellLines, n: number, portfolioOf: PortfolioOf): void {
    this.#mask = this.#unstated
    this.#mapped = this.#mappedPortfolio(lines, n, portfolioOf)
    this.#hasUrl = this.#find(lines, n, recordingUrl)
    if (!this.#hasUrl) this.#mask |= keepBit.recording_status
  }

  /**
   * Writes what line n, which was looked at, says from `begun` on, and returns where it ends; -1 when it is refused. Where that
   * lies behind the end of `out`, it did not fit, and is written again to a larger one.
   */
  encode(lines: CellLines, n: number, out: Buffer, begun: number): number {
    let at = this.#putFields(lines, n, out, begun)
    if (at === -1) return -1
    at = put(out, at, this.#media)
    at = this.#putId(lines, n, out, at)
    out[at++] = tab
    at = put(out, at, this.#hasUrl ? available : nothing)
    at = put(out, at, neverStated)
    return this.#putStated(lines, n, out, at)
  }

  #putFields(lines: CellLines, n: number, out: Buffer, begun: number): number {
    const { bytes } = lines
    let at = begun
    for (let field = 0; field < formsInOrder.length; field += 1) {
      if (!this.#find(lines, n, field)) {
        if (isNeeded[field]) return -1
        at = put(out, at, field === portfolioId ? this.#mapped : nothing)
      } else if (field === messageDirection) {
        const word = this.#wordAt(bytes, this.#from, this.#to)
        if (word === null) return -1
        at = put(out, at, word.bytes)
      } else {
        const from = this.#from
        const to = this.#to
        if (field === messageId) this.#idStart = at
        if (!formsInOrder[field]?.(bytes, from, to) || this.#isPlaceholder(bytes, from, to)) return -1
        at = putCell(out, at, bytes, from, to)
      }
      out[at++] = tab
    }
    return at
  }

  #putId(lines: CellLines, n: number, out: Buffer, at: number): number {
    this.#find(lines, n, messageId)
    return putCell(out, at, lines.bytes, this.#from, this.#to)
  }

  #putStated(lines: CellLines, n: number, out: Buffer, at: number): number {
    return this.#find(lines, n, portfolioId)
      ? putCell(out, at, lines.bytes, this.#from, this.#to)
      : put(out, at, nothing)
  }

  /** What the map says of a row that states no portfolio, as place-row.ts has it. */
  #mappedPortfolio(lines: CellLines, n: number, portfolioOf: PortfolioOf): Uint8Array {
    this.#isUnmapped = false
    if (this.#find(lines, n, portfolioId)) return nothing
    if (!this.#isWhole) this.#mask |= keepBit.portfolio_id
    const found = this.#find(lines, n, messageDirection)
    const portfolio = portfolioOf({
      stated_portfolio_id: null,
      message_direction: found ? (this.#wordAt(lines.bytes, this.#from, this.#to)?.direction ?? null) : null,
      phone_number: this.#numberIn(lines, n, phoneNumber),
      number_dialed_by_user: this.#numberIn(lines, n, numberDialed),
      map_keys: null,
    })
    this.#isUnmapped = portfolio === null
    return portfolio === null ? nothing : Buffer.from(copyText(portfolio))
  }

  #numberIn(lines: CellLines, n: number, field: number): string | null {
    return this.#find(lines, n, field) ? lines.asciiText(this.#from, this.#to) : null
  }

  /** Finds the cell of a field; false when the line has none, or an empty one. */
  #find({ bounds, stride }: CellLines, n: number, field: number): boolean {
    const cell = this.#cells[field] ?? -1
    if (cell < 0) return false
    this.#from = bounds[n * stride + cell] ?? 0
    this.#to = (bounds[n * stride + cell + 1] ?? 0) - 1
    return this.#from < this.#to
  }

  #wordAt(bytes: Uint8Array, from: number, to: number): Word | null {
    for (const word of this.#words) if (isWord(word.word, bytes, from, to)) return word
    return null
  }

  #isPlaceholder(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from > this.#longestPlaceholder) return false
    for (const text of this.#placeholders) if (isEqual(text, bytes, from, to)) return true
    return false
  }
}

const isEqual = (text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean => {
  if (to - from !== text.length) return false
  for (let n = 0; n < text.length; n += 1) if (bytes[from + n] !== text[n]) return false
  return true
}

const unstatedBits = ({ cellOf }: CellRow, fileVersion: number | null): number => {
  let mask = keepBit.recording_expires_at | keepBit.deleted_at | (fileVersion === null ? 0 : keepBit.source_version)
  for (const field of travtusFields)
    if (field in keepBit && cellOf[field] < 0) mask |= keepBit[field as keyof typeof keepBit]
  return cellOf.portfolio_id < 0 ? mask | keepBit.stated_portfolio_id : mask
}
