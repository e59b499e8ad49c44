import type { Direction, RecordingRow } from '../../domain/recording-row.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileMember, type Notes, objectsOf } from '../../transform/member.ts'
import type { FlattenContext } from '../source.ts'
import { primarySession, type Session } from './conversation.ts'
import { directionOf, numbersOf } from './direction.ts'
import { agentPerson, customerOf, nobody, type Person } from './person.ts'
import { beganAt, durationSeconds, sessionIdOf, stableAddress } from './recording.ts'
import { type Identified, mapKeysOf, provenance, type RowSettings } from './row-base.ts'

const usersOf = compileMember('users')

/** Of an outbound call the one agent who made it; of several it is not known who spoke. */
const callerOf = (
  found: Identified,
  recording: JsonObject,
  primary: Session | undefined,
  direction: Direction | null,
  settings: RowSettings,
  notes: Notes,
): Person => {
  const source = settings.external_source
  if (settings.person === 'customer' || direction === 'inbound')
    return customerOf(found.envelope, primary, source, notes)
  if (direction === null) return { ...nobody, sender_ext_ref: source === undefined ? undefined : null }
  const users = objectsOf(usersOf(recording))
  const [only] = users
  if (only !== undefined && users.length === 1) return agentPerson(only, source, notes)
  return { ...nobody, sender_ext_ref: source === undefined ? undefined : null }
}

const transcriptOf = ({ envelope: { transcripts } }: Identified, id: string): string | null | undefined => {
  const text = transcripts !== undefined && Object.hasOwn(transcripts, id) ? transcripts[id] : undefined
  return typeof text === 'string' || text === null ? text || null : undefined
}

export const audioRow = (
  found: Identified,
  recording: JsonObject,
  id: string,
  settings: RowSettings,
  context: FlattenContext,
  notes: Notes,
): RecordingRow => {
  const { conversation } = found.envelope
  const primary = primarySession(conversation, 'audio', sessionIdOf(recording, notes) ?? null)
  const direction = directionOf(conversation, primary, notes)
  const { calling, called } = numbersOf(primary, notes)
  return {
    ...provenance(found, recording, context, notes),
    ...callerOf(found, recording, primary, direction, settings, notes),
    message_id: id,
    created_at: beganAt(recording, notes) ?? found.startedAt,
    message_text: transcriptOf(found, id),
    phone_number: calling,
    message_direction: direction,
    number_dialed_by_user: called,
    call_duration_in_sec: durationSeconds(recording, notes),
    recording_url: stableAddress(recording, { region: settings.region, conversation: found.id, id }),
    media: 'audio',
    map_keys: mapKeysOf(found),
  }
}
