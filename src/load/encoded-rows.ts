import type { RowSink } from '../domain/batch.ts'
import type { CellLines, CellRow, TakenLine } from '../domain/cell-lines.ts'
import type { MapKeys, PlacedRow } from '../domain/recording-row.ts'
import { BatchMemory } from './batch-memory.ts'
import { copyText } from './copy-text.ts'
import { LineEncoder } from './encode-line.ts'
import { encodeRow, type RowEncoding } from './encode-row.ts'
import { keepBit, keepMask } from './keep-mask.ts'
import { KeyTable } from './key-table.ts'
import { passesOf } from './passes.ts'
import { put, putNumber, putWhole } from './put-bytes.ts'
import { digestSeed, rowDigest } from './row-digest.ts'

/** What decides how rows of one key are merged with one another. */
export interface StagedRow {
  readonly source_version: number | null
  readonly source_ordinal: number
  readonly mask: number
  readonly map_keys: MapKeys
}

interface RowEnd {
  readonly version: number | null
  readonly ordinal: number
  readonly mask: number
  readonly isOne: boolean
}

/** A text of up to so many characters is given the room that it takes at the most. */
const shortText = 16_384

/** No character of UTF-16 takes more bytes of UTF-8. */
const bytesPerUnit = 3

/** In front of what a row says, or behind it: three numbers of up to 20 digits, an owner, and what is between them. */
const mostBeside = 500

const noOwner = Buffer.from('\n')

const tab = 9
const lineFeed = 10

/** Bytes that are sent at once: few enough to be taken by a socket, and enough to last while the next rows are read. */
const sentAtOnce = 1_048_576

