import type { BatchMemory } from './batch-memory.ts'
import { copyText } from './copy-text.ts'
import type { RowOwner } from './encode-row.ts'
import { keepBit } from './keep-mask.ts'
import { put, putNumber, putWhole } from './put-bytes.ts'
import { digestSeed, rowDigest } from './row-digest.ts'

/** What is written behind what a row says. */
export interface RowEnd {
  /** Where its id begins. */
  readonly idStart: number
  readonly version: number | null
  readonly ordinal: number
  /** See keep-mask.ts. */
  readonly mask: number
  /** Its record has no other row. */
  readonly isOne: boolean
}

/** In front of what a row says, or behind it: three numbers of up to 20 digits, an owner, and what is between them. */
const mostBeside = 500

const noOwner = Buffer.from('\n')

const tab = 9
const lineFeed = 10

/** Bytes that are sent at once: few enough to be taken by a socket, and enough to last while the next rows are read. */
const sentAtOnce = 1_048_576

/**
 * The bytes of the rows of a batch, as COPY text (row-columns.ts): as they are staged, with how they are merged in front of what
 * they say, or whole, as call_recordings has them, with whose they are behind it.
 */
export class RowBytes {
  readonly #memory: BatchMemory
  /** What ends each row; null: the rows are to be staged. */
  #owner: Buffer | null
  #written = 0

  /** `owner`: of rows that are written whole; null: they are to be staged. */
  constructor(memory: BatchMemory, owner: RowOwner | null) {
    this.#memory = memory
    this.#owner =
      owner === null ? null : Buffer.from(`\t${owner.connectionKey}\t${copyText(owner.source)}\t${owner.runId}\n`)
  }

  get length(): number {
    return this.#written
  }

  get areWhole(): boolean {
    return this.#owner !== null
  }

  /** Begins a row, and returns where what it says is to begin. What is begun and not ended was never there. */
  begin(mask: number): number {
    return this.#putMerge(this.#memory.count, mask)
  }

  /** Where what a row says is written, from `said` on, with room for so many bytes of it. */
  room(said: number, bytes: number): Buffer {
    this.#memory.rows.reserve(said + bytes + mostBeside, said)
    return this.#memory.rows.buffer
  }

  /** Ends the row of which `said` to `end` is written, and notes it. */
  end(said: number, end: number, { idStart, version, ordinal, mask, isOne }: RowEnd): void {
    const place = this.#memory.count
    this.#memory.rows.reserve(end + mostBeside, end)
    const { buffer, view } = this.#memory.rows
    let at = end
    buffer[at++] = tab
    at = putWhole(buffer, at, version)
    const told = (mask & keepBit.source_version) === 0 ? at : end
    buffer[at++] = tab
    at = putWhole(buffer, at, ordinal)
    buffer[at++] = tab
    const digest = isOne ? rowDigest(view, said, told, digestSeed(mask)) : Number.NaN
    at = isOne ? putNumber(buffer, at, digest) : putWhole(buffer, at, null)
    this.#memory.note(version, ordinal, mask)
    this.#memory.noteDigest(digest)
    this.#memory.noteStarts(place, this.#written, idStart)
    this.#written = put(buffer, at, this.#owner ?? noOwner)
  }

  /** The rows can not, or no longer, go straight into call_recordings: they are written as they are staged. */
  mustBeStaged(): void {
    const owner = this.#owner
    if (owner === null) return
    const whole = Buffer.from(this.#memory.rows.buffer.subarray(0, this.#written))
    const ends = Array.from({ length: this.#memory.count }, (_, place) => this.#endOf(place))
    this.#owner = null
    this.#written = 0
    let from = 0
    for (const [place, end] of ends.entries()) {
      const begun = this.#written
      const said = this.#putMerge(place, this.#memory.maskOf(place))
      const length = end - owner.length - from
      const buffer = this.room(said, length)
      whole.copy(buffer, said, from, from + length)
      buffer[said + length] = lineFeed
      this.#written = said + length + 1
      this.#memory.noteStarts(place, begun, this.#memory.idStartOf(place) - from + said)
      from = end
    }
  }

  /** All rows. */
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
    const { digests, count } = this.#memory
    const { buffer } = this.#memory.rows
    let at = 0
    for (let place = 0; place < count; place += 1) {
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

  #putMerge(place: number, mask: number): number {
    const begun = this.#written
    this.#memory.rows.reserve(begun + mostBeside, begun)
    if (this.#owner !== null) return begun
    const { buffer } = this.#memory.rows
    let at = putNumber(buffer, begun, place)
    buffer[at++] = tab
    at = putNumber(buffer, at, mask)
    buffer[at++] = tab
    return at
  }

  #endOf(place: number): number {
    return place + 1 < this.#memory.count ? this.#memory.startOf(place + 1) : this.#written
  }
}
