import type { Batch, BatchSink, DueFollowUp, ReadCounts } from '../domain/batch.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import type { RecordRef } from '../domain/record-ref.ts'
import type { Run, RunCounts, RunState } from '../domain/run.ts'
import type { Coverage, PlannedWindow, Window, WindowCompletion, WindowPurpose } from '../domain/window.ts'

/** What the pipeline needs of the warehouse to read windows, for one connection, stream and command. `load/` satisfies it. */
export interface WindowLoader {
  /** Marks runs whose process died as abandoned. Throws LockHeldError when the same command runs already. */
  startRun(): Promise<Run>
  finishRun(run: Run, state: RunState, error: string | null): Promise<void>
  /**
   * Runs work while nobody else reads a window of the connection. A sync waits up to a minute, and others let it pass;
   * throws LockHeldError after that.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** For the rows and records of one batch, which are of no file. Null: they are held. */
  newSink(run: Run, fileVersion: null): BatchSink | null
  /** Commits the batch with the run's counters, which it returns: what was forgotten counts as skipped. One at a time. */
  commitBatch(run: Run, batch: Batch): Promise<ReadCounts>
  /** What the run has committed so far. */
  committed(): RunCounts

  /** Of the credentials that were used last; null = none were. */
  accountFingerprint(): Promise<string | null>
  rememberAccount(fingerprint: string): Promise<void>
  coverage(axis: string): Promise<Coverage>
  /** What is stored of these records, by id; unknown ones are absent. */
  knownRecords(recordIds: readonly string[]): Promise<ReadonlyMap<string, KnownRecord>>
  /** Ids, and what they belong to, of the stored records whose time on the axis lies in [from, to] and that are not deleted. */
  recordsIn(window: Window): AsyncGenerator<readonly RecordRef[], void, undefined>
  /** Of these stored records those whose rows are not there any more. */
  recordsWithoutRows(recordIds: readonly string[]): Promise<readonly string[]>
  /** The stored records with the latest times, none before `since`, that are not deleted. */
  newestRecords(limit: number, since: EpochMicros | null): Promise<readonly RecordRef[]>
  /** Records that are due at `now`, the longest due first; at most `limit`. */
  dueFollowUps(now: EpochMicros, limit: number): Promise<readonly DueFollowUp[]>

  beginWindow(run: Run, axis: string, window: Window, purpose: WindowPurpose): Promise<number>
  /** The window is read as halves: this one ends at `to` instead; what lies behind it is the caller's to begin. */
  shortenWindow(windowKey: number, to: EpochMicros): Promise<void>
  /** One transaction: the window is complete, its counters stand, coverage grows by it, the re-reads that it closes are noted. */
  completeWindow(run: Run, windowKey: number, completion: WindowCompletion): Promise<void>
  failWindow(windowKey: number, error: string): Promise<void>
}

/** The planned windows of one backfill, so that a killed one goes on where it was. */
export interface BackfillLoader extends WindowLoader {
  /** Windows of a backfill of exactly this range that are not complete. */
  unfinished(axis: string, range: Window): Promise<readonly PlannedWindow[]>
  plan(axis: string, range: Window, windows: readonly Window[]): Promise<void>
  /** Takes back the windows of a backfill of exactly this range that are not complete. */
  discard(axis: string, range: Window): Promise<void>
  /**
   * Takes the earliest planned, failed or given-up (its lease is over, or its run is dead) window of this range for the run,
   * unless this run has failed it already; null = none is left.
   */
  claim(run: Run, axis: string, range: Window): Promise<PlannedWindow | null>
  /** Keeps the window ours while it is read. */
  renewLease(windowKey: number): Promise<void>
  /** A claimed window becomes two: this one ends at `at`, the rest is planned. */
  split(windowKey: number, at: EpochMicros): Promise<void>
}
