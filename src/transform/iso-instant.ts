import { dayNumber, microsPerDay, microsPerSecond } from './calendar.ts'

/** A date and time as written, and the offset written behind it. */
export interface WrittenInstant {
  /** Microseconds since 1970-01-01T00:00:00 on the clock that showed it. */
  readonly localMicros: number
  /** Microseconds east of UTC; null when the text names no zone. */
  readonly offsetMicros: number | null
}

/** Largest offset that is read, exclusive, as in Postgres; real ones end at +14:00. */
const offsetHours = 16

const scales = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1]

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Two digits as a number; NaN when there are none, so that one comparison at the end finds every broken part. */
const two = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

const below = (value: number, limit: number): number => (value < limit ? value : Number.NaN)

const dateMicros = (text: string): number =>
  text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45
    ? dayNumber(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8)) * microsPerDay
    : Number.NaN

const minuteMicros = (text: string): number => {
  const separator = text.charCodeAt(10)
  if ((separator !== 84 && separator !== 32) || text.charCodeAt(13) !== 58) return Number.NaN
  return (below(two(text, 11), 24) * 3600 + below(two(text, 14), 60) * 60) * microsPerSecond
}

/** `+hh`, `+hhmm` or `+hh:mm` up to the end of the text. */
const signedOffset = (text: string, at: number): number => {
  const length = text.length - at
  const hours = below(two(text, at + 1), offsetHours)
  const colon = text.charCodeAt(at + 3) === 58
  const minutes =
    length === 3 ? 0 : length === (colon ? 6 : 5) ? below(two(text, at + (colon ? 4 : 3)), 60) : Number.NaN
  return (hours * 3600 + minutes * 60) * microsPerSecond * (text.charCodeAt(at) === 45 ? -1 : 1)
}

/** Null at the end of the text, NaN for anything that is no offset. */
const offsetAt = (text: string, at: number): number | null => {
  if (at === text.length) return null
  const code = text.charCodeAt(at)
  if (code === 90) return at + 1 === text.length ? 0 : Number.NaN
  return code === 43 || code === 45 ? signedOffset(text, at) : Number.NaN
}

/** End of a fraction of one to nine digits, -1 when it has none or more. */
const fractionEnd = (text: string, start: number): number => {
  let end = start
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return end > start && end - start <= 9 ? end : -1
}

/** Cut, not rounded: the instant a source shows never lies behind the one it stored. */
export const fractionMicros = (digits: string): number => {
  const kept = digits.length > 6 ? digits.slice(0, 6) : digits
  return Number(kept) * (scales[kept.length] ?? Number.NaN)
}

const written = (localMicros: number, offsetMicros: number | null): WrittenInstant | null =>
  Number.isNaN(localMicros) || Number.isNaN(offsetMicros) ? null : { localMicros, offsetMicros }

/**
 * Reads `YYYY-MM-DD[T ]HH:MM[:SS[.f]]` and `Z`, `+hh:mm`, `+hhmm`, `+hh` or nothing behind it; null for anything else,
 * days and times that do not exist included. A fraction of up to nine digits is cut to microseconds.
 */
export const readIso = (text: string): WrittenInstant | null => {
  if (text.length < 16) return null
  const minute = dateMicros(text) + minuteMicros(text)
  if (text.charCodeAt(16) !== 58) return written(minute, offsetAt(text, 16))
  const second = minute + below(two(text, 17), 60) * microsPerSecond
  if (text.charCodeAt(19) !== 46) return written(second, offsetAt(text, 19))
  const end = fractionEnd(text, 20)
  return end === -1 ? null : written(second + fractionMicros(text.slice(20, end)), offsetAt(text, end))
}
