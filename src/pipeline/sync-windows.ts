import { subtract } from '../domain/coverage.ts'
import { ConfigError, LockHeldError, ReelhouseError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { AccountProof, requireSameAccount } from './account-proof.ts'
import { asRun } from './as-run.ts'
import { type Completing, completeWindow } from './complete-window.ts'
import { readFollowUps } from './follow-ups.ts'
import { workOrHalve } from './halve.ts'
import { Listings } from './listings.ts'
import { type PlannedRead, planBesideChanges, planChanges, planSync, type SyncPlanning } from './plan-windows.ts'
import { keptSince, retained } from './retained.ts'
import type { WindowReading } from './window-reading.ts'
import { outcomeOf, tellProgress, type WindowsOutcome, type WindowsProgress } from './windows-outcome.ts'

export interface WindowsSync extends Omit<WindowReading, 'run' | 'account'> {
  /** Goes on even when the source shows none of what is stored: it is the right account, and emptied. */
  readonly acceptAccount: boolean
}

/**
 * Reads what is due by its ids, and then the windows that a sync plans, as one run. What cannot be asked for by id keeps no
 * window from being read; the first window that fails ends the run, and the next one begins there.
 */
export const syncWindows = async (sync: WindowsSync): Promise<WindowsOutcome> => {
  const { stream } = sync
  const progress: WindowsProgress = { covered: [], done: 0, planned: 0 }
  const end = await asRun(sync, async (run, failed) => {
    const reading: WindowReading = { ...sync, run, account: new AccountProof(sync.acceptAccount) }
    await requireSameAccount(reading, sync.acceptAccount)
    await readFollowUps(reading).catch((error: unknown) => {
      if (!mayGoOn(error)) throw error
      failed(error)
    })
    await sync.reached('follow-ups-read')
    if (stream.changes !== undefined)
      await readAxis({ ...reading, stream: { ...stream, ...stream.changes } }, planChanges, progress)
    const plan = stream.changes === undefined ? planSync : planBesideChanges
    await readAxis(reading, plan, progress)
  })
  return outcomeOf(sync, end, progress)
}

type Plan = (planning: SyncPlanning) => readonly PlannedRead[]

/** Changes come first: none is missed of what is read of the other axis after them. */
const readAxis = async (reading: WindowReading, plan: Plan, progress: WindowsProgress): Promise<void> => {
  const { stream, loader, force } = reading
  const now = reading.now()
  const coverage = await loader.coverage(stream.axis)
  progress.covered.push(...coverage.covered)
  const planned = plan({ now, coverage: force ? { ...coverage, rereads: {} } : coverage, stream })
  progress.planned += planned.length
  if (planned.length > 0 && plan !== planChanges) tellLost(reading, progress)
  const listings = new Listings(stream, reading.context)
  try {
    for (const [n, next] of planned.entries()) {
      const following = planned[n + 1]?.window ?? null
      await readPlanned(reading, { ...next, startedAt: now, listings, following }, progress)
    }
  } finally {
    await listings.close()
  }
}

/** Time that was never read, and that the source has forgotten by now: told once, when it ends where reading begins. */
const tellLost = (reading: WindowReading, { covered }: WindowsProgress): void => {
  const { stream, now } = reading
  const since = keptSince(stream, now())
  const lost = subtract({ from: stream.start, to: since }, covered).at(-1)
  if (lost?.to === since) retained(reading, lost)
}

const mayGoOn = (error: unknown): error is ReelhouseError =>
  error instanceof ReelhouseError && !(error instanceof ConfigError) && !(error instanceof LockHeldError)

interface Reading extends PlannedRead, Pick<Completing, 'listings' | 'following'> {
  /** When the reads of the axis were planned. */
  readonly startedAt: EpochMicros
}

/** A window and, where it must be halved, the parts of it one after the other; each is complete by itself. */
const readPlanned = async (
  reading: WindowReading,
  { window: whole, purpose, closes, startedAt, listings, following: afterwards }: Reading,
  progress: WindowsProgress,
): Promise<void> => {
  const { loader, stream, run, reached } = reading
  const parts = [whole]
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const begun = part
    const rest = await loader.exclusively(async () => {
      reading.context.signal.throwIfAborted()
      const windowKey = await loader.beginWindow(run, stream.axis, begun, purpose)
      await reached('window-begun')
      const left = await workOrHalve(reading, windowKey, begun, {
        attempt: async (window, next) => {
          const rereads = window.to === whole.to ? Object.fromEntries(closes.map((name) => [name, startedAt])) : {}
          const committed = async () => tellProgress(reading, window, progress)
          const following = next ?? parts[0] ?? afterwards
          const completing = { windowKey, window, rereads, committed, listings, following }
          progress.covered.push(await completeWindow(reading, completing))
          progress.done += 1
          tellProgress(reading, window, progress)
        },
        shorten: (at) => {
          progress.planned += 1
          return loader.shortenWindow(windowKey, at)
        },
      })
      await reached('window-completed')
      return left
    })
    parts.unshift(...rest)
  }
}
