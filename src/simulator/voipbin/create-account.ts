import type { EpochMicros } from '../../domain/instant.ts'
import { drawFor } from '../draw.ts'
import { instantOf } from '../written-instant.ts'
import type { VoipbinAccount } from './account.ts'
import { type AccountState, discard, type Stored, store } from './account-state.ts'
import { generatedCall, generatedRecording, oddForms, seededId } from './generated.ts'
import { addConference, addTranscribe } from './joined.ts'
import type { Time, VoipbinCall, VoipbinRecording } from './resources.ts'

type Range = Parameters<VoipbinAccount['generate']>[0]

export const timeOf = (time: Time, otherwise: EpochMicros): EpochMicros =>
  typeof time === 'number' ? time : (instantOf(time) ?? otherwise)

const storedAs = <T extends { readonly id: string; readonly tm_create: Time }>(
  content: T,
  otherwise: EpochMicros,
): Stored<T> => ({ id: content.id, at: timeOf(content.tm_create, otherwise), content })

const generate = (state: AccountState, { from, to, count, plain = false }: Range): readonly string[] => {
  const recordings: VoipbinRecording[] = []
  const calls: VoipbinCall[] = []
  for (let index = 0; index < count; index += 1) {
    const ordinal = state.nextOrdinal
    state.nextOrdinal += 1
    const part = (to - from) / count
    const at = Math.floor(from + part * index + (part * drawFor(state.seed, ordinal, 2).below(1_000_000)) / 1_000_000)
    const form = plain ? undefined : oddForms.get(ordinal % 32)
    const shared = form?.sharesCall === true ? recordings.at(-1) : undefined
    const plainly = { ...generatedRecording(state.seed, ordinal, at), ...form?.recording }
    const recording = shared === undefined ? plainly : { ...plainly, reference_id: shared.reference_id }
    recordings.push(recording)
    if (shared === undefined) calls.push({ ...generatedCall(state.seed, ordinal, at, recording.id), ...form?.call })
  }
  store(
    state.recordings,
    recordings.map((recording) => storedAs(recording, 0)),
  )
  store(
    state.calls,
    calls.map((call) => storedAs(call, 0)),
  )
  return recordings.map(({ id }) => id)
}

const add = (state: AccountState, given: Partial<VoipbinRecording>): string => {
  const ordinal = state.nextOrdinal
  state.nextOrdinal += 1
  const at = timeOf(given.tm_create ?? null, state.now())
  const recording = { ...generatedRecording(state.seed, ordinal, at), ...given }
  if (state.recordings.byId.has(recording.id)) throw new Error(`there is a recording ${recording.id} already`)
  store(state.recordings, [storedAs(recording, state.now())])
  if (!state.calls.byId.has(recording.reference_id) && recording.reference_type === 'call') {
    const call = { ...generatedCall(state.seed, ordinal, at, recording.id), id: recording.reference_id }
    store(state.calls, [storedAs(call, at)])
  }
  return recording.id
}

const living = (state: AccountState, id: string): Stored<VoipbinRecording> => {
  const stored = state.recordings.byId.get(id)
  if (stored === undefined) throw new Error(`there is no recording ${id}`)
  return stored
}

const change = (state: AccountState, id: string, patch: Partial<VoipbinRecording>): void => {
  const { at, content } = living(state, id)
  store(state.recordings, [storedAs({ ...content, tm_update: state.now(), ...patch }, at)])
}

const changeCall = (state: AccountState, id: string, patch: Partial<VoipbinCall>): void => {
  const stored = state.calls.byId.get(id)
  if (stored === undefined) throw new Error(`there is no call ${id}`)
  store(state.calls, [storedAs({ ...stored.content, ...patch }, stored.at)])
}

export const createAccount = (state: AccountState): VoipbinAccount => ({
  generate: (range) => generate(state, range),
  add: (recording = {}) => add(state, recording),
  change: (id, patch) => change(state, id, patch),
  remove: (id) => void discard(state.recordings, id),
  hold: (id) => void state.held.set(id, living(state, id).content),
  release: (id) => void state.held.delete(id),
  changeCall: (id, patch) => changeCall(state, id, patch),
  removeCall: (id) => discard(state.calls, id).content,
  addCall: (call) => store(state.calls, [storedAs(call, state.now())]),
  addConference: (recordingId, callIds, conference = {}) => {
    const bridge = addConference(state, recordingId, callIds, conference)
    change(state, recordingId, {
      reference_type: 'confbridge',
      reference_id: bridge.id,
      tm_update: living(state, recordingId).content.tm_update,
    })
    return bridge.conferenceId
  },
  transcribe: (recordingId, transcribe, lines) => addTranscribe(state, recordingId, transcribe, lines),
  changeTranscribe: (id, patch) => {
    const stored = state.transcribes.byId.get(id)
    if (stored === undefined) throw new Error(`there is no transcribe ${id}`)
    store(state.transcribes, [{ ...stored, content: { ...stored.content, tm_update: state.now(), ...patch } }])
  },
  addContact: (contact) => {
    const id = seededId(state.seed, 'contact', state.contacts.length)
    const blank = {
      id,
      first_name: '',
      last_name: '',
      display_name: '',
      external_id: '',
      phone_numbers: [],
      emails: [],
    }
    state.contacts.push({ ...blank, ...contact })
  },
  ids: () => state.recordings.index.all().map(({ id }) => id),
  get: (id) => state.recordings.byId.get(id)?.content,
  callOf: (recordingId) => state.calls.byId.get(living(state, recordingId).content.reference_id)?.content,
})
