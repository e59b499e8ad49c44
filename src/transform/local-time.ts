import { IANAZone } from 'luxon'
import { ConfigError } from '../domain/errors.ts'
import type { EpochMicros } from '../domain/instant.ts'
import { microsPerDay, microsPerSecond } from './calendar.ts'

/** What a clock of the zone meant. */
export interface LocalInstant {
  /** Of two instants the first: the earlier offset, as DST ends. */
  readonly micros: EpochMicros
  /** The clock showed this time twice. */
  readonly overlap: boolean
}

/** The instant at which clocks of the zone showed a local time; null when none did (DST gap, skipped day). */
export type LocalTimeReader = (localMicros: number) => LocalInstant | null

/** The offsets around one day, and the instant from which `after` holds; Infinity on a day without a change. */
interface DayOffsets {
  readonly before: number
  readonly after: number
  readonly change: EpochMicros
}

type OffsetAt = (instant: EpochMicros) => number

/** Whole seconds: offsets of local mean time have them, luxon gives them as a fraction of a minute. */
const offsetsOf = (zone: IANAZone): OffsetAt => {
  return (instant) => Math.round(zone.offset(Math.floor(instant / 1000)) * 60) * microsPerSecond
}

/** The first second with another offset than at `from`. */
const changeBetween = (offsetAt: OffsetAt, from: EpochMicros, to: EpochMicros): EpochMicros => {
  const before = offsetAt(from)
  let low = from / microsPerSecond
  let high = to / microsPerSecond
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle * microsPerSecond) === before) low = middle
    else high = middle
  }
  return high * microsPerSecond
}

/**
 * Offsets lie within 24 hours of UTC, so every instant that a clock of the zone may have shown on this day lies between
 * the start of the day before it and the end of the day after it. Since 1900 no zone changed twice in so short a time.
 */
const dayOffsets = (offsetAt: OffsetAt, day: number): DayOffsets => {
  const from = (day - 1) * microsPerDay
  const to = (day + 2) * microsPerDay
  const before = offsetAt(from)
  const after = offsetAt(to)
  const change = before === after ? Number.POSITIVE_INFINITY : changeBetween(offsetAt, from, to)
  return { before, after, change }
}

const resolve = (offsets: DayOffsets, localMicros: number): LocalInstant | null => {
  const earlier = localMicros - offsets.before
  const later = localMicros - offsets.after
  if (earlier < offsets.change) return { micros: earlier, overlap: later >= offsets.change }
  return later >= offsets.change ? { micros: later, overlap: false } : null
}

/** Throws ConfigError when there is no such zone. Asks the zone once per day of the calendar that occurs, not per value. */
export const compileLocalTime = (zoneName: string): LocalTimeReader => {
  const zone = IANAZone.create(zoneName)
  if (!zone.isValid)
    throw new ConfigError([`time zone "${zoneName}" is unknown; write an IANA name (America/Chicago, UTC)`])
  const offsetAt = offsetsOf(zone)
  const known = new Map<number, DayOffsets>()
  return (localMicros) => {
    const day = Math.floor(localMicros / microsPerDay)
    const cached = known.get(day)
    if (cached !== undefined) return resolve(cached, localMicros)
    const offsets = dayOffsets(offsetAt, day)
    known.set(day, offsets)
    return resolve(offsets, localMicros)
  }
}
