import type { AttemptFailed } from './attempt-failed.ts'
import { backoff } from './retry-wait.ts'

/** How long a request is tried. The waits are settings for tests only. */
export interface RetryLimits {
  /** Before the second attempt; doubled before each further one. */
  readonly firstDelayMs: number
  /** A longer wait is told to the operator. */
  readonly tellAboveMs: number
  /** A vendor that asks for a longer wait is left alone: the next run asks again. */
  readonly longestWaitMs: number
  /** All waits between the attempts of one request together. */
  readonly totalWaitMs: number
}

const standard: RetryLimits = {
  firstDelayMs: 500,
  tellAboveMs: 10_000,
  longestWaitMs: 180_000,
  totalWaitMs: 300_000,
}

export const maxAttempts = 6

/** An answer that is no JSON is a proxy's hiccup, or it stays as it is. */
const maxUnreadable = 3

export const retryLimits = (limits: Partial<RetryLimits> = {}): RetryLimits => ({ ...standard, ...limits })

/**
 * For one request: how many milliseconds to wait after its n-th attempt (from 1) failed; null = it is not tried again. A wait
 * that is too long is returned like any other: the pacer refuses it, and says so.
 */
export const repetitions = (
  limits?: Partial<RetryLimits>,
): ((failure: AttemptFailed, attempt: number) => number | null) => {
  const { firstDelayMs, longestWaitMs, totalWaitMs } = retryLimits(limits)
  let waitedMs = 0
  let unreadable = 0
  return (failure, attempt) => {
    if (failure.kind === 'unreadable') unreadable += 1
    if (!failure.again || unreadable >= maxUnreadable) return null
    const waitMs = failure.waitMs ?? backoff(attempt, firstDelayMs)
    waitedMs += waitMs
    return waitMs > longestWaitMs || waitedMs <= totalWaitMs ? waitMs : null
  }
}
