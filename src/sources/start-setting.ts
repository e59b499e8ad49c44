import { z } from 'zod'
import { readDayOrInstant } from '../transform/day-or-instant.ts'

const notStart = 'is not a start; allowed: a day such as 2026-01-01 (its midnight in UTC), or an instant with its zone'

const microsOf = (text: string): number => {
  const reading = readDayOrInstant(text)
  return reading.kind === 'value' ? reading.value : Number.NaN
}

/** Where the data of a connection begins; its output is epoch microseconds. */
export const startSetting = z
  .string(notStart)
  .refine((text) => !Number.isNaN(microsOf(text)), notStart)
  .transform(microsOf)
