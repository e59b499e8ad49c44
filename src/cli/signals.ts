import { type ExitName, exitCodes } from '../terminal/exit-code.ts'
import type { Log } from '../terminal/log.ts'

export interface Signals {
  readonly signal: AbortSignal
  stop(): void
}

/** The exit that a stopped command has. */
export const exitOfSignal = (signal: AbortSignal): ExitName =>
  signal.reason === 'SIGTERM' ? 'terminated' : 'interrupted'

/**
 * The first SIGINT or SIGTERM lets the current batch end; the second ends the process at once, which costs only that
 * batch: it is read again by the next run. `beforeExit` gives the terminal back as it was; `stopping` says in the log what
 * the command does at the first one.
 */
export const watchSignals = (
  log: Log,
  beforeExit: () => void,
  stopping = 'stopping after the current batch',
): Signals => {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      beforeExit()
      process.exit(exitCodes[exitOfSignal(controller.signal)].code)
    }
    log.warn(`${name}: ${stopping}; once more stops at once`)
    controller.abort(name)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
