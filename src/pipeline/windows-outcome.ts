import { contiguousEnd } from '../domain/coverage.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { RunCounts } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import type { RunEnd } from './as-run.ts'
import { startOf } from './retained.ts'
import type { WindowReading } from './window-reading.ts'

/** What a run over windows has read so far, and knows that it will read. */
export interface WindowsProgress {
  /** What was covered when it began, and by it since. */
  readonly covered: Window[]
  done: number
  planned: number
}

export interface WindowsOutcome extends RunEnd {
  readonly counts: RunCounts
  /** Windows that were read completely. */
  readonly windows: number
  /** Until when everything from the stream's start on is read; null = not even the start is. */
  readonly readUntil: EpochMicros | null
}

export const outcomeOf = (
  { loader, stream, now }: Pick<WindowReading, 'loader' | 'stream' | 'now'>,
  end: RunEnd,
  { covered, done }: WindowsProgress,
): WindowsOutcome => {
  const start = startOf(stream, now())
  const readUntil = contiguousEnd(covered, start)
  const counts = loader.committed()
  return { ...end, counts, windows: done, readUntil: readUntil > start ? readUntil : null }
}

export const tellProgress = (
  { connectionId, stream, loader, reporter }: Pick<WindowReading, 'connectionId' | 'stream' | 'loader' | 'reporter'>,
  window: Window,
  { done, planned }: WindowsProgress,
): void => {
  const records = loader.committed().read.listed
  reporter.windowProgress({ connection: connectionId, stream: stream.name, window, done, planned, records })
}
