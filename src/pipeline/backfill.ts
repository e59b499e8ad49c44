import { SourceProtocolError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { PlannedWindow, Window } from '../domain/window.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import { AccountProof, requireSameAccount } from './account-proof.ts'
import { asRun } from './as-run.ts'
import { type Completing, completeWindow } from './complete-window.ts'
import { workOrHalve } from './halve.ts'
import { Listings } from './listings.ts'
import { planBackfill } from './plan-windows.ts'
import { keptSince, retained } from './retained.ts'
import type { BackfillLoader, WindowLoader } from './window-loader.ts'
import type { WindowReading } from './window-reading.ts'
import { outcomeOf, tellProgress, type WindowsOutcome, type WindowsProgress } from './windows-outcome.ts'

export interface Backfill extends Omit<WindowReading, 'run' | 'account' | 'loader'> {
  readonly loader: BackfillLoader
  /** What is read; with the connection and the stream it names the backfill, and a killed one goes on with it. */
  readonly range: Window
  /** Reads covered time, too. */
  readonly again: boolean
  /** Goes on even when the source shows none of what is stored: it is the right account, and emptied. */
  readonly acceptAccount: boolean
}

/**
 * Reads a range of history as one run: the windows that an earlier backfill of exactly this range left, or else newly
 * planned ones; `again` begins anew. Covers time, and moves no re-read. The first window that fails ends the run; the next one begins there.
 */
export const backfill = async (job: Backfill): Promise<WindowsOutcome> => {
  const { loader, stream } = job
  const progress: WindowsProgress = { covered: [], done: 0, planned: 0 }
  const end = await asRun(job, async (run) => {
    const reading: WindowReading = { ...job, run, account: new AccountProof(job.acceptAccount) }
    await requireSameAccount(reading, job.acceptAccount)
    progress.covered.push(...(await loader.coverage(stream.axis)).covered)
    const windows = await planWindows(job, progress.covered)
    progress.planned = windows.length
    const listings = new Listings(stream, job.context)
    try {
      while (await readNext(job, reading, { windows, listings }, progress));
    } finally {
      await listings.close()
    }
    const left = await loader.unfinished(stream.axis, job.range)
    if (left.length > 0) {
      throw new SourceProtocolError(
        `connection ${job.connectionId}: ${left.length} windows are left, for the clock of the source has not reached them; the same command goes on with them`,
      )
    }
  })
  return outcomeOf(job, end, progress)
}

/** Returns the windows that are to be read, in time order. */
const planWindows = async (job: Backfill, covered: readonly Window[]): Promise<readonly Window[]> => {
  const { loader, stream, range, again, reporter, connectionId } = job
  if (again) await loader.discard(stream.axis, range)
  const left = await loader.unfinished(stream.axis, range)
  if (left.some(({ window }) => window.from < keptSince(stream, job.now()))) return planRetained(job, left)
  if (left.length > 0) {
    reporter.info(`goes on with ${left.length} windows that were left`, { connection: connectionId })
    return left.map(({ window }) => window)
  }
  const windows = planBackfill(retained(job, range), covered, stream.maxWindow, again)
  if (windows.length > 0) await loader.plan(stream.axis, range, windows)
  return windows
}

/** What is left, where the source still has it: what it has forgotten meanwhile would be read as empty, and covered. */
const planRetained = async (job: Backfill, left: readonly PlannedWindow[]): Promise<readonly Window[]> => {
  const { loader, stream, range } = job
  const from = Math.min(...left.map(({ window }) => window.from))
  const kept = retained(job, { from, to: Math.max(...left.map(({ window }) => window.to)) })
  const windows = left
    .map(({ window }) => ({ from: Math.max(window.from, kept.from), to: window.to }))
    .filter((window) => window.from < window.to)
  await loader.discard(stream.axis, range)
  if (windows.length > 0) await loader.plan(stream.axis, range, windows)
  return windows
}

interface Planned extends Pick<Completing, 'listings'> {
  /** As planned when the run began; others may have read some of them since. */
  readonly windows: readonly Window[]
}

/** False: no window is left. A window is claimed when it may be read, so that no run keeps one that it does not read. */
const readNext = (
  { loader, stream, range, ...job }: Backfill,
  reading: WindowReading,
  planned: Planned,
  progress: WindowsProgress,
) => {
  job.context.signal.throwIfAborted()
  return loader.exclusively(async () => {
    const claimed = await loader.claim(reading.run, stream.axis, range)
    if (claimed === null) return false
    await readClaimed(loader, reading, { ...claimed, ...planned }, progress)
    return true
  })
}

const readClaimed = async (
  loader: BackfillLoader,
  reading: WindowReading,
  { windowKey, window: claimed, windows, listings }: PlannedWindow & Planned,
  progress: WindowsProgress,
): Promise<void> => {
  const { reached } = reading
  await reached('window-begun')
  await workOrHalve(reading, windowKey, claimed, {
    attempt: async (window, next) => {
      const committed = async () => {
        await loader.renewLease(windowKey)
        tellProgress(reading, window, progress)
      }
      const following = next ?? windows.find(({ from }) => from >= window.to) ?? null
      const completing = { windowKey, window, rereads: {}, committed, listings, following }
      progress.covered.push(await completeWindow(reading, completing))
      progress.done += 1
      tellProgress(reading, window, progress)
    },
    // The second half is planned, and claimed when its turn comes: it comes next.
    shorten: (at) => {
      progress.planned += 1
      return loader.split(windowKey, at)
    },
  })
  await reached('window-completed')
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
  /** Our clock. */
  readonly now: () => EpochMicros
}

/** What a backfill would read now; reads and writes nothing. */
export const estimateBackfill = async (planning: BackfillPlanning): Promise<BackfillEstimate> => {
  const { stream, loader, range, again, context } = planning
  const left = again ? [] : (await loader.unfinished(stream.axis, range)).map(({ window }) => window)
  const { covered } = await loader.coverage(stream.axis)
  const windows = left.length > 0 ? left : planBackfill(retained(planning, range), covered, stream.maxWindow, again)
  if (windows.length === 0) return { windows: 0, records: 0, requests: 0, etaSeconds: 0 }
  const estimate = await stream.estimate?.(windows, context)
  if (estimate === undefined) return { windows: windows.length, records: null, requests: null, etaSeconds: null }
  const { records, requests, requestsPerSecond } = estimate
  return { windows: windows.length, records, requests, etaSeconds: Math.ceil(requests / requestsPerSecond) }
}
