import type { RecordingRow } from '../../domain/recording-row.ts'
import { derivedId } from '../../transform/derived-id.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Notes } from '../../transform/member.ts'
import type { FlattenContext } from '../source.ts'
import { primarySession } from './conversation.ts'
import { addressesOf, readNumber } from './direction.ts'
import { itemsOf, type MessageItem, type WrittenMedium } from './message-item.ts'
import { agentPerson, contactPerson, customerOf, orElse, type Person, splitName } from './person.ts'
import { createdAt, sessionIdOf } from './recording.ts'
import { type Identified, mapKeysOf, provenance, type RowSettings } from './row-base.ts'

/** FROZEN FOR EVER: ids of messages that have none are keys of stored rows. */
const idOfMessage = ({ id }: Identified, { id: stated, at, sender, text }: MessageItem): string =>
  stated ?? derivedId([id, at === null ? null : formatInstant(at), sender, text])

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
