import type { EpochMicros } from '../domain/instant.ts'
import { compileInstantReader } from './instant.ts'
import { type Reading, read } from './reading.ts'

const day = /^\d{4}-\d\d-\d\d$/

const readInstant = compileInstantReader({})

/** A point in time as operators write it: a day (`2026-01-01`, its midnight in the zone), or an ISO instant that names its own. */
export const readDayOrInstant = (text: string, zone = 'UTC'): Reading<EpochMicros> => {
  const reading = day.test(text) ? compileInstantReader({ zone })(`${text}T00:00:00`) : readInstant(text)
  return reading.kind === 'value' ? read(reading.value) : reading
}
