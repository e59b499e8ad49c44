import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { Answer } from '../answer.ts'
import { seededUuid } from '../draw.ts'
import { type StoredConversation, shownDetail } from './account-state.ts'
import { answerOf, Refused } from './answer.ts'
import type { Endpoint, Served } from './served.ts'

const conversationOf = ({ account }: Served, id: string | undefined): StoredConversation => {
  const stored = account.byId.get(id ?? '')
  if (stored === undefined || stored.at > account.now())
    throw new Refused(404, 'conversation.not.found', 'there is no such conversation')
  return stored
}

const requireAllowed = ({ traps }: Served): void => {
  if (traps.recordingsRefused === 'permission')
    throw new Refused(
      403,
      'missing.any.permissions',
      'Unable to perform the requested action. You must have one of [recording:recording:view]',
    )
  if (traps.recordingsRefused === 'division')
    throw new Refused(403, 'recording.recording.view.permission.check.failed', 'not in your divisions')
}

const channels = { channels: ['0', '1'], mixed: ['S'], none: [] } as const

const playable = ['AVAILABLE', 'RESTORED']

const mediaUris = ({ traps, links, account }: Served, { id, fileState, media }: JsonObject): JsonObject | null => {
  const keys = media === 'audio' && playable.includes(String(fileState)) ? channels[traps.mediaUris] : []
  if (keys.length === 0) return null
  return Object.fromEntries(
    keys.map((key) => [key, { mediaUri: links.sign(`/media/${id}-ch${key}.webm`, account.now()) }]),
  )
}

/** (9) Ids that no two answers share. */
const annotationsOf = (served: Served, fileState: unknown): JsonObject => {
  if (!served.traps.annotations || fileState !== 'AVAILABLE') return {}
  const id = seededUuid(served.account.seed, 10, served.answered)
  return { annotations: [{ id, type: 'Hold', location: 61_000, durationMs: 20_500, reason: 'Hold' }] }
}

/** Without media it has no times. */
const shown = (served: Served, recording: JsonObject): JsonObject => {
  const times = playable.includes(String(recording.fileState)) ? {} : { startTime: null, endTime: null }
  return {
    ...recording,
    ...(recording.media === 'audio' ? times : {}),
    mediaUris: mediaUris(served, recording),
    ...annotationsOf(served, recording.fileState),
  }
}

/** What the first requests for a conversation are answered with; null = the truth. */
const early = ({ traps, account }: Served, stored: StoredConversation): Answer | null => {
  stored.asked += 1
  if (stored.asked <= traps.notFoundAnswers) throw new Refused(404, 'not.found', 'no recordings were found')
  if (stored.asked <= traps.notFoundAnswers + traps.transcodingAnswers) return answerOf(202, undefined)
  return stored.end + traps.emptyFor > account.now() && traps.emptyFor > 0 ? answerOf(200, []) : null
}

export const listRecordings: Endpoint = (served, { parts }) => {
  requireAllowed(served)
  const stored = conversationOf(served, parts[0])
  return (
    early(served, stored) ??
    answerOf(
      200,
      stored.recordings.map((recording) => shown(served, recording)),
    )
  )
}

export const oneRecording: Endpoint = (served, { parts }) => {
  requireAllowed(served)
  const stored = conversationOf(served, parts[0])
  const recording = stored.recordings.find(({ id }) => id === parts[1])
  if (recording === undefined) throw new Refused(404, 'not.found', 'there is no such recording')
  stored.asked += 1
  if (stored.asked <= served.traps.transcodingAnswers)
    return answerOf(202, { id: recording.id, fileState: 'AVAILABLE' })
  return answerOf(200, shown(served, recording))
}

export const oneConversation: Endpoint = (served, { parts }) =>
  answerOf(200, shownDetail(served.account, conversationOf(served, parts[0])))

/** Repeated `id` parameters; unknown ones are left out. */
export const someConversations: Endpoint = (served, { query }) => {
  const { account } = served
  const found = query.flatMap(([name, id]) => {
    const stored = name === 'id' ? account.byId.get(id) : undefined
    return stored === undefined ? [] : [shownDetail(account, stored)]
  })
  return answerOf(200, found.length === 0 ? {} : { conversations: found })
}

/** In no order that was asked for, with errors of single ones among them. */
export const bulkContacts: Endpoint = ({ account, traps }, { body }) => {
  if (traps.contactsRefused) throw new Refused(403, 'missing.permissions', 'externalContacts:contact:view')
  const entities = isJsonObject(body) && Array.isArray(body.entities) ? body.entities : []
  const results = entities.toReversed().map((entity: unknown) => {
    const id = isJsonObject(entity) ? String(entity.id) : ''
    const contact = account.contacts.get(id)
    return contact === undefined
      ? { id, success: false, error: { code: 'not.found', status: 404 } }
      : { id, success: true, entity: contact }
  })
  return answerOf(200, { results })
}

export const transcriptUrl: Endpoint = ({ account, links, traps }, { parts }) => {
  const session = parts[1] ?? ''
  if (!account.transcripts.has(session)) throw new Refused(404, 'not.found', 'there is no transcript')
  return answerOf(200, { url: traps.transcriptLink ?? links.sign(`/transcripts/${session}.json`, account.now()) })
}
