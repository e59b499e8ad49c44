import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { drawFor } from '../draw.ts'
import { instantOf, restForm, writeInstant } from '../written-instant.ts'
import { type AccountState, recordingOf } from './account-state.ts'
import type { TelnyxTranscription } from './resources.ts'
import { seededId } from './seeded-id.ts'

const sentences = [
  'Hello, I am calling about the apartment that is listed online.',
  'Is the two bedroom still available in March?',
  'Yes it is, would you like to book a tour?',
  'The heater in my unit stopped working last night.',
  'I will open a maintenance request for you right away.',
  'What is the deposit, and are pets allowed?',
  'Rent is due on the first, with a grace period of three days.',
  'Thank you for calling, have a good day.',
]

const textOf = (seed: number, ordinal: number): string => {
  const draw = drawFor(seed, ordinal, sentences.length)
  return Array.from({ length: 2 + draw.below(5) }, () => draw.pick(sentences, '')).join(' ')
}

const store = (state: AccountState, id: string, content: TelnyxTranscription, otherwise: EpochMicros): void => {
  const stored = { id, at: instantOf(content.created_at) ?? otherwise, content }
  state.transcriptions.insert([stored])
  state.transcriptionsById.set(id, stored)
}

/** The recording need not exist (any more). */
export const transcribe = (state: AccountState, recordingId: string, given: Partial<TelnyxTranscription>): string => {
  const ordinal = state.transcriptionsById.size
  const recording = state.recordingsById.get(recordingId)
  const at = recording === undefined ? state.now() : recording.at + 30 * microsPerSecond
  const created = given.created_at ?? writeInstant(at, restForm)
  const completed = (given.status ?? 'completed') === 'completed'
  const content = {
    id: seededId(state.seed, 'transcription', ordinal),
    record_type: 'recording_transcription',
    recording_id: recordingId,
    status: 'completed',
    transcription_text: completed ? textOf(state.seed, ordinal) : null,
    duration_millis: recording === undefined ? null : recordingOf(state, recording).duration_millis,
    created_at: created,
    updated_at: created,
    ...given,
  }
  const id = content.id ?? seededId(state.seed, 'transcription', ordinal)
  store(state, id, content, at)
  return id
}

export const changeTranscription = (state: AccountState, id: string, patch: Partial<TelnyxTranscription>): void => {
  const stored = state.transcriptionsById.get(id)
  if (stored === undefined) throw new Error(`there is no transcription ${id}`)
  const updated_at = writeInstant(state.now(), restForm)
  state.transcriptions.remove(stored)
  store(state, id, { ...stored.content, updated_at, ...patch }, stored.at)
}
