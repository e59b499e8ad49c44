import type { Batch, BatchSink } from '../domain/batch.ts'
import { BatchMemory } from './batch-memory.ts'
import type { RowEncoding } from './encode-row.ts'
import { EncodedRecords } from './encoded-records.ts'
import { EncodedRows } from './encoded-rows.ts'

/** The rows of a batch and what is kept of its records, as they are sent. */
export class EncodedBatch implements BatchSink {
  readonly rows: EncodedRows
  readonly records: EncodedRecords
  /** Free when the batch has committed. */
  readonly memory: BatchMemory

  /** `memory`: empty, and nobody else uses it until the batch has committed. */
  constructor(encoding: RowEncoding, memory: BatchMemory = new BatchMemory()) {
    this.memory = memory
    this.rows = new EncodedRows(encoding, memory)
    this.records = new EncodedRecords(encoding.redact, memory.records)
  }
}

/** The batch as it was encoded while it came, or what it holds. */
export const encodedBatch = (
  { sink, rows, records, fileProgress }: Batch,
  { redact, owner = null }: Pick<RowEncoding, 'redact' | 'owner'>,
): EncodedBatch => {
  if (sink instanceof EncodedBatch) return sink
  const encoded = new EncodedBatch({ fileVersion: fileProgress?.version ?? null, redact, owner })
  for (const row of rows) encoded.rows.add(row)
  for (const record of records) encoded.records.add(record)
  return encoded
}
