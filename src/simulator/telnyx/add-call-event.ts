import { instantOf, writeInstant } from '../written-instant.ts'
import { type AccountState, recordingOf } from './account-state.ts'
import { ownNumbers } from './generated-recording.ts'
import type { TelnyxCallEvent, TelnyxRecording } from './resources.ts'
import { seededId } from './seeded-id.ts'

/** Webhooks and their events carry microseconds. */
const eventForm = { digits: 6, zone: 'Z' } as const

const recordingOfLeg = (state: AccountState, leg: string | null | undefined): TelnyxRecording | undefined => {
  if (leg === null || leg === undefined) return undefined
  const stored = state.recordings.all().find((one) => recordingOf(state, one).call_leg_id === leg)
  return stored === undefined ? undefined : recordingOf(state, stored)
}

/** The webhook as Telnyx sent it: the raw event. (What `metadata` holds besides is not documented.) */
const rawEvent = (id: string, event: TelnyxCallEvent, recording: TelnyxRecording | undefined) => ({
  record_type: 'event',
  event_type: event.name,
  id,
  occurred_at: event.event_timestamp,
  payload: {
    call_control_id: recording?.call_control_id,
    call_leg_id: event.call_leg_id,
    call_session_id: event.call_session_id,
    connection_id: recording?.connection_id,
    direction: ownNumbers.includes(recording?.to ?? '') ? 'incoming' : 'outgoing',
    from: recording?.from,
    to: recording?.to,
    caller_id_name: 'WIRELESS CALLER',
    start_time: recording?.recording_started_at,
    client_state: null,
  },
})

export const addCallEvent = (state: AccountState, given: Partial<TelnyxCallEvent>): void => {
  const ordinal = state.callEvents.all().length
  const recording = recordingOfLeg(state, given.call_leg_id)
  const at = instantOf(given.event_timestamp) ?? instantOf(recording?.recording_started_at) ?? state.now()
  const event = {
    record_type: 'call_event',
    call_leg_id: seededId(state.seed, 'leg', state.nextOrdinal + ordinal),
    call_session_id: recording?.call_session_id ?? seededId(state.seed, 'session', state.nextOrdinal + ordinal),
    event_timestamp: writeInstant(at, eventForm),
    name: 'call.initiated',
    type: 'webhook',
    metadata: undefined,
    ...given,
  }
  const metadata = rawEvent(seededId(state.seed, 'event', ordinal), event, recording)
  state.callEvents.insert([{ at, content: { ...event, metadata: event.metadata ?? metadata } }])
}
