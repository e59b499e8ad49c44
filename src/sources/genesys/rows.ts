import type { EpochMicros } from '../../domain/instant.ts'
import type { Direction, MapKeys, RecordingRow } from '../../domain/recording-row.ts'
import { derivedId } from '../../transform/derived-id.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileMember, type Notes, objectsOf } from '../../transform/member.ts'
import type { FlattenContext } from '../source.ts'
import { divisionsOf, primarySession, queueOf, type Session } from './conversation.ts'
import { addressesOf, directionOf, numbersOf, readNumber } from './direction.ts'
import type { Envelope } from './envelope.ts'
import { itemsOf, type MessageItem, type WrittenMedium } from './message-item.ts'
import { agentPerson, contactPerson, customerOf, nobody, type Person, splitName } from './person.ts'
import {
  beganAt,
  createdAt,
  deleteDateOf,
  deletedAt,
  durationSeconds,
  sessionIdOf,
  stableAddress,
  statusOf,
} from './recording.ts'
import type { GenesysSettings } from './settings.ts'

export type RowSettings = Pick<
  GenesysSettings,
  'region' | 'media' | 'person' | 'external_source' | 'notices' | 'system_messages' | 'email_subject'
>

/** A conversation whose key and time are read. */
export interface Identified {
  readonly envelope: Envelope
  readonly id: string
  readonly startedAt: EpochMicros
}

const usersOf = compileMember('users')

const provenance = (
  { id }: Identified,
  recording: JsonObject,
  context: FlattenContext,
  notes: Notes,
): Pick<
  RecordingRow,
  | 'conversation_id'
  | 'portfolio_id'
  | 'record_id'
  | 'recording_status'
  | 'recording_expires_at'
  | 'deleted_at'
  | 'source_version'
  | 'source_ordinal'
> => ({
  conversation_id: id,
  portfolio_id: undefined,
  record_id: id,
  recording_status: statusOf(recording, notes),
  recording_expires_at: deleteDateOf(recording, notes),
  deleted_at: deletedAt(recording, context.ordinal, notes),
  source_version: context.version,
  source_ordinal: context.ordinal,
})

const mapKeysOf = ({ envelope: { conversation } }: Identified): MapKeys => ({
  queue_id: queueOf(conversation),
  division_id: divisionsOf(conversation)[0],
})

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

/** FROZEN FOR EVER: ids of messages that have none are keys of stored rows. */
const idOfMessage = ({ id }: Identified, { id: stated, at, sender, text }: MessageItem): string =>
  stated ?? derivedId([id, at === null ? null : formatInstant(at), sender, text])

const orElse = (person: Person, other: Person): Person => ({
  first_name: person.first_name ?? other.first_name,
  last_name: person.last_name ?? other.last_name,
  email_address: person.email_address ?? other.email_address,
  sender_ext_ref: person.sender_ext_ref ?? other.sender_ext_ref,
})

const isAddress = (text: string | null): text is string => text !== null && /^[^\s@]+@[^\s@]+$/.test(text)

const writerOf = (item: MessageItem, customer: Person, settings: RowSettings, notes: Notes): Person => {
  const source = settings.external_source
  const isCustomers = item.direction === 'inbound'
  if (!isCustomers && settings.person === 'customer') return customer
  const stated: Person = {
    ...splitName(item.senderName),
    email_address: isAddress(item.sender) ? item.sender : null,
    sender_ext_ref: source === undefined ? undefined : null,
  }
  if (item.user !== undefined) return orElse(agentPerson(item.user, source, notes), stated)
  if (!isCustomers) return stated
  const known = item.contact === undefined ? customer : orElse(contactPerson(item.contact, source, notes), customer)
  return { ...orElse(known, stated), email_address: stated.email_address ?? known.email_address }
}

/** What queues, flows and bots write. */
const systemSenders = ['acd', 'ivr', 'workflow', 'botflow', 'campaign', 'api']

const isLeftOut = ({ isSilent, text, purpose }: MessageItem, { system_messages }: RowSettings): boolean =>
  isSilent || text === null || (!system_messages && systemSenders.includes(purpose))

/** Our side of the conversation, whoever wrote: what a message came to, or was sent from. */
const mailboxOf = ({ direction, sender, receiver }: MessageItem, own: readonly string[]): string | null => {
  const [stated] = own
  if (stated !== undefined) return stated
  if (direction === 'inbound') return receiver
  return direction === 'outbound' && (isAddress(sender) || readNumber(sender) !== null) ? sender : null
}

/** One row a message; what is none, or is not wanted, is counted. */
export const messageRows = (
  found: Identified,
  recording: JsonObject,
  medium: WrittenMedium,
  settings: RowSettings,
  context: FlattenContext,
  notes: Notes,
): readonly RecordingRow[] => {
  const primary = primarySession(found.envelope.conversation, medium, sessionIdOf(recording, notes) ?? null)
  const customer = customerOf(found.envelope, primary, settings.external_source, notes)
  const addresses = addressesOf(primary)
  const items = itemsOf(recording, medium, settings, addresses, notes)
  return items.flatMap((item) => {
    if (isLeftOut(item, settings)) {
      notes.push('message-left-out')
      return []
    }
    return {
      ...provenance(found, recording, context, notes),
      ...writerOf(item, customer, settings, notes),
      message_id: idOfMessage(found, item),
      created_at: item.at ?? createdAt(recording) ?? found.startedAt,
      message_text: item.text,
      phone_number: readNumber(item.sender),
      message_direction: item.direction,
      number_dialed_by_user: null,
      call_duration_in_sec: null,
      recording_url: null,
      media: medium,
      map_keys: { ...mapKeysOf(found), mailbox_address: mailboxOf(item, addresses.own) },
    }
  })
}
