import { microsPerDay, microsPerSecond } from '../../transform/calendar.ts'
import { instantOf, writeInstant } from '../written-instant.ts'
import { recordingOf } from './account-state.ts'
import { ownNumbers } from './generated-recording.ts'
import { numberedPage } from './numbered-page.ts'
import { type Filter, filterInstant, parameterOf, readFilters } from './query.ts'
import { badRequest, RefusedRequest } from './refused-request.ts'
import type { TelnyxRecording } from './resources.ts'
import type { Endpoint, Served } from './served.ts'

/** The members seen on call-control rows: the spec does not type them. */
const rowOf = (recording: TelnyxRecording) => {
  const startedAt = instantOf(recording.recording_started_at) ?? 0
  const seconds = Math.round((recording.duration_millis ?? 0) / 1000)
  const whole = startedAt - (startedAt % microsPerSecond)
  const zone = seconds % 2 === 0 ? 'Z' : '-06:00'
  return {
    record_type: 'call-control',
    id: recording.id,
    cli: recording.from,
    cld: recording.to,
    direction: ownNumbers.includes(recording.to ?? '') ? 'inbound' : 'outbound',
    started_at: writeInstant(whole, { digits: 0, zone }),
    finished_at: writeInstant(whole + seconds * microsPerSecond, { digits: 0, zone }),
    call_sec: seconds,
    billed_sec: Math.ceil(seconds / 60) * 60,
    connected: true,
    telnyx_session_id: recording.call_session_id,
    telnyx_leg_id: recording.call_leg_id,
    connection_id: recording.connection_id,
  }
}

type Row = ReturnType<typeof rowOf>

const rowsOf = ({ account }: Served): readonly Row[] => {
  const legs = new Map<string, Row>()
  for (const stored of account.recordings.between(Number.NEGATIVE_INFINITY, account.now())) {
    const recording = recordingOf(account, stored)
    if (typeof recording.call_leg_id === 'string' && !legs.has(recording.call_leg_id)) {
      legs.set(recording.call_leg_id, rowOf(recording))
    }
  }
  return [...legs.values()]
}

const days: Readonly<Record<string, number>> = { today: 1, yesterday: 2, last_7_days: 7, last_30_days: 30 }

/** An enumeration: with an operator it is no error, and nothing is found (trap 20). */
const inDateRange = ({ account }: Served, { operator, value }: Filter, row: Row): boolean => {
  const back = days[value]
  if (operator !== null || back === undefined) return false
  return (instantOf(row.started_at) ?? 0) >= account.now() - back * microsPerDay
}

const isTime = (field: string): field is 'started_at' | 'finished_at' =>
  field === 'started_at' || field === 'finished_at'

const isText = (field: string): field is 'cli' | 'cld' | 'direction' | 'telnyx_session_id' | 'telnyx_leg_id' =>
  ['cli', 'cld', 'direction', 'telnyx_session_id', 'telnyx_leg_id'].includes(field)

const keeps = (served: Served, filter: Filter, row: Row): boolean => {
  const { field, operator, value, parameter } = filter
  if (field === 'record_type') return true
  if (field === 'date_range') return inDateRange(served, filter, row)
  if (isTime(field)) {
    const at = instantOf(row[field]) ?? 0
    return operator === 'lt' ? at < filterInstant(filter) : at >= filterInstant(filter)
  }
  if (isText(field)) return row[field] === value
  throw badRequest(`call-control records have no ${field}`, parameter)
}

export const listDetailRecords: Endpoint = (served, query) => {
  const filters = readFilters(query)
  const type = parameterOf(query, 'filter[record_type]')
  if (type === undefined) throw badRequest('filter[record_type] is required', 'filter[record_type]')
  // The vendor's own code for it, which elsewhere means too many requests.
  if (type !== 'call-control') throw new RefusedRequest(400, '10011', 'No matching record type', 'filter[record_type]')
  const rows = rowsOf(served).filter((row) => filters.every((filter) => keeps(served, filter, row)))
  const sorted = rows.toSorted((a, b) => (instantOf(a.started_at) ?? 0) - (instantOf(b.started_at) ?? 0))
  return numberedPage(parameterOf(query, 'sort') === '-started_at' ? sorted.reverse() : sorted, query, 50)
}