/**
 * The rows of one batch as COPY text (row-columns.ts). They are encoded as they come, into one buffer: ten thousand rows that
 * wait for their commit as objects cost more in garbage collection than everything else that is done with them.
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
  /** What ends each row; null: the rows are to be staged. */
  #owner: Buffer | null
  #written = 0
  #unstated = 0
  #lineEncoder: LineEncoder | null = null
  #lastLines: CellLines | null = null
  #lastHoldSecret = true

  /** `memory`: empty, and nobody else uses it until the batch has committed. */
  constructor(encoding: RowEncoding, memory: BatchMemory = new BatchMemory()) {
    this.#encoding = encoding
    this.#memory = memory
    const { owner = null } = encoding
    this.#owner =
      owner === null ? null : Buffer.from(`\t${owner.connectionKey}\t${copyText(owner.source)}\t${owner.runId}\n`)
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

  /** The rows are written as call_recordings has them, and may go straight into it. */
  get areWhole(): boolean {
    return this.#owner !== null
  }

  add(row: PlacedRow): void {
    const { message_id, record_id, source_version, source_ordinal, map_keys } = row
    const mask = keepMask(row, this.#encoding.fileVersion)
    if (record_id !== message_id || (mask & keepBit.map_keys) !== 0 || isMappedByKeys(row)) this.mustBeStaged()
    const place = this.count
    const begun = this.#written
    const said = this.#putMerge(begun, place, mask)
    const text = encodeRow(row, this.#encoding.redact)
    const most = text.length > shortText ? Buffer.byteLength(text) : text.length * bytesPerUnit
    this.#memory.rows.reserve(said + most + mostBeside, said)
    const end = said + this.#memory.rows.buffer.write(text, said)
    this.#memory.note(source_version, source_ordinal, mask)
    this.#memory.noteStarts(place, begun, this.#memory.rows.buffer.indexOf(tab, said) + 1)
    this.#end(said, end, { version: source_version, ordinal: source_ordinal, mask, isOne: record_id === message_id })
    if ((mask & keepBit.map_keys) !== 0) this.#mapKeys.set(place, map_keys)
    this.#noteRepeated(this.#memory.ids.add(message_id), place)
    if (record_id !== message_id) this.#otherIds.add(record_id)
  }

  addLine(lines: CellLines, n: number, ordinal: number): TakenLine {
    const { portfolioOf, fileVersion } = this.#encoding
    if (portfolioOf === undefined || lines.isPlain[n] === 0 || this.#holdSecret(lines)) return 'refused'
    const encoder = this.#encoderOf(lines.row)
    encoder.look(lines, n, portfolioOf)
    const { mask } = encoder
    const place = this.count
    const begun = this.#written
    const said = this.#putMerge(begun, place, mask)
    this.#memory.rows.reserve(said + encoder.usualBytes(lines, n), said)
    let end = encoder.encode(lines, n, this.#memory.rows.buffer, said)
    if (end > this.#memory.rows.buffer.length) {
      this.#memory.rows.reserve(end, said)
      end = encoder.encode(lines, n, this.#memory.rows.buffer, said)
    }
    if (end === -1) return 'refused'
    this.#memory.note(fileVersion, ordinal, mask)
    this.#memory.noteStarts(place, begun, encoder.idStart)
    this.#end(said, end, { version: fileVersion, ordinal, mask, isOne: true })
    const id = n * lines.stride + lines.row.cellOf.message_id
    this.#noteRepeated(
      this.#memory.ids.addBytes(lines.bytes, lines.bounds[id] ?? 0, (lines.bounds[id + 1] ?? 0) - 1),
      place,
    )
    return encoder.isUnmapped ? 'unmapped' : 'taken'
  }

  /** The rows can not, or no longer, go straight into call_recordings: they are written as they are staged. */
  mustBeStaged(): void {
    const owner = this.#owner
    if (owner === null) return
    const whole = Buffer.from(this.#memory.rows.buffer.subarray(0, this.#written))
    const ends = Array.from({ length: this.count }, (_, place) => this.#endOf(place))
    this.#owner = null
    this.#written = 0
    let from = 0
    for (const [place, end] of ends.entries()) {
      const begun = this.#written
      const said = this.#putMerge(begun, place, this.#memory.maskOf(place))
      const length = end - owner.length - from
      this.#memory.rows.reserve(said + length + 1, said)
      const { buffer } = this.#memory.rows
      whole.copy(buffer, said, from, from + length)
      buffer[said + length] = lineFeed
      this.#written = said + length + 1
      this.#memory.noteStarts(place, begun, this.#memory.idStartOf(place) - from + said)
      from = end
    }
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

  /** Places of the rows without a digest, or of which all of these bits are set in the mask (keep-mask.ts). */
  withoutDigest(unstated: number): readonly number[] {
    const places: number[] = []
    for (let place = 0; place < this.count; place += 1) {
      const isUnstated = unstated !== 0 && (this.#memory.maskOf(place) & unstated) === unstated
      if (isUnstated || Number.isNaN(this.#memory.digestOf(place))) places.push(place)
    }
    return places
  }

  /** Whether a row may have this key. */
  mayHave(key: string): boolean {
    return this.#memory.ids.has(key)
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

  /** Begins a row that is to be staged, and returns where what it says begins. */
  #putMerge(begun: number, place: number, mask: number): number {
    this.#memory.rows.reserve(begun + mostBeside, begun)
    if (this.#owner !== null) return begun
    const { buffer } = this.#memory.rows
    let at = putNumber(buffer, begun, place)
    buffer[at++] = tab
    at = putNumber(buffer, at, mask)
    buffer[at++] = tab
    return at
  }

  /** Ends the row that was noted last, of which `said` to `end` is written. `isOne`: its record has no other row. */
  #end(said: number, end: number, { version, ordinal, mask, isOne }: RowEnd): void {
    this.#memory.rows.reserve(end + mostBeside, end)
    const { buffer, view } = this.#memory.rows
    let at = end
    buffer[at++] = tab
    at = putWhole(buffer, at, version)
    const told = (mask & keepBit.source_version) === 0 ? at : end
    buffer[at++] = tab
    at = putWhole(buffer, at, ordinal)
    buffer[at++] = tab
    if (isOne) {
      const digest = rowDigest(view, said, told, digestSeed(mask))
      this.#memory.noteDigest(digest)
      at = putNumber(buffer, at, digest)
    } else {
      this.#memory.noteDigest(Number.NaN)
      at = putWhole(buffer, at, null)
    }
    this.#written = put(buffer, at, this.#owner ?? noOwner)
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
}

/** By keys of which what is stored is without secrets, and the portfolio is that of what is stored (place-merged.ts). */
const isMappedByKeys = ({ portfolio_id, map_keys }: PlacedRow): boolean =>
  portfolio_id === undefined && Object.values(map_keys).some((value) => value != null)

export const encodedRows = (rows: readonly PlacedRow[], encoding: RowEncoding): EncodedRows => {
  const encoded = new EncodedRows(encoding)
  for (const row of rows) encoded.add(row)
  return encoded
}
