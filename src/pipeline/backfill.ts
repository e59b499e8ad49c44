import type { Run } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import { asRun } from './as-run.ts'
import { completeWindow } from './complete-window.ts'
import { workOrHalve } from './halve.ts'
import { planBackfill } from './plan-windows.ts'
import type { BackfillLoader, PlannedWindow, WindowLoader } from './window-loader.ts'
import type { WindowReading } from './window-reading.ts'
import { outcomeOf, tellProgress, type WindowsOutcome, type WindowsProgress } from './windows-outcome.ts'

export interface Backfill extends Omit<WindowReading, 'run' | 'loader'> {
  readonly loader: BackfillLoader
  /** What is read; with the connection and the stream it names the backfill, and a killed one goes on with it. */
  readonly range: Window
  /** Reads covered time, too. */
  readonly again: boolean
}

/**
 * Reads a range of history as one run: the windows that an earlier backfill of exactly this range left, or else newly
 * planned ones. Covers time, and moves no re-read. The first window that fails ends the run; the next one begins there.
 */
export const backfill = async (job: Backfill): Promise<WindowsOutcome> => {
  const { loader, stream } = job
  const progress: WindowsProgress = { covered: [], done: 0, planned: 0 }
  const end = await asRun(job, async (run) => {
    progress.covered.push(...(await loader.coverage(stream.axis)).covered)
    progress.planned = await planWindows(job, progress.covered)
    const claim = () => loader.claim(run, stream.axis, job.range)
    for (let next = await claim(); next !== null; next = await claim()) {
      job.context.signal.throwIfAborted()
      await readClaimed(job, run, next, progress)
    }
  })
  return outcomeOf(job, end, progress)
}

/** Returns how many windows are to be read. */
const planWindows = async ({ loader, stream, range, again }: Backfill, covered: readonly Window[]): Promise<number> => {
  const left = await loader.unfinished(stream.axis, range)
  if (left.length > 0) return left.length
  const windows = planBackfill(range, covered, stream.maxWindow, again)
  if (windows.length > 0) await loader.plan(stream.axis, range, windows)
  return windows.length
}

const readClaimed = async (
  job: Backfill,
  run: Run,
  { windowKey, window: claimed }: PlannedWindow,
  progress: WindowsProgress,
): Promise<void> => {
  const { loader, reached } = job
  const reading: WindowReading = { ...job, run }
  await loader.exclusively(async () => {
    await loader.renewLease(windowKey)
    await reached('window-begun')
    await workOrHalve(reading, windowKey, claimed, {
      attempt: async (window) => {
        const committed = async () => {
          await loader.renewLease(windowKey)
          tellProgress(job, window, progress)
        }
        progress.covered.push(await completeWindow(reading, { windowKey, window, rereads: {}, committed }))
        progress.done += 1
        tellProgress(job, window, progress)
      },
      // The second half is planned, and claimed when its turn comes: it comes next.
      shorten: (at) => {
        progress.planned += 1
        return loader.split(windowKey, at)
      },
    })
    await reached('window-completed')
  })
}

export interface BackfillEstimate {
  readonly windows: number
  /** Null: the source cannot say. */
  readonly records: number | null
  readonly requests: number | null
  readonly etaSeconds: number | null
}

export interface BackfillPlanning {
  readonly stream: WindowStream
  readonly loader: Pick<BackfillLoader, 'unfinished'> & Pick<WindowLoader, 'coverage'>
  readonly range: Window
  readonly again: boolean
  readonly context: ReadContext
}

/** What a backfill would read now; reads and writes nothing. */
export const estimateBackfill = async (planning: BackfillPlanning): Promise<BackfillEstimate> => {
  const { stream, loader, range, again, context } = planning
  const left = (await loader.unfinished(stream.axis, range)).map(({ window }) => window)
  const { covered } = await loader.coverage(stream.axis)
  const windows = left.length > 0 ? left : planBackfill(range, covered, stream.maxWindow, again)
  if (windows.length === 0) return { windows: 0, records: 0, requests: 0, etaSeconds: 0 }
  const estimate = await stream.estimate?.(windows, context)
  if (estimate === undefined) return { windows: windows.length, records: null, requests: null, etaSeconds: null }
  const { records, requests, requestsPerSecond } = estimate
  return { windows: windows.length, records, requests, etaSeconds: Math.ceil(requests / requestsPerSecond) }
}
