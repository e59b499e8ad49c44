import { excerpt } from './excerpt.ts'
import type { Notes } from './member.ts'
import { invalid, type Reading, read } from './reading.ts'

export type DurationUnit = 's' | 'ms' | 'h:mm:ss'

/** Whole seconds, rounded half up. Code: `invalid-duration`. Expects trimmed text. */
export type DurationReader = (text: string) => Reading<number>

/** Largest value of a Postgres integer. */
const longest = 2_147_483_647

/** No sign, no exponent, no thousands separator: 1,234 is 1.234 elsewhere. */
const decimal = /^\d{1,16}(?:\.\d{1,30})?$/

const clock = /^(?:(\d{1,6}):(?=\d\d:))?(\d{1,6}):([0-5]\d(?:\.\d{1,9})?)$/

const allowed: Readonly<Record<DurationUnit, string>> = {
  s: 'seconds: digits, with a decimal point at most',
  ms: 'milliseconds: digits, with a decimal point at most',
  'h:mm:ss': 'a duration of the form h:mm:ss or m:ss',
}

const clockSeconds = (text: string): number => {
  const [, hours, minutes, seconds] = clock.exec(text) ?? []
  if (minutes === undefined || (hours !== undefined && Number(minutes) > 59)) return Number.NaN
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)
}

const decimalSeconds = (text: string, unitsPerSecond: number): number =>
  decimal.test(text) ? Number(text) / unitsPerSecond : Number.NaN

const secondsOf: Readonly<Record<DurationUnit, (text: string) => number>> = {
  s: (text) => decimalSeconds(text, 1),
  ms: (text) => decimalSeconds(text, 1000),
  'h:mm:ss': clockSeconds,
}

export const compileDurationReader = (unit: DurationUnit): DurationReader => {
  const toSeconds = secondsOf[unit]
  return (text) => {
    const seconds = toSeconds(text)
    const rounded = Math.round(seconds)
    if (seconds >= 0 && rounded <= longest) return read(rounded)
    const problem = seconds > longest ? `longer than ${longest} seconds` : `not ${allowed[unit]}`
    return invalid('invalid-duration', `${excerpt(text)} is ${problem}`)
  }
}

/** Whole seconds of a length that was computed; undefined with the note `duration-unreadable` beyond what can be stored. */
export const wholeSeconds = (seconds: number, notes: Notes): number | undefined => {
  const rounded = Math.round(seconds)
  if (rounded <= longest) return rounded
  notes.push('duration-unreadable')
  return undefined
}
