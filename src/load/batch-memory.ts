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
 * What the rows of a batch are written to, and what is noted of each. It is used again when the batch has committed: what
 * lives as long as a batch is left lying by the garbage collector until there is much of it.
 */
export class BatchMemory {
  readonly ids = new KeyTable()
  buffer: Buffer = Buffer.allocUnsafeSlow(fewestBytes)
  #count = 0
  /** NaN = none. */
  #versions = new Float64Array(fewestRows)
  #ordinals = new Float64Array(fewestRows)
  #masks = new Int32Array(fewestRows)

  get count(): number {
    return this.#count
  }

  /** As new, but for its size. */
  clear(): void {
    this.#count = 0
    this.ids.clear()
  }

  note(version: number | null, ordinal: number, mask: number): void {
    if (this.#count === this.#masks.length) {
      this.#versions = grown(this.#versions, Float64Array)
      this.#ordinals = grown(this.#ordinals, Float64Array)
      this.#masks = grown(this.#masks, Int32Array)
    }
    this.#versions[this.#count] = version ?? Number.NaN
    this.#ordinals[this.#count] = ordinal
    this.#masks[this.#count] = mask
    this.#count += 1
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

  /** Makes room for so many bytes in all, of which `written` are there already. */
  reserve(bytes: number, written: number): void {
    if (bytes <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, written)
    this.buffer = larger
  }
}
