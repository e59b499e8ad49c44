import { type EpochMicros, earliestInstant, latestInstant } from '../domain/instant.ts'
import { calendarDay, microsPerDay, microsPerSecond } from './calendar.ts'
import { excerpt } from './excerpt.ts'
import { readIso } from './iso-instant.ts'
import { compileLocalTime, type LocalTimeReader } from './local-time.ts'
import { compileLuxonFormat } from './luxon-instant.ts'
import { type Invalid, invalid, type Reading, read } from './reading.ts'
import { compileUnixFormat, isUnixFormat } from './unix-instant.ts'

export interface InstantSettings {
  /** `iso` (default), `unix_s`, `unix_ms`, `unix_us` or a luxon format; a list is tried in order. */
  readonly format?: string | readonly string[] | undefined
  /** IANA zone of instants written without one. */
  readonly zone?: string | undefined
}

/**
 * Codes: `invalid-instant` (not of the format, or no such day or time), `missing-zone`, `time-in-dst-gap`,
 * `instant-out-of-range` (before 1900 or after 2200). Note: `time-in-dst-overlap`. Expects trimmed text.
 */
export type InstantReader = (text: string) => Reading<EpochMicros>

const inRange = (text: string, micros: EpochMicros, note: string | null): Reading<EpochMicros> =>
  micros >= earliestInstant && micros <= latestInstant
    ? read(micros, note)
    : invalid('instant-out-of-range', `${excerpt(text)} lies outside 1900-01-01 to 2200-01-01`)

const inZone = (text: string, localMicros: number, zone: string, toInstant: LocalTimeReader): Reading<EpochMicros> => {
  const coarse = inRange(text, localMicros, null)
  if (coarse.kind === 'invalid') return coarse
  const local = toInstant(localMicros)
  if (local === null) return invalid('time-in-dst-gap', `no clock in ${zone} showed ${excerpt(text)}`)
  return inRange(text, local.micros, local.overlap ? 'time-in-dst-overlap' : null)
}

/** The zone of texts that name none. */
type LocalReader = (text: string, localMicros: number) => Reading<EpochMicros>

const compileLocalReader = (zone: string | undefined): LocalReader => {
  if (zone === undefined) {
    return (text) =>
      invalid('missing-zone', `${excerpt(text)} names no time zone; set the zone of the column or the connection`)
  }
  const toInstant = compileLocalTime(zone)
  return (text, localMicros) => inZone(text, localMicros, zone, toInstant)
}

const isoForm = 'YYYY-MM-DDTHH:MM:SS with Z, +hh:mm or no zone'

const compileIso = (inOwnZone: LocalReader): InstantReader => {
  return (text) => {
    const found = readIso(text)
    if (found === null) return invalid('invalid-instant', `${excerpt(text)} is no instant of the form ${isoForm}`)
    if (found.offsetMicros === null) return inOwnZone(text, found.localMicros)
    return inRange(text, found.localMicros - found.offsetMicros, null)
  }
}

const compileUnix = (format: 'unix_s' | 'unix_ms' | 'unix_us'): InstantReader => {
  const toMicros = compileUnixFormat(format)
  return (text) => {
    const micros = toMicros(text)
    return micros === null
      ? invalid('invalid-instant', `${excerpt(text)} is no number of ${format}`)
      : inRange(text, micros, null)
  }
}

const compileLuxon = (format: string, inOwnZone: LocalReader): InstantReader => {
  const parse = compileLuxonFormat(format)
  const zones = new Map<string, LocalTimeReader>()
  const inNamedZone = (text: string, localMicros: number, zone: string): Reading<EpochMicros> => {
    const toInstant = zones.get(zone) ?? compileLocalTime(zone)
    zones.set(zone, toInstant)
    return inZone(text, localMicros, zone, toInstant)
  }
  return (text) => {
    const found = parse(text)
    if (found === null) return invalid('invalid-instant', `${excerpt(text)} is no instant of the format "${format}"`)
    if (found.kind === 'instant') return inRange(text, found.micros, null)
    return found.zone === null ? inOwnZone(text, found.micros) : inNamedZone(text, found.micros, found.zone)
  }
}

const compileOne = (format: string, inOwnZone: LocalReader): InstantReader => {
  if (format === 'iso') return compileIso(inOwnZone)
  return isUnixFormat(format) ? compileUnix(format) : compileLuxon(format, inOwnZone)
}

/** Not of this format, perhaps of the next; a number too large for unix_s may be one of unix_ms. */
const mayTryNext = (reading: Invalid): boolean =>
  reading.code === 'invalid-instant' || reading.code === 'instant-out-of-range'

const firstOf = (formats: readonly string[], readers: readonly InstantReader[]): InstantReader => {
  return (text) => {
    let outOfRange: Invalid | null = null
    for (const reader of readers) {
      const reading = reader(text)
      if (reading.kind === 'value' || !mayTryNext(reading)) return reading
      if (reading.code === 'instant-out-of-range') outOfRange = reading
    }
    return outOfRange ?? invalid('invalid-instant', `${excerpt(text)} is of none of the formats ${formats.join(', ')}`)
  }
}

/** Throws ConfigError for an unknown zone and for a format that cannot name an instant. */
export const compileInstantReader = (settings: InstantSettings): InstantReader => {
  const inOwnZone = compileLocalReader(settings.zone)
  const format = settings.format ?? 'iso'
  if (typeof format === 'string') return compileOne(format, inOwnZone)
  return firstOf(
    format,
    format.map((one) => compileOne(one, inOwnZone)),
  )
}

const padded = (value: number, length: number): string => String(value).padStart(length, '0')

const two = (value: number): string => (value < 10 ? `0${value}` : String(value))

/** Canonical text: `YYYY-MM-DDTHH:MM:SSZ`, with exactly six digits of fraction when it is not whole. */
export const formatInstant = (micros: EpochMicros): string => {
  const days = Math.floor(micros / microsPerDay)
  const { year, month, day } = calendarDay(days)
  const inDay = micros - days * microsPerDay
  const seconds = Math.floor(inDay / microsPerSecond)
  const fraction = inDay - seconds * microsPerSecond
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${padded(year, 4)}-${two(month)}-${two(day)}T${clock}${fraction === 0 ? '' : `.${padded(fraction, 6)}`}Z`
}
