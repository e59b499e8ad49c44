import type { Batch, BatchSink } from '../domain/batch.ts'
import type { FileContent, FileLoad, FileMarks } from '../domain/file-load.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Run, RunCounts, RunState } from '../domain/run.ts'

/** What the pipeline needs of the warehouse, for one connection and one command. `load/` satisfies it; cli wires them. */
export interface Loader {
  /** Marks runs whose process died as abandoned. Throws LockHeldError when the same command runs already. */
  startRun(): Promise<Run>
  finishRun(run: Run, state: RunState, error: string | null): Promise<void>
  /** Runs work while nobody else reads a window or file of the connection; throws LockHeldError after a minute. */
  exclusively<T>(work: () => Promise<T>): Promise<T>

  /** The content of a file whose marks have not changed since it was read; null = it must be read. */
  seenContent(marks: FileMarks): Promise<SeenContent | null>
  /** `readAt`: when reading the content began. */
  rememberSeen(marks: FileMarks, content: SeenContent, readAt: EpochMicros): Promise<void>
  isLoaded(file: FileContent): Promise<boolean>
  /** Hashes of contents that are not loaded completely, with one mapping or another: few. */
  unfinishedContents(): Promise<ReadonlySet<string>>
  beginFile(file: FileContent): Promise<FileLoad>
  /** For the rows and records of one batch. `fileVersion`: of the file that they are read from; null = it has none. Null: they are held. */
  newSink(run: Run, fileVersion: number | null): BatchSink | null
  /** Batches of a file that may be on their way at a time. */
  readonly batchesAtATime: number
  /** Commits the batch with the run's counters. Batches of a file commit in the order of the calls; of anything else one at a time. */
  commitBatch(run: Run, batch: Batch): Promise<unknown>
  /** What the run has committed so far. */
  committed(): RunCounts
  completeFile(fileKey: number, total: number, run: Run): Promise<void>
}

export interface SeenContent {
  readonly contentHash: string
  readonly contentBytes: number
}
