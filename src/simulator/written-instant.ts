import type { EpochMicros } from '../domain/instant.ts'
import { microsPerSecond } from '../transform/calendar.ts'
import { formatInstant } from '../transform/instant.ts'
import { readIso } from '../transform/iso-instant.ts'

/** How an instant is written: digits of its fraction, and its zone (empty = none is named). */
export interface InstantForm {
  readonly digits: 0 | 3 | 6 | 9
  readonly zone: 'Z' | '-06:00' | ''
}

/** The form of every REST example. */
export const restForm: InstantForm = { digits: 3, zone: 'Z' }

const microsPerHour = 3_600 * microsPerSecond

/** Microseconds between two instants that the form can tell apart. */
export const precisionOf = ({ digits }: InstantForm): number => 10 ** (6 - Math.min(digits, 6))

/** Nine digits show nanoseconds behind the microsecond that counts: they are cut, not rounded. */
const nanos = '789'

/** Written with six digits when the form has too few for this instant: what is shown is when it was. */
export const writeInstant = (at: EpochMicros, form: InstantForm): string => {
  const text = formatInstant(form.zone === '-06:00' ? at - 6 * microsPerHour : at)
  const fraction = String(((at % microsPerSecond) + microsPerSecond) % microsPerSecond).padStart(6, '0')
  const digits = at % precisionOf(form) === 0 ? form.digits : 6
  const shown = digits === 0 ? '' : `.${`${fraction}${nanos}`.slice(0, digits)}`
  return `${text.slice(0, 19)}${shown}${form.zone}`
}

/** Null for what is no instant. One without zone is read as UTC: the account itself knows when it was. */
export const instantOf = (text: string | null | undefined): EpochMicros | null => {
  const written = readIso(text ?? '')
  return written === null ? null : written.localMicros - (written.offsetMicros ?? 0)
}
