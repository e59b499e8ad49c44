import type { Stated } from '../../domain/recording-row.ts'
import { wholeSeconds } from '../../transform/duration.ts'
import { excerpt } from '../../transform/excerpt.ts'
import { compileInstantReader, type InstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileIdMember, compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { invalid, type Reading, read } from '../../transform/reading.ts'
import type { RecordingTimes } from './times.ts'

export const idOf = compileIdMember('id')
export const recordTypeOf = compileTextMember('record_type')
export const statusOf = compileTextMember('status')
/** Of a recording, or of what an event says of its call; as the two numbers below. */
export const callLegId = compileTextMember('call_leg_id')
export const callSessionId = compileTextMember('call_session_id')
/** As they are written. */
export const fromText = compileTextMember('from')
export const toText = compileTextMember('to')
/** Telnyx's own: a Voice app, TeXML app or SIP connection. Digits beyond 2^53, always as text. */
export const vendorConnectionId = compileTextMember('connection_id')
const conferenceId = compileTextMember('conference_id')

/** When the resource was made, once the audio was processed: the axis of windows. */
export const createdAtOf = compileReadMember('created_at', compileInstantReader({}), null)

/** When the resource last changed: its version. */
export const compileUpdatedAt = (readInstant: InstantReader) =>
  compileReadMember('updated_at', readInstant, 'version-unreadable')

/** As the API writes it, always with its zone. */
export const updatedAt = compileUpdatedAt(compileInstantReader({}))

/** The chain that a recording belongs to: the call, else the conference, else the leg, else the recording for itself. */
export const conversationOf = (recording: JsonObject, id: string, notes: Notes): string => {
  const stated = callSessionId(recording, notes) ?? conferenceId(recording, notes) ?? callLegId(recording, notes)
  if (typeof stated === 'string') return stated
  notes.push('conversation-id-defaulted')
  return id
}

const millis = /^\d{1,10}(?:\.\d{1,6})?$/

const readMillis = (text: string): Reading<number> =>
  millis.test(text) ? read(Number(text)) : invalid('invalid-duration', `${excerpt(text)} is no number of milliseconds`)

const durationMillis = compileReadMember('duration_millis', readMillis, 'duration-unreadable')

const spanMillis = ({ startedAt, endedAt }: RecordingTimes): number | null => {
  if (typeof startedAt !== 'number' || typeof endedAt !== 'number') return null
  return endedAt > startedAt ? (endedAt - startedAt) / 1000 : null
}

/** Whole seconds. Telnyx writes 0 for a length that it does not know: then what lies between start and end. */
export const durationSeconds = (recording: JsonObject, times: RecordingTimes, notes: Notes): Stated<number> => {
  const stated = durationMillis(recording, notes)
  const length = typeof stated === 'number' && stated > 0 ? stated : spanMillis(times)
  if (length !== null) return wholeSeconds(length / 1000, notes)
  return stated === undefined ? undefined : null
}
