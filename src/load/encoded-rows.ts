import type { RowSink } from '../domain/batch.ts'
import type { CellLines, CellRow, TakenLine } from '../domain/cell-lines.ts'
import type { MapKeys, PlacedRow } from '../domain/recording-row.ts'
import { BatchMemory } from './batch-memory.ts'
import { LineEncoder } from './encode-line.ts'
import { encodeRow, type RowEncoding } from './encode-row.ts'
import { mostBytesOf } from './growing-buffer.ts'
import { keepBit, keepMask } from './keep-mask.ts'
import { KeyTable } from './key-table.ts'
import { passesOf } from './passes.ts'
import { RowBytes } from './row-bytes.ts'

/** What decides how rows of one key are merged with one another. */
export interface StagedRow {
  readonly source_version: number | null
  readonly source_ordinal: number
  readonly mask: number
  readonly map_keys: MapKeys
}

const tab = 9

/**
 * The rows of one batch as COPY text (row-bytes.ts). They are encoded as they come, into one buffer: ten thousand rows that
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
  readonly #bytes: RowBytes
  #unstated = 0
  #lineEncoder: LineEncoder | null = null
  #lastLines: CellLines | null = null
  #lastHoldSecret = true

  /** `memory`: empty, and nobody else uses it until the batch has committed. */
  constructor(encoding: RowEncoding, memory: BatchMemory = new BatchMemory()) {
    this.#encoding = encoding
    this.#memory = memory
    this.#bytes = new RowBytes(memory, encoding.owner ?? null)
  }

  get count(): number {
    return this.#memory.count
  }

  get bytes(): number {
    return this.#bytes.length
  }

  /** Some key may occur more than once. */
  get hasRepeated(): boolean {
    return this.#repeated.size > 0
  }

  /** Every bit that is set in the mask of one of the rows. */
  get unstated(): number {
    return this.#unstated
  }

  /** The rows are written as call_recordings has them, and may go straight into it. */
  get areWhole(): boolean {
    return this.#bytes.areWhole
  }

  add(row: PlacedRow): void {
    const { message_id, record_id, source_version: version, source_ordinal: ordinal, map_keys } = row
    const mask = keepMask(row, this.#encoding.fileVersion)
    const isOne = record_id === message_id
    if (!isOne || (mask & keepBit.map_keys) !== 0 || isMappedByKeys(row)) this.mustBeStaged()
    const place = this.count
    const said = this.#bytes.begin(mask)
    const text = encodeRow(row, this.#encoding.redact)
    const out = this.#bytes.room(said, mostBytesOf(text))
    const end = said + out.write(text, said)
    this.#bytes.end(said, end, { idStart: out.indexOf(tab, said) + 1, version, ordinal, mask, isOne })
    this.#unstated |= mask
    if ((mask & keepBit.map_keys) !== 0) this.#mapKeys.set(place, map_keys)
    this.#noteRepeated(this.#memory.ids.add(message_id), place)
    if (!isOne) this.#otherIds.add(record_id)
  }

  addLine(lines: CellLines, n: number, ordinal: number): TakenLine {
    const { portfolioOf, fileVersion: version } = this.#encoding
    if (portfolioOf === undefined || lines.isPlain[n] === 0 || this.#holdSecret(lines)) return 'refused'
    const encoder = this.#encoderOf(lines.row)
    encoder.look(lines, n, portfolioOf)
    const { mask } = encoder
    const place = this.count
    const said = this.#bytes.begin(mask)
    const out = this.#bytes.room(said, encoder.usualBytes(lines, n))
    let end = encoder.encode(lines, n, out, said)
    if (end > out.length) end = encoder.encode(lines, n, this.#bytes.room(said, end - said), said)
    if (end === -1) return 'refused'
    this.#bytes.end(said, end, { idStart: encoder.idStart, version, ordinal, mask, isOne: true })
    this.#unstated |= mask
    const id = n * lines.stride + lines.row.cellOf.message_id
    this.#noteRepeated(
      this.#memory.ids.addBytes(lines.bytes, lines.bounds[id] ?? 0, (lines.bounds[id + 1] ?? 0) - 1),
      place,
    )
    return encoder.isUnmapped ? 'unmapped' : 'taken'
  }

  /** The rows can not, or no longer, go straight into call_recordings: they are written as they are staged. */
  mustBeStaged(): void {
    this.#bytes.mustBeStaged()
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
  chunks(): Iterable<Buffer> {
    return this.#bytes.chunks()
  }

  /** The rows at these places, in order. */
  chunksOf(places: readonly number[]): Iterable<Buffer> {
    return this.#bytes.chunksOf(places)
  }

  /** Key, digest and place of each row that has a digest, as COPY text. */
  digests(): Buffer {
    return this.#bytes.digests()
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
    if (!this.hasRepeated) return null
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
