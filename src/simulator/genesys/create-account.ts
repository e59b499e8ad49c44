import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { restForm, writeInstant } from '../written-instant.ts'
import type { GenesysAccount, NewConversation } from './account.ts'
import type { AccountState, StoredConversation } from './account-state.ts'
import { plainDetail, plainEnd, plainRecording, seededId } from './plain-conversation.ts'

const living = (state: AccountState, id: string): StoredConversation => {
  const stored = state.byId.get(id)
  if (stored === undefined) throw new Error(`there is no conversation ${id}`)
  return stored
}

const store = (state: AccountState, given: NewConversation): StoredConversation => {
  const ordinal = state.nextOrdinal
  state.nextOrdinal += 1
  const id = given.id ?? seededId(state.seed, 'conversation', ordinal)
  if (state.byId.has(id)) throw new Error(`there is a conversation ${id} already`)
  const plain = { seed: state.seed, ordinal, given }
  const recordings = (given.recordings ?? [{}]).map((patch, n) => {
    const own = n === 0 ? ordinal : ordinal * 100 + n + 1_000_000_000
    return withoutUndefined({ ...plainRecording(plain, id, seededId(state.seed, 'recording', own)), ...patch })
  })
  const at = given.start - (given.start % 1000)
  return { id, at, end: given.end ?? plainEnd(given.start), detail: plainDetail(plain, id), recordings, asked: 0 }
}

const withoutUndefined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

const insert = (state: AccountState, stored: readonly StoredConversation[]): void => {
  state.conversations.insert(stored)
  for (const one of stored) state.byId.set(one.id, one)
}

const generate = (
  state: AccountState,
  { from, to, count }: { readonly from: EpochMicros; readonly to: EpochMicros; readonly count: number },
): readonly string[] => {
  const made = Array.from({ length: count }, (_, n) =>
    store(state, { start: Math.floor(from + ((to - from) * n) / count) }),
  )
  insert(state, made)
  return made.map(({ id }) => id)
}

const participantsOf = ({ detail }: StoredConversation): readonly unknown[] =>
  Array.isArray(detail.participants) ? detail.participants : []

const consulted = (state: AccountState, conversation: StoredConversation): JsonObject => ({
  participantId: seededId(state.seed, 'consult', state.nextOrdinal),
  participantName: 'Back Office',
  purpose: 'customer',
  sessions: [
    {
      sessionId: seededId(state.seed, 'consult', state.nextOrdinal + 1),
      mediaType: 'voice',
      direction: 'outbound',
      ani: 'sip:desk@device.example.test',
      dnis: 'sip:office@device.example.test',
      segments: [{ segmentStart: writeInstant(conversation.at + 60_000_000, restForm), segmentType: 'interact' }],
    },
  ],
})

const recordingIds = ({ recordings }: StoredConversation): readonly string[] => recordings.map(({ id }) => String(id))

export const createAccount = (state: AccountState): GenesysAccount => ({
  generate: (range) => generate(state, range),
  add: (given) => {
    const stored = store(state, given)
    insert(state, [stored])
    return stored.id
  },
  change: (id, patch) => {
    const stored = living(state, id)
    stored.detail = withoutUndefined({ ...stored.detail, ...patch })
  },
  end: (id, at) => {
    const stored = living(state, id)
    stored.end = at
    stored.detail = { ...stored.detail, conversationEnd: writeInstant(at - (at % 1000), restForm) }
  },
  consult: (id) => {
    const stored = living(state, id)
    stored.detail = { ...stored.detail, participants: [...participantsOf(stored), consulted(state, stored)] }
  },
  recordings: (id) => recordingIds(living(state, id)),
  addRecording: (id, recording) => {
    const stored = living(state, id)
    const own = String(recording.id ?? seededId(state.seed, 'recording', 2_000_000_000 + state.nextOrdinal))
    state.nextOrdinal += 1
    stored.recordings = [...stored.recordings, withoutUndefined({ ...stored.recordings[0], ...recording, id: own })]
    return own
  },
  changeRecording: (id, recordingId, patch) => {
    const stored = living(state, id)
    if (!recordingIds(stored).includes(recordingId)) throw new Error(`there is no recording ${recordingId}`)
    stored.recordings = stored.recordings.map((each) =>
      each.id === recordingId ? withoutUndefined({ ...each, ...patch }) : each,
    )
  },
  purge: (id) => {
    living(state, id).recordings = []
  },
  remove: (id) => {
    state.conversations.remove(living(state, id))
    state.byId.delete(id)
  },
  addContact: (contact) => {
    state.contacts.set(contact.id, contact)
    return contact.id
  },
  transcribe: (sessionId, phrases) => void state.transcripts.set(sessionId, phrases),
  ids: () => state.conversations.all().map(({ id }) => id),
  sessionOf: (id) => {
    const [customer] = participantsOf(living(state, id))
    const sessions = isJsonObject(customer) && Array.isArray(customer.sessions) ? customer.sessions : []
    const [session] = sessions
    return isJsonObject(session) ? String(session.sessionId) : ''
  },
})
