import type { ReadCounts } from '../domain/batch.ts'
import { addReadCounts, noReadCounts } from '../domain/counts.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { OneAhead } from './one-ahead.ts'
import { type BatchSettings, RecordBatch } from './record-batch.ts'
import type { WindowReading } from './window-reading.ts'

/** A batch is committed when it is that old, full or not: what a slow source gave is not lost with the process. */
const maxAge = 10_000_000

/** Cuts what is read into batches; the next one is read while one is committed, unless answers are huge. */
export class BatchWriter {
  readonly #reading: WindowReading
  readonly #settings: BatchSettings
  readonly #committed: () => Promise<void>
  readonly #commits = new OneAhead()
  #batch: RecordBatch
  #begunAt: EpochMicros
  #counts = noReadCounts

  /** `committed` is told after every batch, before the next is committed. */
  constructor(reading: WindowReading, committed: () => Promise<void>) {
    this.#reading = reading
    this.#committed = committed
    this.#settings = {
      recordsKept: reading.recordsKept,
      batchRows: reading.batchRows,
      flatten: (record, context) => reading.stream.flatten(record, context),
      place: (row) => reading.place(row),
      now: reading.now,
      newSink: () => reading.loader.newSink(reading.run, null),
    }
    this.#batch = new RecordBatch(this.#settings)
    this.#begunAt = reading.now()
  }

  /** What is being filled: the caller adds to it, and then calls `cut`. */
  get batch(): RecordBatch {
    return this.#batch
  }

  /** What the batches committed so far have counted. */
  get counts(): ReadCounts {
    return this.#counts
  }

  /** Commits the batch if it is full or old. */
  async cut(): Promise<void> {
    const isOld = this.#reading.now() - this.#begunAt >= maxAge
    if (!this.#batch.isFull && !isOld) return
    await this.#submit()
    if (this.#reading.context.sizes?.areHuge === true) await this.settle()
  }

  /** Commits what is left, and waits until it is. */
  async flush(): Promise<void> {
    await this.#submit()
    await this.settle()
  }

  /**
   * Waits until the warehouse is free: a question asked in the middle of a batch would be answered inside its transaction,
   * and fail with it.
   */
  settle(): Promise<void> {
    return this.#commits.settle()
  }

  async #submit(): Promise<void> {
    const batch = this.#batch
    this.#begunAt = this.#reading.now()
    if (batch.isEmpty) return
    this.#batch = new RecordBatch(this.#settings)
    const finished = batch.finish(null)
    await this.#commits.submit(async () => {
      const counted = await this.#reading.loader.commitBatch(this.#reading.run, finished)
      this.#counts = addReadCounts(this.#counts, counted)
      await this.#committed()
    })
  }
}
