import { WindowTooLarge } from '../domain/errors.ts'
import type { Window } from '../domain/window.ts'
import { failureOf, messageOf, windowText } from './window-failure.ts'
import type { WindowReading } from './window-reading.ts'

/** How a window is worked on that its ledger knows by its key. */
export interface WindowWork {
  /** Throws WindowTooLarge when the window must be halved. `next`: the part of it that comes behind; null = none. */
  attempt(window: Window, next: Window | null): Promise<void>
  /** The window ends at `at` instead. */
  shorten(at: number): Promise<void>
}

type Halving = Pick<WindowReading, 'connectionId' | 'context'> & {
  readonly loader: Pick<WindowReading['loader'], 'failWindow'>
}

/**
 * Works on a window, or on the first part of it that is small enough; returns the parts that are left, in time order. When
 * it fails, also because it cannot be halved any more or the run is stopped, the ledger says so; throws why.
 */
export const workOrHalve = async (
  { connectionId, context, loader }: Halving,
  windowKey: number,
  whole: Window,
  work: WindowWork,
): Promise<readonly Window[]> => {
  const rest: Window[] = []
  let window = whole
  try {
    for (;;) {
      const tooLarge = await unlessTooLarge(() => work.attempt(window, rest[0] ?? null))
      if (tooLarge === null) return rest
      const middle = window.from + Math.floor((window.to - window.from) / 2)
      if (middle === window.from) throw tooLarge
      await work.shorten(middle)
      rest.unshift({ from: middle, to: window.to })
      window = { from: window.from, to: middle }
    }
  } catch (error) {
    const stopped = context.signal.aborted && error === context.signal.reason
    const failure = stopped ? error : failureOf(error, connectionId, `window ${windowText(window)}`)
    const message = stopped ? 'stopped before it was read completely' : messageOf(failure)
    // A warehouse that is gone cannot be told so: what failed first is what the operator needs to see.
    await loader.failWindow(windowKey, message).catch(() => undefined)
    throw failure
  }
}

const unlessTooLarge = async (attempt: () => Promise<void>): Promise<WindowTooLarge | null> => {
  try {
    await attempt()
    return null
  } catch (error) {
    if (error instanceof WindowTooLarge) return error
    throw error
  }
}
