import { DateTime } from 'luxon'
import type { EpochMicros } from '../domain/instant.ts'

export const count = (value: number): string => value.toLocaleString('en')

/** `97 %`; what is neither nothing nor all is not rounded to it. */
export const percent = (part: number, whole: number): string => {
  if (whole === 0) return '–'
  const rounded = Math.round((part / whole) * 100)
  if (rounded === 0 && part > 0) return '< 1 %'
  return rounded === 100 && part < whole ? '> 99 %' : `${rounded} %`
}

/** `45 s`, `1:05 min`, `2:03 h`. */
export const duration = (seconds: number): string => {
  if (seconds < 60) return `${seconds} s`
  const isLong = seconds >= 3600
  const [whole, rest] = isLong ? [seconds / 3600, (seconds % 3600) / 60] : [seconds / 60, seconds % 60]
  return `${Math.floor(whole)}:${String(Math.floor(rest)).padStart(2, '0')} ${isLong ? 'h' : 'min'}`
}

/** `3 minutes`, of seconds. */
export const span = (seconds: number): string => {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ] as const
  const [length, name] = units.find(([unit]) => seconds >= 2 * unit) ?? [1, 'second']
  const whole = Math.max(0, Math.floor(seconds / length))
  return `${count(whole)} ${name}${whole === 1 ? '' : 's'}`
}

/** `2026-11-29 10:55`, on the clocks of a zone. */
export const clockTime = (instant: EpochMicros, zone: string): string =>
  DateTime.fromMillis(Math.floor(instant / 1000), { zone }).toFormat('yyyy-MM-dd HH:mm')
