import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextMember, objectsOf } from '../../transform/member.ts'

/**
 * What is stored of a conversation and what flatten sees, so that a replay needs no network. Undefined = it was not asked
 * for, or could not be had.
 */
export interface Envelope {
  /** As the listing shows it. */
  readonly conversation: JsonObject
  /** All its recordings, of whatever medium; none is an answer, too. */
  readonly recordings: readonly JsonObject[] | undefined
  /** External contacts by the id that the conversation names. */
  readonly contacts: JsonObject | undefined
  /** Voice transcripts by the id of the recording, as one text each. */
  readonly transcripts: JsonObject | undefined
}

const objectOrNone = (value: unknown): JsonObject | undefined => (isJsonObject(value) ? value : undefined)

/** Null when it is none. */
export const readEnvelope = (record: unknown): Envelope | null => {
  if (!isJsonObject(record)) return null
  const { conversation, recordings, contacts, transcripts } = record
  if (!isJsonObject(conversation)) return null
  return {
    conversation,
    recordings: Array.isArray(recordings) ? objectsOf(recordings) : undefined,
    contacts: objectOrNone(contacts),
    transcripts: objectOrNone(transcripts),
  }
}

/** As it is stored: what was joined, and nothing of what was not. */
export const storedEnvelope = ({ conversation, ...joins }: Envelope): object => ({
  conversation,
  ...Object.fromEntries(Object.entries(joins).filter(([, join]) => join !== undefined)),
})

/** Members that differ from answer to answer: ids of holds are made anew, links depend on what is transcoded just now. */
const volatile: readonly string[] = ['annotations', 'mediaUris', 'estimatedTranscodeTimeMs', 'actualTranscodeTimeMs']

const linkName = /(?:uri|url|path|href)s?$/i

const webAddress = /^https?:\/\//i

/** Signed links are secrets, and differ from answer to answer. */
const withoutLink = (name: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutLink(name, item))
  if (isJsonObject(value)) return withoutLinks(value)
  return typeof value === 'string' && linkName.test(name) && webAddress.test(value) ? 'link' : value
}

const withoutLinks = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, withoutLink(name, value)]))

/** Of users and contacts, whose resources are large and personal, no more than rows are made of. */
const userMembers = ['id', 'name', 'email', 'username', 'displayName'] as const
const contactMembers = [
  'id',
  'firstName',
  'lastName',
  'personalEmail',
  'workEmail',
  'otherEmail',
  'externalIds',
] as const

const only = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(object, name) ? [[name, object[name]]] : [])))

export const storedContact = (contact: JsonObject): JsonObject => only(contact, contactMembers)

const storedPerson = (name: string, value: unknown): unknown => {
  if (name === 'users' && Array.isArray(value)) return objectsOf(value).map((user) => only(user, userMembers))
  if ((name === 'user' || name === 'fromUser') && isJsonObject(value)) return only(value, userMembers)
  if (name === 'fromExternalContact' && isJsonObject(value)) return storedContact(value)
  if (Array.isArray(value)) return value.map((item: unknown) => (isJsonObject(item) ? storedPeople(item) : item))
  return value
}

const storedPeople = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, storedPerson(name, value)]))

/** A recording as it is stored: the same from answer to answer while nothing of it changes. */
export const storedRecording = (recording: JsonObject): JsonObject => {
  const kept = Object.entries(recording).filter(([name]) => !volatile.includes(name))
  return storedPeople(withoutLinks(Object.fromEntries(kept)))
}

const divisionIds = 'divisionIds'

/** Divisions are a set: their order says nothing. */
export const storedConversation = (conversation: JsonObject): JsonObject => {
  const divisions = Object.hasOwn(conversation, divisionIds) ? conversation[divisionIds] : undefined
  const isList = Array.isArray(divisions) && divisions.every((item: unknown) => typeof item === 'string')
  const sorted = isList ? { [divisionIds]: divisions.toSorted() } : {}
  return { ...withoutLinks(conversation), ...sorted }
}

export const recordingId = compileTextMember('id')
