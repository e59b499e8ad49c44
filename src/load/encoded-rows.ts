import type { RowSink } from '../domain/batch.ts'
import type { CellLines, CellRow, TakenLine } from '../domain/cell-lines.ts'
import type { MapKeys, PlacedRow } from '../domain/recording-row.ts'
import { BatchMemory } from './batch-memory.ts'
import { LineEncoder } from './encode-line.ts'
import { encodeRow, type RowEncoding } from './encode-row.ts'
import { keepBit, keepMask } from './keep-mask.ts'
import { KeyTable } from './key-table.ts'
import { passesOf } from './passes.ts'
import { putNumber, putWhole } from './put-bytes.ts'
import { rowDigest } from './row-digest.ts'

/** What decides how rows of one key are merged with one another. */
export interface StagedRow {
  readonly source_version: number | null
  readonly source_ordinal: number
  readonly mask: number
  readonly map_keys: MapKeys
}

/** A text of up to so many characters is given the room that it takes at the most. */
const shortText = 16_384

/** No character of UTF-16 takes more bytes of UTF-8. */
const bytesPerUnit = 3

/** Behind what a row says: three numbers of up to 20 digits, a place, and what is between them. */
const mostBehind = 100

const tab = 9
const lineFeed = 10

/** Bytes that are sent at once: few enough to be taken by a socket, and enough to last while the next rows are read. */
const sentAtOnce = 1_048_576

/**
 * The rows of one batch as COPY text. They are encoded as they come, into one buffer: ten thousand rows that wait for their
 * commit as objects cost more in garbage collection than everything else that is done with them.
 */
export class EncodedRows implements RowSink {
  readonly #encoding: RowEncoding
  /** Only where one of them is unstated. */
  readonly #mapKeys = new Map<number, MapKeys>()
  /** Of records and rejects that are not called like a row. */
  readonly #otherIds = new KeyTable()
  /** Places of the rows whose key occurs more than once, by the first of them. */
  readonly #repeated = new Map<number, number[]>()
  readonly #memory: BatchMemory
  #written = 0
  #unstated = 0
  #lineEncoder: LineEncoder | null = null
  #lastLines: CellLines | null = null
  #lastHoldSecret = true

  /** `memory`: empty, and nobody else uses it until the batch has committed. */
  constructor(encoding: RowEncoding, memory: BatchMemory = new BatchMemory()) {
    this.#encoding = encoding
    this.#memory = memory
  }

  get count(): number {
    return this.#memory.count
  }

  get characters(): number {
    return this.#written
  }

  /** Some key may occur more than once. */
  get hasRepeated(): boolean {
    return this.#repeated.size > 0
  }

  /** Every bit that is set in the mask of one of the rows. */
  get unstated(): number {
    return this.#unstated
  }

  /** Free when the batch has committed. */
  get memory(): BatchMemory {
    return this.#memory
  }

