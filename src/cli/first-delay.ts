import { ConfigError } from '../domain/errors.ts'
import type { RetryLimits } from '../sources/http/retry-limits.ts'

/**
 * For tests of outages: `REELHOUSE_FIRST_DELAY_MS=10` shortens the waits between the attempts of a request, which are
 * multiples of the first. Undefined when it is not set.
 */
export const firstDelay = (text: string | undefined): Partial<RetryLimits> | undefined => {
  if (text === undefined || text === '') return undefined
  if (!/^[1-9]\d{0,2}$/.test(text)) {
    throw new ConfigError([`REELHOUSE_FIRST_DELAY_MS: "${text}" is not a number of milliseconds; allowed: 1 to 999`])
  }
  return { firstDelayMs: Number(text) }
}
