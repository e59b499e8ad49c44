import { isJsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import { participantsOf } from './conferences.ts'
import { type Envelope, readEnvelope, storedEnvelope, type Transcript } from './envelope.ts'
import { giveUpAt, idOf, isEnded, referenceId, referenceType } from './fields.ts'
import type { Joining } from './joining.ts'
import { readParties } from './parties.ts'
import { chosenTranscribe, linesOf } from './transcribes.ts'

type Called = Pick<Envelope, 'call' | 'conference' | 'participants'>

const notAsked: Called = { call: undefined, conference: undefined, participants: undefined }

const joinConference = async (joining: Joining, id: string, recordingId: string, context: ReadContext) => {
  const conference = await joining.unlessFailed(context, () => joining.conferenceOf(id, recordingId, context))
  if (conference == null) return { ...notAsked, conference }
  const participants = await joining.unlessFailed(context, () => participantsOf(joining, conference, context))
  // Without all of its participants it says nothing, and is asked for again.
  return participants === null ? { ...notAsked, conference: null } : { ...notAsked, conference, participants }
}

const joinCalled = async (joining: Joining, { recording }: Envelope, context: ReadContext): Promise<Called> => {
  const id = joining.settings.calls ? referenceId(recording) : null
  if (id === null) return notAsked
  if (referenceType(recording) === 'confbridge') return joinConference(joining, id, idOf(recording, []) ?? '', context)
  if (referenceType(recording) !== 'call') return notAsked
  return { ...notAsked, call: await joining.unlessFailed(context, () => joining.callOf(id, context)) }
}

const joinTranscript = async (
  { api, settings, unlessFailed }: Joining,
  { recording, transcribes }: Envelope,
  context: ReadContext,
): Promise<Transcript | null | undefined> => {
  const id = idOf(recording, []) ?? null
  const chosen = chosenTranscribe(transcribes ?? [], settings.language)
  if (!settings.transcripts || id === null || chosen === null) return undefined
  const lines = await unlessFailed(context, () => linesOf(api, id, chosen, context))
  return lines === null ? null : { transcribe_id: chosen, lines }
}

const joinContact = async (
  { settings, contactOf, unlessFailed }: Joining,
  called: Called,
  context: ReadContext,
): Promise<Envelope['contact']> => {
  if (!settings.contacts) return undefined
  const { person } = readParties(called, settings, [])
  if (person === null || person === undefined) return person
  const found = await unlessFailed(context, async () => ({ contact: await contactOf(person, context) }))
  return found?.contact
}

/**
 * The recording with its call, transcript and contact, once it has ended: before that all of them may change. One that never
 * ends gets them when waiting ends.
 */
export const joinEnvelope = async (joining: Joining, envelope: Envelope, context: ReadContext): Promise<Envelope> => {
  const { recording } = envelope
  if (!isEnded(recording) && joining.now() < giveUpAt(recording)) return envelope
  const called = await joinCalled(joining, envelope, context)
  return {
    ...envelope,
    ...called,
    transcript: await joinTranscript(joining, envelope, context),
    contact: await joinContact(joining, called, context),
  }
}

/** A record as it was listed, with what is joined to it. */
export const joinRecord = async (joining: Joining, record: unknown, context: ReadContext): Promise<unknown> => {
  const envelope = isJsonObject(record) && Object.hasOwn(record, 'recording') ? readEnvelope(record) : null
  return envelope === null ? record : storedEnvelope(await joinEnvelope(joining, envelope, context))
}
