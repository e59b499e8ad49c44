import { noReadCounts } from '../domain/counts.ts'
import { cut } from '../domain/coverage.ts'
import { ReelhouseError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Run } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import { asRun, type RunEnd } from './as-run.ts'
import { compareWindow } from './compare-window.ts'
import { workOrHalve } from './halve.ts'
import type { Reporter } from './reporter.ts'
import { retained } from './retained.ts'
import { windowText } from './window-failure.ts'
import type { WindowLoader } from './window-loader.ts'

export interface Verification {
  readonly connectionId: string
  readonly stream: WindowStream
  readonly loader: WindowLoader
  readonly reporter: Reporter
  readonly context: ReadContext
  readonly range: Window
  /** Compares ids even where the counts agree. */
  readonly ids: boolean
  /** Our clock. */
  readonly now: () => EpochMicros
}

/** Records of one kind: how many, and the ids of the first hundred. */
export interface Found {
  readonly count: number
  readonly ids: readonly string[]
}

/** What comparing a window has shown; both bounds are inclusive, as they are at the sources. */
export interface WindowFinding {
  readonly window: Window
  readonly sourceCount: number
  readonly storedCount: number
  /** The source lists it; the warehouse has not got it, or as deleted, or has lost its rows. */
  readonly missing: Found
  /** The warehouse has it; the source proves that it has no such record. */
  readonly vanished: Found
  /** The source has it at another time now. */
  readonly moved: Found
  /** The source has it, at a time inside the window, and does not list it. */
  readonly unlisted: Found
  /** The warehouse has it; the source refuses to show it, or it has no id to ask for. */
  readonly unavailable: Found
}

export interface VerifyOutcome extends RunEnd {
  /** In time order; of a window that was halved, its parts. */
  readonly windows: readonly WindowFinding[]
}

/**
 * Compares the source with the warehouse, window by window, as one run; loads nothing. Fails when the warehouse lacks a
 * record, after all windows were compared.
 */
export const verify = async (verification: Verification): Promise<VerifyOutcome> => {
  const { stream, range, reporter, connectionId, context } = verification
  const windows: WindowFinding[] = []
  const end = await asRun(verification, async (run) => {
    const parts = [...cut([retained(verification, range)], stream.maxWindow)]
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      context.signal.throwIfAborted()
      parts.unshift(...(await verifyWindow(verification, run, part, (finding) => windows.push(finding))))
      const [done, planned] = [windows.length, windows.length + parts.length]
      const records = windows.reduce((sum, { sourceCount }) => sum + sourceCount, 0)
      reporter.windowProgress({ connection: connectionId, stream: stream.name, window: part, done, planned, records })
    }
    const wrong = windows.filter(({ missing }) => missing.count > 0)
    if (wrong.length > 0) throw new ReelhouseError(`connection ${connectionId}: ${summaryOf(wrong)}`)
  })
  return { ...end, windows }
}

/** Returns the parts of the window that are left, when it had to be halved. */
const verifyWindow = (
  { connectionId, stream, loader, context, ids }: Verification,
  run: Run,
  whole: Window,
  found: (finding: WindowFinding) => void,
): Promise<readonly Window[]> =>
  loader.exclusively(async () => {
    const windowKey = await loader.beginWindow(run, stream.axis, whole, 'verify')
    return workOrHalve({ connectionId, context, loader }, windowKey, whole, {
      attempt: async (window) => {
        const finding = await compareWindow({ stream, loader, context, ids }, window)
        await loader.completeWindow(run, windowKey, {
          axis: stream.axis,
          read: window,
          proof: stream.proof,
          sourceTotal: finding.sourceCount,
          counts: noReadCounts,
          rereads: {},
          grows: false,
        })
        found(finding)
      },
      shorten: (at) => loader.shortenWindow(windowKey, at),
    })
  })

const summaryOf = (wrong: readonly WindowFinding[]): string => {
  const missing = wrong.reduce((total, finding) => total + finding.missing.count, 0)
  const first = wrong[0]
  return [
    `the warehouse lacks ${missing} records of the source`,
    `in ${wrong.length} windows${first === undefined ? '' : `, the first ${windowText(first.window)}`}`,
    'backfill --again of the range loads what is missing',
  ].join('; ')
}
