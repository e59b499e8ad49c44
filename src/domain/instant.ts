/**
 * An instant as whole microseconds since 1970-01-01T00:00:00Z.
 *
 * Vendors tie and page at microseconds, so `Date` (milliseconds) is never used for one. A JavaScript number holds every
 * microsecond up to the year 2255 exactly; readers refuse instants outside [earliestInstant, latestInstant].
 */
export type EpochMicros = number

/** 1900-01-01T00:00:00Z: before it no telephone call was recorded; an earlier value is a broken cell. */
export const earliestInstant: EpochMicros = -2_208_988_800_000_000

/** 2200-01-01T00:00:00Z: sentinels such as the year 9999 lie behind it and are refused, never stored. */
export const latestInstant: EpochMicros = 7_258_118_400_000_000
