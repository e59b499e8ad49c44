import { afterEach } from 'vitest'
import { tally } from './tally.ts'

/** Every test of the file is a schedule of this fault. */
export const tallyEach = (fault: string): void => {
  afterEach(({ task }) => tally(fault, { schedules: 1, violations: task.result?.state === 'fail' ? 1 : 0 }))
}
