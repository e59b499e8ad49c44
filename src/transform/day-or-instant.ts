import type { EpochMicros } from '../domain/instant.ts'
import { compileInstantReader } from './instant.ts'
import { type Reading, read } from './reading.ts'

const day = /^\d{4}-\d\d-\d\d$/

const readInstant = compileInstantReader({})
const readUtc = compileInstantReader({ zone: 'UTC' })

/** A point in time as operators write it: a day (`2026-01-01`, its midnight in UTC), or an ISO instant that names its zone. */
export const readDayOrInstant = (text: string): Reading<EpochMicros> => {
  const reading = day.test(text) ? readUtc(`${text}T00:00:00`) : readInstant(text)
  return reading.kind === 'value' ? read(reading.value) : reading
}
