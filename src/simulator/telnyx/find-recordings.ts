import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { hashOf } from '../draw.ts'
import { instantOf } from '../written-instant.ts'
import { recordingOf, type StoredRecording } from './account-state.ts'
import { boundsOf, type Filter, filterInstant } from './query.ts'
import { badRequest } from './refused-request.ts'
import type { TelnyxRecording } from './resources.ts'
import type { Served } from './served.ts'

const exactFields = [
  'conference_id',
  'conference_region',
  'call_control_id',
  'call_leg_id',
  'call_session_id',
  'connection_id',
  'sip_call_id',
  'from',
  'to',
] as const

const timeFields = { start_time: 'recording_started_at', end_time: 'recording_ended_at' } as const

const isTimeField = (field: string): field is keyof typeof timeFields => Object.hasOwn(timeFields, field)

const exactField = (filter: Filter) => exactFields.find((field) => field === filter.field && filter.operator === null)

const isTimeFilter = ({ field, operator }: Filter): boolean =>
  (field === 'created_at' || isTimeField(field)) && (operator === 'gte' || operator === 'lte')

type Test = (recording: TelnyxRecording) => boolean

const timeTest = (filter: Filter, member: (typeof timeFields)[keyof typeof timeFields]): Test => {
  const bound = filterInstant(filter)
  return (recording) => {
    const at = instantOf(recording[member])
    return at !== null && (filter.operator === 'gte' ? at >= bound : at <= bound)
  }
}

/** Tests that need the recording itself; bounds of `created_at` are found by the index. */
const testsOf = (filters: readonly Filter[]): readonly Test[] =>
  filters.flatMap((filter): readonly Test[] => {
    const exact = exactField(filter)
    if (exact !== undefined) return [(recording) => recording[exact] === filter.value]
    return isTimeField(filter.field) && isTimeFilter(filter) ? [timeTest(filter, timeFields[filter.field])] : []
  })

const longestDelay = 120 * microsPerSecond

/** What was created before the account's clock, and, with late visibility, has become visible (trap 5). */
const visible = (
  { account, traps }: Served,
  [from, to]: readonly [EpochMicros, EpochMicros],
): readonly StoredRecording[] => {
  const now = account.now()
  const created = account.recordings.between(from, Math.min(to, now))
  if (!traps.lateVisibility) return created
  return created.filter(({ id, at }) => at + (hashOf(id) % longestDelay) <= now)
}

/** Earliest first. Throws RefusedRequest for filters that it does not know, unless the trap has them ignored (trap 4). */
export const findRecordings = (served: Served, filters: readonly Filter[]): readonly StoredRecording[] => {
  const unknown = filters.find((filter) => exactField(filter) === undefined && !isTimeFilter(filter))
  if (unknown !== undefined && served.traps.unknownFilters === 'refused') {
    throw badRequest(`${unknown.parameter} is no filter of recordings`, unknown.parameter)
  }
  const found = visible(served, boundsOf(filters, 'created_at'))
  const tests = testsOf(filters)
  if (tests.length === 0) return found
  return found.filter((stored) => {
    const recording = recordingOf(served.account, stored)
    return tests.every((test) => test(recording))
  })
}
