import { ConfigError, SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { Fetched, ReadContext, RecordRef } from '../source.ts'
import { codeOf, explainError, listAt } from './answer.ts'
import { type GenesysApi, lacksPermission } from './api.ts'
import { askContacts, type Contacts } from './contacts.ts'
import { contactIdsOf, conversationId } from './conversation.ts'
import { storedConversation, storedEnvelope, storedRecording } from './envelope.ts'
import type { GenesysSettings } from './settings.ts'
import { stubOf } from './stub.ts'
import { askTranscripts } from './transcripts.ts'

export interface Fetching {
  readonly api: GenesysApi
  readonly settings: GenesysSettings
  /** Conversations that the page being read has just listed: they need not be asked for. */
  readonly listed: Map<string, JsonObject>
}

/** Ids in one address. */
const atOnce = 50

/** How long Genesys Cloud may take before it says that it transcodes, milliseconds. */
const maxWait = '5000'

const details = '/api/v2/analytics/conversations'

/** Ids are UUIDs; anything else is no part of an address. */
const isAskable = (id: string): boolean => /^[\w-]{1,100}$/.test(id)

const askDetails = async (
  { api }: Fetching,
  ids: readonly string[],
  found: Map<string, JsonObject>,
  context: ReadContext,
): Promise<void> => {
  for (let at = 0; at < ids.length; at += atOnce) {
    const query = ids.slice(at, at + atOnce).map((id) => ['id', id] as const)
    const { body } = await api.ask({ path: `${details}/details`, query, accept: [404] }, context)
    for (const conversation of listAt(body, 'conversations')) {
      const id = conversationId(conversation, []) ?? null
      if (id !== null) found.set(id, conversation)
    }
  }
  for (const id of ids.filter((each) => !found.has(each))) {
    const { status, body } = await api.ask({ path: `${details}/${id}/details`, accept: [403, 404] }, context)
    if (status < 400 && isJsonObject(body) && conversationId(body, []) === id) found.set(id, body)
  }
}

/** Conversations by id: as they were just listed, else asked for together. */
const conversationsOf = async (
  fetching: Fetching,
  refs: readonly RecordRef[],
  context: ReadContext,
): Promise<ReadonlyMap<string, JsonObject>> => {
  const found = new Map<string, JsonObject>()
  for (const { recordId } of refs) {
    const listed = fetching.listed.get(recordId)
    if (listed !== undefined) found.set(recordId, listed)
  }
  const rest = refs.map(({ recordId }) => recordId).filter((id) => !found.has(id) && isAskable(id))
  if (rest.length > 0) await askDetails(fetching, rest, found, context)
  return found
}

const unavailable = (recordId: string, detail: string): Fetched & { readonly kind: 'unavailable' } => ({
  kind: 'unavailable',
  recordId,
  detail,
})

const refused = ({ connectionId }: GenesysApi, { body }: JsonAnswer): ConfigError =>
  new ConfigError([
    `connection ${connectionId}: Genesys Cloud does not let client_secret read recordings (403: ` +
      `${explainError(body) ?? 'no reason given'}); give a role of the client recording:recording:view or ` +
      'recording:recordingSegment:view',
  ])

/**
 * What an answer that shows no recordings means; null = it shows them. None is an answer, too, and a 404 of Genesys Cloud says
 * the same: neither proves that something was deleted.
 */
const notNow = (api: GenesysApi, recordId: string, answer: JsonAnswer): Fetched | null => {
  const { status, body } = answer
  if (status === 202)
    return { ...unavailable(recordId, 'Genesys Cloud is transcoding its recordings'), reason: 'transcoding' }
  if (lacksPermission(answer)) throw refused(api, answer)
  if (status === 403 || (status === 404 && codeOf(body) === null))
    return unavailable(
      recordId,
      `Genesys Cloud answers ${status}: ${explainError(body) ?? 'without a word of its own'}`,
    )
  return null
}

const readRecordings = (
  { connectionId }: GenesysApi,
  id: string,
  { status, body }: JsonAnswer,
): readonly JsonObject[] => {
  if (status === 404) return []
  if (!Array.isArray(body))
    throw new SourceProtocolError(`connection ${connectionId}: recordings of conversation ${id}: the answer is no list`)
  return body.filter((item: unknown) => isJsonObject(item)).map(storedRecording)
}

const contactsFor = (conversation: JsonObject, contacts: Contacts | undefined): JsonObject | undefined => {
  if (contacts === undefined) return undefined
  const own = contactIdsOf(conversation).flatMap((id) => {
    const contact = contacts.get(id)
    return contact === undefined ? [] : [[id, contact] as const]
  })
  return Object.fromEntries(own)
}

const fetchOne = async (
  fetching: Fetching,
  recordId: string,
  conversation: JsonObject,
  contacts: Contacts | undefined,
  context: ReadContext,
): Promise<Fetched> => {
  const { api, settings } = fetching
  const query = [
    ['maxWaitMs', maxWait],
    ['formatId', settings.recording_format],
  ] as const
  const path = `/api/v2/conversations/${recordId}/recordings`
  const answer = await api.askRecordings({ path, query, accept: [403, 404] }, context)
  const waiting = notNow(api, recordId, answer)
  if (waiting !== null) return waiting
  const recordings = readRecordings(api, recordId, answer)
  const record = storedEnvelope({
    conversation: storedConversation(conversation),
    recordings,
    contacts: contactsFor(conversation, contacts),
    transcripts: settings.transcripts ? await askTranscripts(fetching, recordId, recordings, context) : undefined,
  })
  const stub = stubOf(conversation, answer.askedAt, settings.second_look, record)
  return { kind: 'record', stub: { ...stub, recordId }, readAt: answer.askedAt }
}

/** Every conversation with its recordings: one request each, and one for up to 50 contacts. It is never `gone`: a 404 alone proves nothing. */
export async function* fetchConversations(
  fetching: Fetching,
  refs: readonly RecordRef[],
  context: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  const conversations = await conversationsOf(fetching, refs, context)
  const ids = new Set([...conversations.values()].flatMap(contactIdsOf))
  const asksContacts = fetching.settings.external_contacts
  const contacts = asksContacts ? await askContacts(fetching.api, [...ids], context) : undefined
  yield* fetchByIds(
    refs,
    async ({ recordId }) => {
      const conversation = conversations.get(recordId)
      return conversation === undefined || !isAskable(recordId)
        ? unavailable(recordId, 'Genesys Cloud does not show the conversation')
        : fetchOne(fetching, recordId, conversation, contacts, context)
    },
    context,
  )
}
