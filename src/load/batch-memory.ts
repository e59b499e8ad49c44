import { GrowingBuffer } from './growing-buffer.ts'
import { KeyTable } from './key-table.ts'

const fewestBytes = 49_152
const fewestRows = 1_024

/** The larger array, with what the smaller has. */
const grown = <T extends Float64Array | Int32Array>(array: T, make: new (length: number) => T): T => {
  const larger = new make(array.length * 2)
  larger.set(array)
  return larger
}

/**
 * What the rows of a batch and what is kept of its records are written to, and what is noted of each row. It is used again when
 * the batch has committed: what lives as long as a batch is left lying by the garbage collector until there is much of it.
 */
export class BatchMemory {
  readonly ids = new KeyTable()
  /** As COPY text. */
  readonly rows = new GrowingBuffer(fewestBytes)
  /** What is kept of records, as COPY text. */
  readonly records = new GrowingBuffer(65_536)
  /** Keys, digests and places, as COPY text: only of a batch of which they are asked for. */
  readonly digests = new GrowingBuffer(fewestBytes)
  #count = 0
  /** NaN = none. */
  #versions = new Float64Array(fewestRows)
  #ordinals = new Float64Array(fewestRows)
  #masks = new Int32Array(fewestRows)
  #starts = new Float64Array(fewestRows)
  #idStarts = new Float64Array(fewestRows)
  /** NaN = none. */
  #digests = new Float64Array(fewestRows)

  get count(): number {
    return this.#count
  }

  /** Bytes of its largest part. */
  get size(): number {
    return Math.max(this.rows.buffer.length, this.records.buffer.length, this.digests.buffer.length)
  }

  /** As new, but for its size. */
  clear(): void {
    this.#count = 0
    this.ids.clear()
  }

  /** What decides how it is merged with others of its key. */
  note(version: number | null, ordinal: number, mask: number): void {
    if (this.#count === this.#masks.length) {
      this.#versions = grown(this.#versions, Float64Array)
      this.#ordinals = grown(this.#ordinals, Float64Array)
      this.#masks = grown(this.#masks, Int32Array)
      this.#starts = grown(this.#starts, Float64Array)
      this.#idStarts = grown(this.#idStarts, Float64Array)
      this.#digests = grown(this.#digests, Float64Array)
    }
    this.#versions[this.#count] = version ?? Number.NaN
    this.#ordinals[this.#count] = ordinal
    this.#masks[this.#count] = mask
    this.#count += 1
  }

  /** Of the row that was noted last (row-digest.ts); NaN = none. */
  noteDigest(digest: number): void {
    this.#digests[this.#count - 1] = digest
  }

  /** Where the row and its id begin among the bytes of all. */
  noteStarts(place: number, start: number, idStart: number): void {
    this.#starts[place] = start
    this.#idStarts[place] = idStart
  }

  versionOf(place: number): number | null {
    const version = this.#versions[place] ?? Number.NaN
    return Number.isNaN(version) ? null : version
  }

  ordinalOf(place: number): number {
    return this.#ordinals[place] ?? 0
  }

  maskOf(place: number): number {
    return this.#masks[place] ?? 0
  }

  startOf(place: number): number {
    return this.#starts[place] ?? 0
  }

  idStartOf(place: number): number {
    return this.#idStarts[place] ?? 0
  }

  digestOf(place: number): number {
    return this.#digests[place] ?? Number.NaN
  }
}
