import type { EpochMicros } from '../../domain/instant.ts'
import { drawFor } from '../draw.ts'
import { instantOf, restForm, writeInstant } from '../written-instant.ts'
import type { TelnyxAccount } from './account.ts'
import { type AccountState, recordingOf, type StoredRecording } from './account-state.ts'
import { addCallEvent } from './add-call-event.ts'
import { changeTranscription, transcribe } from './change-transcriptions.ts'
import { generatedRecording, ownNumbers } from './generated-recording.ts'
import { createdPrecision } from './recording-forms.ts'
import type { TelnyxRecording } from './resources.ts'
import { seededId } from './seeded-id.ts'

const microsPerMilli = 1_000

type Range = Parameters<TelnyxAccount['generate']>[0]

/** In the n-th of `count` equal parts of the range, at an instant that its form can show where the part holds one. */
const instantIn = (state: AccountState, { from, to, count, plain }: Range, index: number): EpochMicros => {
  const ordinal = state.nextOrdinal + index
  const part = (to - from) / count
  const start = from + part * index
  const at = Math.floor(start + (part * drawFor(state.seed, ordinal).below(1_000_000)) / 1_000_000)
  const whole = at - (at % createdPrecision(ordinal, plain ?? false))
  return whole >= start ? whole : at
}

const generate = (state: AccountState, range: Range): readonly string[] => {
  const added: StoredRecording[] = []
  for (let index = 0; index < range.count; index += 1) {
    const ordinal = state.nextOrdinal + index
    const at = instantIn(state, range, index)
    const id = seededId(state.seed, 'recording', ordinal)
    added.push({ id, at, content: { ordinal, at, plain: range.plain ?? false } })
  }
  state.nextOrdinal += range.count
  state.recordings.insert(added)
  for (const stored of added) state.recordingsById.set(stored.id, stored)
  return added.map(({ id }) => id)
}

/** Of a recording that began at a given time, the end and the creation follow from how long it was. */
const timesFrom = (given: Partial<TelnyxRecording>, filled: TelnyxRecording): Partial<TelnyxRecording> => {
  const started = instantOf(given.recording_started_at)
  if (started === null) return {}
  const ended = started + (given.duration_millis ?? filled.duration_millis ?? 0) * microsPerMilli
  const created = writeInstant(ended + 2_000 * microsPerMilli, restForm)
  return { recording_ended_at: writeInstant(ended, restForm), created_at: created, updated_at: created }
}

const filledIn = (state: AccountState, ordinal: number, given: Partial<TelnyxRecording>): TelnyxRecording => {
  const now = state.now()
  const at = instantOf(given.created_at) ?? now - (now % microsPerMilli)
  const filled = generatedRecording(state.seed, { ordinal, at, plain: true })
  const times = given.created_at === undefined ? timesFrom(given, filled) : { updated_at: given.created_at }
  return { ...filled, ...times, ...given }
}

const store = (state: AccountState, id: string, content: TelnyxRecording, otherwise: EpochMicros): void => {
  const stored = { id, at: instantOf(content.created_at) ?? otherwise, content }
  state.recordings.insert([stored])
  state.recordingsById.set(id, stored)
}

const add = (state: AccountState, given: Partial<TelnyxRecording>): string => {
  const ordinal = state.nextOrdinal
  const id = given.id ?? seededId(state.seed, 'recording', ordinal)
  if (state.recordingsById.has(id)) throw new Error(`there is a recording ${id} already`)
  state.nextOrdinal += 1
  store(state, id, filledIn(state, ordinal, given), state.now())
  return id
}

const living = (state: AccountState, id: string): StoredRecording => {
  const stored = state.recordingsById.get(id)
  if (stored === undefined) throw new Error(`there is no recording ${id}`)
  return stored
}

const change = (state: AccountState, id: string, patch: Partial<TelnyxRecording>): void => {
  const stored = living(state, id)
  const updated_at = writeInstant(state.now(), restForm)
  state.recordings.remove(stored)
  store(state, id, { ...recordingOf(state, stored), updated_at, ...patch }, stored.at)
}

/** Also called by the list when it deletes between two pages. */
export const removeRecording = (state: AccountState, id: string): void => {
  state.recordings.remove(living(state, id))
  state.recordingsById.delete(id)
}

export const createAccount = (state: AccountState): TelnyxAccount => ({
  ownNumbers,
  generate: (range) => generate(state, range),
  add: (recording = {}) => add(state, recording),
  change: (id, patch) => change(state, id, patch),
  remove: (id) => removeRecording(state, id),
  transcribe: (recordingId, transcription = {}) => transcribe(state, recordingId, transcription),
  changeTranscription: (id, patch) => changeTranscription(state, id, patch),
  addCallEvent: (event) => addCallEvent(state, event),
  ids: () => state.recordings.all().map(({ id }) => id),
  get: (id) => {
    const stored = state.recordingsById.get(id)
    return stored === undefined ? undefined : recordingOf(state, stored)
  },
})
