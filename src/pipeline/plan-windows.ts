import { cut, overlaps, subtract, unite } from '../domain/coverage.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Coverage, Reread, Window, WindowPurpose } from '../domain/window.ts'
import type { WindowStream } from '../sources/source.ts'
import { startOf } from './retained.ts'

export interface PlannedRead {
  readonly window: Window
  readonly purpose: Extract<WindowPurpose, 'sync' | 'reread'>
  /** Names of the re-reads that are complete when this window and those before it are. */
  readonly closes: readonly string[]
}

export interface SyncPlanning {
  /** Our clock. */
  readonly now: EpochMicros
  readonly coverage: Coverage
  readonly stream: Pick<WindowStream, 'start' | 'settlingDelay' | 'maxWindow' | 'rereads' | 'retention'>
}

/**
 * What a sync reads: first, in time order, what was never read together with the re-read of every run; then what deeper
 * re-reads that are due reach beyond that. With nothing new that is one window. A re-read looks behind the end of what is
 * covered, not of what is about to be: after days without a sync it still sees what was read last a second time.
 */
export const planSync = ({ now, coverage, stream }: SyncPlanning): readonly PlannedRead[] => {
  const { settlingDelay, maxWindow, rereads } = stream
  const start = startOf(stream, now)
  const end = Math.floor(now - settlingDelay)
  const open = subtract({ from: start, to: end }, coverage.covered)
  const coveredEnd = coverage.covered.reduce((latest, { to }) => Math.max(latest, Math.min(to, end)), start)
  const behind = ({ depth }: Reread): Window => ({ from: Math.max(start, coveredEnd - depth), to: end })

  const due = rereads.filter((reread) => isDue(reread, coverage, now))
  const first = unite([...open, ...rereads.filter(({ every }) => every === null).map(behind)])
  const further = unite(due.map(behind)).flatMap((range) => subtract(range, first))
  const windows = [...cut(first, maxWindow), ...cut(further, maxWindow)]
  const closedBy = new Map(
    due.map((reread) => [reread.name, windows.findLast((read) => overlaps(read, behind(reread)))]),
  )
  return windows.map((window) => ({
    window,
    purpose: open.some((range) => overlaps(range, window)) ? 'sync' : 'reread',
    closes: due.map(({ name }) => name).filter((name) => closedBy.get(name) === window),
  }))
}

const isDue = ({ name, every }: Reread, { rereads }: Coverage, now: EpochMicros): boolean => {
  if (every === null) return false
  const last = Object.hasOwn(rereads, name) ? rereads[name] : undefined
  return last === undefined || now - last >= every
}

/**
 * What a sync reads of an axis of changes. What changed before the first sync is read as it is now, where it lies in time:
 * so the axis begins with one window of it.
 */
export const planChanges = (planning: SyncPlanning): readonly PlannedRead[] => {
  const { now, coverage, stream } = planning
  const begin = coverage.covered[0]?.from ?? Math.floor(now - stream.settlingDelay) - stream.maxWindow
  return planSync({ ...planning, stream: { ...stream, start: Math.max(stream.start, begin) } })
}

/** What a sync reads of the axis of a stream that has changes besides: nothing, until a re-read is due. */
export const planBesideChanges = (planning: SyncPlanning): readonly PlannedRead[] => {
  const { now, coverage, stream } = planning
  const isWanted = stream.rereads.some((reread) => reread.every === null || isDue(reread, coverage, now))
  return isWanted || coverage.covered.length === 0 ? planSync(planning) : []
}

/** The windows of a backfill of the range, in time order; with `again` also what is covered. */
export const planBackfill = (
  range: Window,
  covered: readonly Window[],
  maxWindow: number,
  again: boolean,
): readonly Window[] => cut(subtract(range, again ? [] : covered), maxWindow)
