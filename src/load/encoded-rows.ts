import type { RowSink } from '../domain/batch.ts'
import type { CellLines, CellRow, TakenLine } from '../domain/cell-lines.ts'
import type { MapKeys, PlacedRow } from '../domain/recording-row.ts'
import { BatchMemory } from './batch-memory.ts'
import { LineEncoder } from './encode-line.ts'
import { encodeRow, type RowEncoding } from './encode-row.ts'
import { keepBit, keepMask } from './keep-mask.ts'
import { KeyTable } from './key-table.ts'
import { passesOf } from './passes.ts'

/** What decides how rows of one key are merged with one another. */
export interface StagedRow {
  readonly source_version: number | null
  readonly source_ordinal: number
  readonly mask: number
  readonly map_keys: MapKeys
}

/** Of text that is written to the buffer at once: until then the garbage collector copies it. */
const pieceLength = 16_384

/** No character of UTF-16 takes more bytes of UTF-8. */
const bytesPerUnit = 3

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
  #piece = ''
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
    return this.#written + this.#piece.length
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
    this.#note(source_version, source_ordinal, mask)
    if ((mask & keepBit.map_keys) !== 0) this.#mapKeys.set(place, map_keys)
    this.#noteRepeated(this.#memory.ids.add(message_id), place)
    if (record_id !== message_id) this.#otherIds.add(record_id)
    this.#piece += encodeRow(row, mask, place, this.#encoding.redact)
    if (this.#piece.length >= pieceLength) this.#write()
  }

  addLine(lines: CellLines, n: number, ordinal: number): TakenLine {
    const { portfolioOf } = this.#encoding
    if (portfolioOf === undefined || lines.isPlain[n] === 0 || this.#holdSecret(lines)) return 'refused'
    if (this.#piece !== '') this.#write()
    const encoder = this.#encoderOf(lines.row)
    const place = this.count
    const linePlace = { place, ordinal, portfolioOf }
    this.#memory.reserve(this.#written + encoder.usualBytes(lines, n), this.#written)
    let end = encoder.encode(lines, n, this.#memory.buffer, this.#written, linePlace)
    if (end > this.#memory.buffer.length) {
      this.#memory.reserve(end, this.#written)
      end = encoder.encode(lines, n, this.#memory.buffer, this.#written, linePlace)
    }
    if (end === -1) return 'refused'
    this.#written = end
    this.#note(this.#encoding.fileVersion, ordinal, encoder.mask)
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

  *chunks(): Generator<Buffer, void, undefined> {
    if (this.#piece !== '') this.#write()
    for (let from = 0; from < this.#written; from += sentAtOnce)
      yield this.#memory.buffer.subarray(from, Math.min(from + sentAtOnce, this.#written))
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

  #note(version: number | null, ordinal: number, mask: number): void {
    this.#memory.note(version, ordinal, mask)
    this.#unstated |= mask
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

  #write(): void {
    const isLong = this.#piece.length > pieceLength * 2
    const most = this.#written + (isLong ? Buffer.byteLength(this.#piece) : this.#piece.length * bytesPerUnit)
    this.#memory.reserve(most, this.#written)
    this.#written += this.#memory.buffer.write(this.#piece, this.#written)
    this.#piece = ''
  }
}

export const encodedRows = (rows: readonly PlacedRow[], encoding: RowEncoding): EncodedRows => {
  const encoded = new EncodedRows(encoding)
  for (const row of rows) encoded.add(row)
  return encoded
}
