import fc from 'fast-check'
import { expect } from 'vitest'
import { budgetOf } from './budget.ts'
import { seed, tally } from './tally.ts'

/** How many schedules a family tries in `npm test`, and its share of the budget of `npm run faults`. */
export interface Family {
  readonly fault: string
  readonly slice: number
  readonly share: number
}

/** The one schedule to play, instead of all: what a violation has printed. */
const one = process.env.FAULTS_SCHEDULE

/**
 * Tries schedules, and counts them in the report. The first that breaks something is shrunk; the message has the seed that
 * finds it again and the schedule as JSON.
 */
export const checkSchedules = async <T>(
  { fault, slice, share }: Family,
  schedules: fc.Arbitrary<T>,
  run: (schedule: T) => Promise<void>,
): Promise<void> => {
  if (one !== undefined) return run(JSON.parse(one))
  let tried = 0
  let running: Promise<void> = Promise.resolve()
  const counted = (schedule: T): Promise<void> => {
    tried += 1
    running = run(schedule)
    return running
  }
  const details = await fc.check(fc.asyncProperty(schedules, counted), { seed, ...budgetOf(slice, share) })
  // The end of the budget waits for nobody: what is in the middle of a schedule would go on below the next test.
  await running.catch(() => undefined)
  tally(fault, { schedules: tried, violations: details.failed ? 1 : 0 })
  if (!details.failed) return
  const { errorInstance, counterexample } = details
  const what = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)
  expect.fail(`FAULTS_SEED=${seed}, schedule ${JSON.stringify(counterexample?.[0])}\n${what}`)
}
