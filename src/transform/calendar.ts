/** Whole-number arithmetic of the proleptic Gregorian calendar, so that no instant passes through the milliseconds of `Date`. */

export const microsPerSecond = 1_000_000
export const microsPerDay = 86_400 * microsPerSecond

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const isDate = (year: number, month: number, day: number): boolean => {
  const length = month === 2 && isLeapYear(year) ? 29 : daysInMonth[month - 1]
  return length !== undefined && day >= 1 && day <= length
}

/** Years are counted from March, so that the leap day is the last of its year; 719468 days lie between 0000-03-01 and 1970. */
const daysBefore1970 = 719_468
const daysPerEra = 146_097

/** Days since 1970-01-01; NaN when there is no such day. Years 0 to 9999. */
export const dayNumber = (year: number, month: number, day: number): number => {
  if (!isDate(year, month, day)) return Number.NaN
  const fromMarch = month > 2 ? year : year - 1
  const era = Math.floor(fromMarch / 400)
  const yearOfEra = fromMarch - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * daysPerEra + dayOfEra - daysBefore1970
}

export interface CalendarDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

export const calendarDay = (days: number): CalendarDay => {
  const shifted = days + daysBefore1970
  const era = Math.floor(shifted / daysPerEra)
  const dayOfEra = shifted - era * daysPerEra
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}