  add(row: PlacedRow): void {
    const { message_id, record_id, source_version, source_ordinal, map_keys } = row
    const mask = keepMask(row, this.#encoding.fileVersion)
    const place = this.count
    const begun = this.#written
    this.#write(encodeRow(row, mask, this.#encoding.redact))
    const idStart = this.#memory.rows.buffer.indexOf(tab, begun) + 1
    this.#end(begun, idStart, source_version, source_ordinal, mask, record_id === message_id)
    if ((mask & keepBit.map_keys) !== 0) this.#mapKeys.set(place, map_keys)
    this.#noteRepeated(this.#memory.ids.add(message_id), place)
    if (record_id !== message_id) this.#otherIds.add(record_id)
  }

  addLine(lines: CellLines, n: number, ordinal: number): TakenLine {
    const { portfolioOf } = this.#encoding
    if (portfolioOf === undefined || lines.isPlain[n] === 0 || this.#holdSecret(lines)) return 'refused'
    const encoder = this.#encoderOf(lines.row)
    const place = this.count
    const begun = this.#written
    this.#memory.rows.reserve(begun + encoder.usualBytes(lines, n), begun)
    let end = encoder.encode(lines, n, this.#memory.rows.buffer, begun, portfolioOf)
    if (end > this.#memory.rows.buffer.length) {
      this.#memory.rows.reserve(end, begun)
      end = encoder.encode(lines, n, this.#memory.rows.buffer, begun, portfolioOf)
    }
    if (end === -1) return 'refused'
    this.#written = end
    this.#end(begun, encoder.idStart, this.#encoding.fileVersion, ordinal, encoder.mask, true)
    const id = n * lines.stride + lines.row.cellOf.message_id
    this.#noteRepeated(
      this.#memory.ids.addBytes(lines.bytes, lines.bounds[id] ?? 0, (lines.bounds[id + 1] ?? 0) - 1),
      place,
    )
    return encoder.isUnmapped ? 'unmapped' : 'taken'
  }

  /** The batch touches what has this key, too. */
  noteKey(key: string): void {
    this.#otherIds.add(key)
  }

  /** Whether two batches may touch the same rows, records or rejects. */
  meets(other: EncodedRows): boolean {
    return (
      this.#memory.ids.meets(other.#memory.ids) ||
      this.#memory.ids.meets(other.#otherIds) ||
      this.#otherIds.meets(other.#memory.ids) ||
      this.#otherIds.meets(other.#otherIds)
    )
  }

  /** All rows, as COPY text. */
  *chunks(): Generator<Buffer, void, undefined> {
    for (let from = 0; from < this.#written; from += sentAtOnce)
      yield this.#memory.rows.buffer.subarray(from, Math.min(from + sentAtOnce, this.#written))
  }

  /** The rows at these places, in order. */
  *chunksOf(places: readonly number[]): Generator<Buffer, void, undefined> {
    let parts: Buffer[] = []
    let length = 0
    for (const place of places) {
      const part = this.#memory.rows.buffer.subarray(this.#memory.startOf(place), this.#endOf(place))
      parts.push(part)
      length += part.length
      if (length < sentAtOnce) continue
      yield Buffer.concat(parts, length)
      parts = []
      length = 0
    }
    if (length > 0) yield Buffer.concat(parts, length)
  }

  /** Key, digest and place of each row that has a digest, as COPY text. */
  digests(): Buffer {
    const { digests } = this.#memory
    const { buffer } = this.#memory.rows
    let at = 0
    for (let place = 0; place < this.count; place += 1) {
      const digest = this.#memory.digestOf(place)
      if (Number.isNaN(digest)) continue
      const from = this.#memory.idStartOf(place)
      digests.reserve(at + this.#endOf(place) - from, at)
      const out = digests.buffer
      for (let n = from; buffer[n] !== tab; n += 1) out[at++] = buffer[n] ?? 0
      out[at++] = tab
      at = putNumber(out, at, digest)
      out[at++] = tab
      at = putNumber(out, at, place)
      out[at++] = lineFeed
    }
    return digests.buffer.subarray(0, at)
  }

  /** Places of the rows without a digest. */
  withoutDigest(): readonly number[] {
    const places: number[] = []
    for (let place = 0; place < this.count; place += 1)
      if (Number.isNaN(this.#memory.digestOf(place))) places.push(place)
    return places
  }

  /** In which pass of the upsert each row is merged, see passes.ts; null = all in the first. */
  passes(): Uint32Array | null {
    if (this.#repeated.size === 0) return null
    return passesOf(this.count, (place) => this.#staged(place), this.#repeated.values())
  }

  #staged(place: number): StagedRow {
    return {
      source_version: this.#memory.versionOf(place),
      source_ordinal: this.#memory.ordinalOf(place),
      mask: this.#memory.maskOf(place),
      map_keys: this.#mapKeys.get(place) ?? {},
    }
  }

  /** Ends the row that is written up to what it says, from `begun` on. `isOne`: its record has no other row. */
  #end(begun: number, idStart: number, version: number | null, ordinal: number, mask: number, isOne: boolean): void {
    const said = this.#written
    this.#memory.rows.reserve(said + mostBehind, said)
    const { buffer } = this.#memory.rows
    let at = said
    buffer[at++] = tab
    at = putWhole(buffer, at, version)
    const end = (mask & keepBit.source_version) === 0 ? at : said
    const hasDigest = isOne && (mask & keepBit.portfolio_id) === 0
    const digest = hasDigest ? rowDigest(this.#memory.rows.view, begun, end) : Number.NaN
    buffer[at++] = tab
    at = putWhole(buffer, at, ordinal)
    buffer[at++] = tab
    at = putNumber(buffer, at, this.count)
    buffer[at++] = tab
    at = hasDigest ? putNumber(buffer, at, digest) : putWhole(buffer, at, null)
    buffer[at++] = lineFeed
    this.#written = at
    this.#memory.note(version, ordinal, mask)
    this.#memory.notePlace(begun, idStart, digest)
    this.#unstated |= mask
  }

  #endOf(place: number): number {
    return place + 1 < this.count ? this.#memory.startOf(place + 1) : this.#written
  }

  /** Then each of its lines must be read to take it out. */
  #holdSecret(lines: CellLines): boolean {
    if (this.#lastLines !== lines) {
      this.#lastLines = lines
      this.#lastHoldSecret = this.#encoding.holdsSecret?.(lines.whole) ?? true
    }
    return this.#lastHoldSecret
  }

  #encoderOf(row: CellRow): LineEncoder {
    if (this.#lineEncoder?.row !== row) this.#lineEncoder = new LineEncoder(row, this.#encoding.fileVersion)
    return this.#lineEncoder
  }

  #noteRepeated(first: number, place: number): void {
    if (first === -1) return
    const places = this.#repeated.get(first)
    if (places === undefined) this.#repeated.set(first, [first, place])
    else places.push(place)
  }

  #write(text: string): void {
    const most = text.length > shortText ? Buffer.byteLength(text) : text.length * bytesPerUnit
    this.#memory.rows.reserve(this.#written + most, this.#written)
    this.#written += this.#memory.rows.buffer.write(text, this.#written)
  }
}

export const encodedRows = (rows: readonly PlacedRow[], encoding: RowEncoding): EncodedRows => {
  const encoded = new EncodedRows(encoding)
  for (const row of rows) encoded.add(row)
  return encoded
}
