import { instantOf } from '../written-instant.ts'
import { type AccountState, store } from './account-state.ts'
import { seededId } from './generated.ts'
import { nilId, type VoipbinConference, type VoipbinTranscribe, type VoipbinTranscriptLine } from './resources.ts'

const nextOrdinal = (state: AccountState): number => {
  state.nextOrdinal += 1
  return state.nextOrdinal - 1
}

/** The bridge is what the recording refers to; no answer shows which conference it belongs to (trap 11). */
export const addConference = (
  state: AccountState,
  recordingId: string,
  callIds: readonly string[],
  given: Partial<VoipbinConference>,
): { readonly id: string; readonly conferenceId: string } => {
  const participants = callIds.map((callId) => {
    const id = seededId(state.seed, 'participant', nextOrdinal(state))
    state.participants.set(id, { id, reference_type: 'call', reference_id: callId, status: 'leaved' })
    return id
  })
  const ordinal = nextOrdinal(state)
  const conference: VoipbinConference = {
    id: seededId(state.seed, 'conference', ordinal),
    customer_id: seededId(state.seed, 'customer', 0),
    type: 'conference',
    status: 'terminated',
    name: '',
    conferencecall_ids: participants,
    recording_id: nilId,
    recording_ids: [recordingId],
    tm_create: state.now() - 86_400_000_000,
    ...given,
  }
  const at = typeof conference.tm_create === 'number' ? conference.tm_create : state.now()
  store(state.conferences, [{ id: conference.id, at, content: conference }])
  return { id: seededId(state.seed, 'bridge', ordinal), conferenceId: conference.id }
}

const addLine = (
  state: AccountState,
  transcribeId: string,
  createdAt: number,
  given: Partial<VoipbinTranscriptLine>,
): void => {
  const line: VoipbinTranscriptLine = {
    id: seededId(state.seed, 'line', nextOrdinal(state)),
    transcribe_id: transcribeId,
    direction: 'in',
    message: '',
    tm_create: createdAt,
    ...given,
  }
  const at = typeof line.tm_create === 'number' ? line.tm_create : (instantOf(line.tm_create) ?? createdAt)
  store(state.lines, [{ id: line.id, at, content: line }])
}

/** Its lines were written a second after it was begun, one millisecond after the other, unless they say otherwise. */
export const addTranscribe = (
  state: AccountState,
  recordingId: string,
  given: Partial<VoipbinTranscribe>,
  lines: readonly Partial<VoipbinTranscriptLine>[],
): string => {
  const transcribe: VoipbinTranscribe = {
    id: seededId(state.seed, 'transcribe', nextOrdinal(state)),
    customer_id: seededId(state.seed, 'customer', 0),
    reference_type: 'recording',
    reference_id: recordingId,
    status: 'done',
    language: 'en-US',
    direction: 'both',
    tm_create: state.now(),
    tm_update: state.now(),
    tm_delete: null,
    ...given,
  }
  const at =
    typeof transcribe.tm_create === 'number' ? transcribe.tm_create : (instantOf(transcribe.tm_create) ?? state.now())
  store(state.transcribes, [{ id: transcribe.id, at, content: transcribe }])
  for (const [index, line] of lines.entries()) addLine(state, transcribe.id, at + 1_000_000 + index * 1000, line)
  return transcribe.id
}
