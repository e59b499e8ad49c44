import { budgetSeconds } from './tally.ts'

/**
 * How many schedules a family runs: `slice` of them in `npm test`; of a budget as many as fit into the family's share of
 * it, in milliseconds. A schedule that has begun is ended.
 */
export const budgetOf = (
  slice: number,
  share: number,
): { readonly numRuns: number; readonly interruptAfterTimeLimit?: number } =>
  budgetSeconds === null
    ? { numRuns: slice }
    : { numRuns: 1_000_000, interruptAfterTimeLimit: budgetSeconds * 1000 * share }

/** For tests that take a share of the budget. */
export const timeoutOf = (share: number): number => 120_000 + (budgetSeconds ?? 0) * 1000 * share * 2
