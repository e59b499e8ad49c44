import { ConfigError, SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { Fetched, ReadContext, RecordRef } from '../source.ts'
import { codeOf, explainError } from './answer.ts'
import { type GenesysApi, lacksPermission } from './api.ts'
import { askContacts, type Contacts } from './contacts.ts'
import { contactIdsOf } from './conversation.ts'
import { askDetail, askDetails, isAskable } from './details-by-id.ts'
import { storedConversation, storedEnvelope, storedRecording } from './envelope.ts'
import type { ListedConversations } from './listed-conversations.ts'
import type { GenesysSettings } from './settings.ts'
import { stubOf } from './stub.ts'
import { askTranscripts } from './transcripts.ts'

export interface Fetching {
  readonly api: GenesysApi
  readonly settings: GenesysSettings
  /** Conversations that were just listed: they need not be asked for. */
  readonly listed: ListedConversations
}

/** How long Genesys Cloud may take before it says that it transcodes, milliseconds. */
const maxWait = '5000'

/** Conversations by id: as they were just listed, else asked for together. */
const conversationsOf = async (
  { api, listed }: Fetching,
  refs: readonly RecordRef[],
  context: ReadContext,
): Promise<ReadonlyMap<string, JsonObject>> => {
  const known = refs.flatMap(({ recordId }) => {
    const conversation = listed.get(recordId)
    return conversation === undefined ? [] : [[recordId, conversation] as const]
  })
  const found = new Map(known)
  const rest = refs.map(({ recordId }) => recordId).filter((id) => !found.has(id) && isAskable(id))
  return new Map([...known, ...(await askDetails(api, rest, context))])
}

const unavailable = (recordId: string, detail: string): Fetched & { readonly kind: 'unavailable' } => ({
  kind: 'unavailable',
  recordId,
  detail,
})

const day = 86_400_000_000

/** Details end before recordings do, for good: its deletion is waited for through a month, and is not asked for every few hours. */
const notShown = (recordId: string): Fetched => ({
  ...unavailable(recordId, 'Genesys Cloud does not show the conversation'),
  notBefore: Date.now() * 1000 + day,
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

const contactsFor = (conversation: JsonObject, contacts: Contacts): JsonObject => {
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
    contacts: contacts === undefined ? undefined : contactsFor(conversation, contacts),
    transcripts: settings.transcripts ? await askTranscripts(fetching, recordId, recordings, context) : undefined,
  })
  const stub = stubOf(conversation, answer.askedAt, settings.second_look, record)
  return { kind: 'record', stub: { ...stub, recordId }, readAt: answer.askedAt }
}

const contactsOf = async (
  { api, settings }: Fetching,
  conversations: readonly JsonObject[],
  context: ReadContext,
): Promise<Contacts | undefined> => {
  if (!settings.external_contacts) return undefined
  return askContacts(api, [...new Set(conversations.flatMap(contactIdsOf))], context)
}

/**
 * Every conversation with its recordings: one request each, and one for up to 50 contacts. It is never `gone`: a 404 alone
 * proves nothing.
 */
export async function* fetchConversations(
  fetching: Fetching,
  refs: readonly RecordRef[],
  context: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  const conversations = await conversationsOf(fetching, refs, context)
  const contacts = await contactsOf(fetching, [...conversations.values()], context)
  const fetchById = async (recordId: string, each: ReadContext): Promise<Fetched> => {
    const conversation = isAskable(recordId) ? await askDetail(fetching.api, recordId, each) : undefined
    if (conversation === undefined) return notShown(recordId)
    return fetchOne(fetching, recordId, conversation, await contactsOf(fetching, [conversation], each), each)
  }
  yield* fetchByIds(
    refs,
    async ({ recordId }, each) => {
      const conversation = conversations.get(recordId)
      return conversation === undefined || !isAskable(recordId)
        ? fetchById(recordId, each)
        : fetchOne(fetching, recordId, conversation, contacts, each)
    },
    context,
  )
}
