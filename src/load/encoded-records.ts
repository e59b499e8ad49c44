import type { RecordSink, SourceRecord } from '../domain/batch.ts'
import { recordTexts } from './encode-record.ts'
import { type GrowingBuffer, mostBytesOf } from './growing-buffer.ts'
import { redactRecord } from './redact-batch.ts'

/** Bytes that are sent at once. */
const sentAtOnce = 262_144

/** A payload of more characters gets its room at once: grown part by part, a buffer leaves as much garbage as it is large. */
const longPayload = 1_000_000

/** Of JSON that is escaped once more. */
const usuallyEscaped = 1.1

/** What is kept of the records of one batch, as COPY text (encode-record.ts), encoded as it comes. */
export class EncodedRecords implements RecordSink {
  readonly #redact: (text: string) => string
  readonly #buffer: GrowingBuffer
  #count = 0
  #written = 0
  #areRows = true

  /** `buffer`: nobody else uses it until the batch has committed. */
  constructor(redact: (text: string) => string, buffer: GrowingBuffer) {
    this.#redact = redact
    this.#buffer = buffer
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#written
  }

  /** All became rows, or are deleted. */
  get areRows(): boolean {
    return this.#areRows
  }

  add(record: SourceRecord): void {
    const { payload } = record
    if (payload !== null && payload.length > longPayload)
      this.#reserve(Math.ceil(Buffer.byteLength(payload) * usuallyEscaped))
    for (const text of recordTexts(redactRecord(record, this.#redact))) this.#put(text)
    this.#count += 1
    this.#areRows &&= record.outcome === 'row' || record.outcome === 'deleted'
  }

  *chunks(): Generator<Buffer, void, undefined> {
    for (let from = 0; from < this.#written; from += sentAtOnce)
      yield this.#buffer.buffer.subarray(from, Math.min(from + sentAtOnce, this.#written))
  }

  #reserve(bytes: number): void {
    this.#buffer.reserve(this.#written + bytes, this.#written)
  }

  #put(text: string): void {
    this.#reserve(mostBytesOf(text))
    this.#written += this.#buffer.buffer.write(text, this.#written)
  }
}
