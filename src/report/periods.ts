import { DateTime } from 'luxon'
import type { Window } from '../domain/window.ts'

/** How long the bars of a plot are, so that there are neither too many nor too few. */
export type PeriodLength = 'day' | 'week' | 'month' | 'year'

export interface Period {
  /** Its first day, as midnight of UTC in milliseconds: days of any zone stand on one axis. */
  readonly start: number
  readonly end: number
  /** `8 Nov 2026`, `week of 2 Nov 2026`, `November 2026`, `2026`. */
  readonly name: string
}

export interface Periods {
  readonly length: PeriodLength
  readonly all: readonly Period[]
  /** Where a day (`2026-11-29`) belongs; undefined outside. */
  indexOf(day: string): number | undefined
}

const dayMs = 86_400_000

const lengthFor = (days: number): PeriodLength => {
  if (days <= 100) return 'day'
  if (days <= 730) return 'week'
  return days <= 10 * 366 ? 'month' : 'year'
}

const formats: Readonly<Record<PeriodLength, string>> = {
  day: 'd LLL yyyy',
  week: "'week of' d LLL yyyy",
  month: 'LLLL yyyy',
  year: 'yyyy',
}

const utcDay = (day: string): DateTime => DateTime.fromISO(day, { zone: 'UTC', locale: 'en' })

/** Days, weeks, months or years from the first to the last day that a window touches in a zone. */
export const periodsOf = (window: Window, zone: string): Periods => {
  const dayOf = (instant: number) => DateTime.fromMillis(Math.floor(instant / 1000), { zone }).toISODate() ?? ''
  const first = utcDay(dayOf(window.from))
  const last = utcDay(dayOf(window.to - 1))
  const length = lengthFor((last.toMillis() - first.toMillis()) / dayMs + 1)
  const all: Period[] = []
  for (let start = first.startOf(length); start <= last; start = start.plus({ [length]: 1 })) {
    const end = start.plus({ [length]: 1 }).toMillis()
    all.push({ start: start.toMillis(), end, name: start.toFormat(formats[length]) })
  }
  const indexes = new Map(all.map(({ start }, index) => [start, index]))
  return { length, all, indexOf: (day) => indexes.get(utcDay(day).startOf(length).toMillis()) }
}
