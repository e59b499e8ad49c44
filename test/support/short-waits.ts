/** Between attempts of a request, in tests of what becomes of it; how long waits are is tested where requests are made (sources/http/retry). */
export const shortWaits = { firstDelayMs: 10 }

/** The same for the program; and the waits that operators have, where something is not over sooner. */
export const shortWaitsEnv = { REELHOUSE_FIRST_DELAY_MS: String(shortWaits.firstDelayMs) }
export const usualWaits = { REELHOUSE_FIRST_DELAY_MS: '' }
