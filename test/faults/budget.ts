import { budget } from './tally.ts'

/**
 * How many schedules a family runs: `slice` of them in `npm test`; of a budget its share, or as many as fit into its share
 * of the time. A schedule that has begun is ended.
 */
export const budgetOf = (
  slice: number,
  share: number,
): { readonly numRuns: number; readonly interruptAfterTimeLimit?: number } => {
  if (budget.schedules !== null) return { numRuns: Math.ceil(budget.schedules * share) }
  if (budget.seconds === null) return { numRuns: slice }
  return { numRuns: 1_000_000, interruptAfterTimeLimit: budget.seconds * 1000 * share }
}

/** For tests that take a share of the budget. */
export const timeoutOf = (share: number): number =>
  120_000 + (budget.seconds ?? 0) * 1000 * share * 2 + (budget.schedules ?? 0) * share * 10_000
