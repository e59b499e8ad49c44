import { ReelhouseError } from '../domain/errors.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { Reporter } from './reporter.ts'
import { messageOf } from './window-failure.ts'
import type { WindowLoader } from './window-loader.ts'

export interface RunEnd {
  readonly state: RunState
  readonly failures: readonly ReelhouseError[]
}

interface Invocation {
  readonly connectionId: string
  readonly loader: Pick<WindowLoader, 'startRun' | 'finishRun'>
  readonly reporter: Pick<Reporter, 'warn'>
  readonly context: { readonly signal: AbortSignal }
}

/**
 * Does the work as one run, and marks how it ended. What it throws ends it: the reason of the signal stops it, an error
 * fails it, a defect is thrown again. `failed` notes an error after which the work goes on.
 */
export const asRun = async (
  { connectionId, loader, reporter, context }: Invocation,
  work: (run: Run, failed: (error: ReelhouseError) => void) => Promise<void>,
): Promise<RunEnd> => {
  const run = await loader.startRun()
  const failures: ReelhouseError[] = []
  const failed = (error: ReelhouseError): void => {
    reporter.warn(error.message, { connection: connectionId })
    failures.push(error)
  }
  let state: RunState = 'succeeded'
  let defect: unknown
  try {
    await work(run, failed)
  } catch (error) {
    if (context.signal.aborted && error === context.signal.reason) state = 'stopped'
    else if (error instanceof ReelhouseError) failed(error)
    else defect = error ?? new Error('unknown defect')
  }
  if (failures.length > 0 || defect !== undefined) state = 'failed'
  const messages = failures.map((failure) => failure.message)
  if (defect !== undefined) messages.push(messageOf(defect))
  try {
    await loader.finishRun(run, state, messages.length === 0 ? null : messages.join('\n'))
  } catch (error) {
    // A warehouse that is gone cannot be told so: then the first failure is what the operator needs to see.
    if (messages.length === 0) throw error
  }
  if (defect !== undefined) throw defect
  return { state, failures }
}
