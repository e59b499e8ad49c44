import type { EpochMicros } from '../../domain/instant.ts'
import type { Direction } from '../../domain/recording-row.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember, compileReadMember, compileTextMember, type Notes, objectsOf } from '../../transform/member.ts'
import { type Addresses, directionByAddress } from './direction.ts'
import { htmlText } from './html-text.ts'
import type { GenesysSettings } from './settings.ts'

/** One message of a chat, an email thread or a messaging conversation, whatever it is written like. */
export interface MessageItem {
  /** Null when it has none. */
  readonly id: string | null
  readonly at: EpochMicros | null
  readonly text: string | null
  readonly direction: Direction | null
  /** What wrote it, in the vendor's words; empty when it is not stated. */
  readonly purpose: string
  /** As written: an address, a number, or an id of the vendor. */
  readonly sender: string | null
  readonly senderName: string | null
  readonly receiver: string | null
  /** The user of ours who wrote it. */
  readonly user: JsonObject | undefined
  readonly contact: JsonObject | undefined
  /** Nobody said anything: typing, joining, receipts. */
  readonly isSilent: boolean
}

export type MessageSettings = Pick<GenesysSettings, 'notices' | 'email_subject'>

const instant = (name: string) => compileReadMember(name, compileInstantReader({}), 'recording-time-unreadable')

const idOf = compileTextMember('id')
const userOf = compileMember('user')
const fromOf = compileTextMember('from')
const toOf = compileTextMember('to')

const objectOr = (value: unknown): JsonObject | undefined => (isJsonObject(value) ? value : undefined)

const byPurpose = (purpose: string): Direction | null => {
  if (purpose === '') return null
  return purpose === 'customer' || purpose === 'external' ? 'inbound' : 'outbound'
}

const body = compileTextMember('body')
const bodyType = compileTextMember('bodyType')
const utc = instant('utc')
const chatMessage = compileTextMember('message')
const participantPurpose = compileTextMember('participantPurpose')

const spoken = (type: string, notices: boolean): boolean =>
  type === '' || type === 'STANDARD' || (notices && type === 'NOTICE')

/** Chats of the first version have no types, and no purposes: one of ours is a user. */
const chatItem = (item: JsonObject, { notices }: MessageSettings, addresses: Addresses, notes: Notes): MessageItem => {
  const user = objectOr(userOf(item))
  const sender = fromOf(item, notes) ?? null
  const purpose = (participantPurpose(item, notes) ?? '').toLowerCase()
  const type = (bodyType(item, notes) ?? '').toUpperCase()
  const byAddress = sender === null ? undefined : directionByAddress(sender, addresses)
  return {
    id: idOf(item, notes) ?? chatMessage(item, notes) ?? null,
    at: utc(item, notes) ?? null,
    text: body(item, notes) ?? null,
    direction: byPurpose(purpose) ?? (user === undefined ? (byAddress ?? null) : 'outbound'),
    purpose,
    sender,
    senderName: null,
    receiver: toOf(item, notes) ?? null,
    user,
    contact: undefined,
    isSilent: !spoken(type, notices),
  }
}

const addressOf = compileTextMember('email')
const nameOf = compileTextMember('name')
const from = compileMember('from')
const to = compileMember('to')
const textBody = compileTextMember('textBody')
const htmlBody = compileTextMember('htmlBody')
const subject = compileTextMember('subject')
const time = instant('time')

const emailText = (item: JsonObject, { email_subject }: MessageSettings, notes: Notes): string | null => {
  const html = htmlBody(item, notes)
  const text = textBody(item, notes) ?? (typeof html === 'string' ? htmlText(html) : null)
  const said = text ?? (attachmentLines(item, 'attachments').join('\n') || null)
  const lines = [email_subject ? subject(item, notes) : null, said]
  return lines.filter((line) => typeof line === 'string' && line !== '').join('\n') || null
}

const attachmentLines = (item: JsonObject, name: string): readonly string[] =>
  objectsOf(compileMember(name)(item)).map(
    (attachment) => `[attachment: ${nameOf(attachment, []) ?? 'without a name'}]`,
  )

const emailItem = (item: JsonObject, settings: MessageSettings, addresses: Addresses, notes: Notes): MessageItem => {
  const [sender, receiver] = [objectOr(from(item)), objectsOf(to(item))[0]]
  const address = sender === undefined ? null : (addressOf(sender, notes) ?? null)
  return {
    id: idOf(item, notes) ?? null,
    at: time(item, notes) ?? null,
    text: emailText(item, settings, notes),
    direction: address === null ? null : (directionByAddress(address, addresses) ?? null),
    purpose: '',
    sender: address,
    senderName: sender === undefined ? null : (nameOf(sender, notes) ?? null),
    receiver: receiver === undefined ? null : (addressOf(receiver, notes) ?? null),
    user: undefined,
    contact: undefined,
    isSilent: false,
  }
}

const timestamp = instant('timestamp')
const purposeMember = compileTextMember('purpose')
const messageText = compileTextMember('messageText')
const buttonResponse = compileMember('buttonResponse')
const buttonText = compileTextMember('text')
const fromUser = compileMember('fromUser')
const fromExternalContact = compileMember('fromExternalContact')

const messagingText = (item: JsonObject, notes: Notes): string | null => {
  const button = objectOr(buttonResponse(item))
  const text = messageText(item, notes) ?? (button === undefined ? null : (buttonText(button, notes) ?? null))
  const lines = [text, ...attachmentLines(item, 'messageMediaAttachments')]
  return lines.filter((line) => line !== null).join('\n') || null
}

const messagingItem = (item: JsonObject, _: MessageSettings, addresses: Addresses, notes: Notes): MessageItem => {
  const user = objectOr(fromUser(item))
  const contact = objectOr(fromExternalContact(item))
  const sender = fromOf(item, notes) ?? null
  const purpose = (purposeMember(item, notes) ?? '').toLowerCase()
  const byAddress = sender === null ? undefined : directionByAddress(sender, addresses)
  const bySender = user === undefined ? (contact === undefined ? undefined : 'inbound') : 'outbound'
  return {
    id: idOf(item, notes) ?? null,
    at: timestamp(item, notes) ?? null,
    text: messagingText(item, notes),
    direction: byPurpose(purpose) ?? bySender ?? byAddress ?? null,
    purpose,
    sender,
    senderName: null,
    receiver: toOf(item, notes) ?? null,
    user,
    contact,
    isSilent: false,
  }
}

const kinds = {
  chat: { member: compileMember('transcript'), read: chatItem },
  email: { member: compileMember('emailTranscript'), read: emailItem },
  message: { member: compileMember('messagingTranscript'), read: messagingItem },
} as const

export type WrittenMedium = keyof typeof kinds

/** The messages of a recording of that medium. */
export const itemsOf = (
  recording: JsonObject,
  medium: WrittenMedium,
  settings: MessageSettings,
  addresses: Addresses,
  notes: Notes,
): readonly MessageItem[] => {
  const { member, read } = kinds[medium]
  return objectsOf(member(recording)).map((item) => read(item, settings, addresses, notes))
}
