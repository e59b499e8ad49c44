import { type Answer, answerOf } from '../answer.ts'
import type { Query } from '../simulated-request.ts'
import type { AccountState } from './account-state.ts'
import { envelope, Refused, refusal } from './answer.ts'
import { audioAnswer } from './audio.ts'
import { written } from './dialect.ts'
import { type Listed, listed, parameterOf } from './listing.ts'
import type { VoipbinRecording, VoipbinTranscribe } from './resources.ts'
import type { VoipbinTraps } from './traps.ts'

/** What the endpoints answer from. */
export interface Served {
  readonly account: AccountState
  readonly storageUrl: string
  traps: VoipbinTraps
}

/** Makes the body of a 200 answer, or an answer of its own; throws Refused. */
type Endpoint = (served: Served, query: Query, id: string) => object

const list =
  <T extends { readonly id: string }>(what: (served: Served, query: Query, id: string) => Listed<T>): Endpoint =>
  (served, query, id) =>
    listed(what(served, query, id), query, served.traps, served.account.now())

const one = <T extends { readonly id: string }>(content: T | undefined, { traps }: Served): object => {
  if (content === undefined) throw new Refused(404)
  return written(content, traps)
}

/** As a cache has it, where one is between (trap 7). */
const shown =
  ({ account }: Served) =>
  (recording: VoipbinRecording): VoipbinRecording =>
    account.held.get(recording.id) ?? recording

const recordingAt = (served: Served, id: string): VoipbinRecording => {
  const stored = served.account.recordings.byId.get(id)
  if (stored === undefined || stored.at >= served.account.now()) throw new Refused(404)
  return shown(served)(stored.content)
}

/** Both lists show them alike; those of AI summaries are not simulated. */
const transcribesOf = (id: string | null): Endpoint =>
  list(({ account }) => ({
    collection: account.transcribes,
    keep: (transcribe: VoipbinTranscribe) => id === null || transcribe.reference_id === id,
    unset: null,
  }))

const lines: Endpoint = (served, query, recordingId) => {
  const transcribeId = parameterOf(query, 'transcribe_id') ?? ''
  const transcribe = served.account.transcribes.byId.get(transcribeId)
  if (transcribe === undefined) throw new Refused(transcribeId === '' ? 400 : 404)
  if (recordingId !== '' && transcribe.content.reference_id !== recordingId) throw new Refused(403)
  return listed(
    { collection: served.account.lines, keep: (line) => line.transcribe_id === transcribeId },
    query,
    served.traps,
    served.account.now(),
  )
}

const ofRecording =
  (endpoint: (id: string) => Endpoint): Endpoint =>
  (served, query, id) => {
    recordingAt(served, id)
    return endpoint(id)(served, query, id)
  }

const lookUp: Endpoint = ({ account }, query) => {
  const [phone, email] = [parameterOf(query, 'phone'), parameterOf(query, 'email')]
  const found = account.contacts.filter(
    ({ phone_numbers, emails }) =>
      (phone !== undefined && phone_numbers.includes(phone)) || (email !== undefined && emails.includes(email)),
  )
  return found.map((contact) => ({ ...contact, emails: contact.emails.map((address) => ({ address })) }))
}

const recordingLines: Endpoint = (served, query, id) => {
  if (!served.traps.transcriptsByRecording) throw new Refused(404)
  return lines(served, query, id)
}

/** By the path with `*` for an id. */
const endpoints: Readonly<Record<string, Endpoint>> = {
  recordings: list((served) => ({ collection: served.account.recordings, show: shown(served) })),
  'recordings/*': (served, _query, id) => one(recordingAt(served, id), served),
  'recordings/*/transcribes': ofRecording(transcribesOf),
  'recordings/*/transcripts': ofRecording(() => recordingLines),
  transcribes: transcribesOf(null),
  transcripts: (served, query) => lines(served, query, ''),
  'calls/*': (served, _query, id) => one(served.account.calls.byId.get(id)?.content, served),
  conferences: list(({ account }) => ({ collection: account.conferences })),
  'conferences/*': (served, _query, id) => one(served.account.conferences.byId.get(id)?.content, served),
  'conferencecalls/*': (served, _query, id) => one(served.account.participants.get(id), served),
  'contacts/lookup': lookUp,
}

const requireServed = ({ traps }: Served, path: string): void => {
  const refused = Object.entries(traps.refused).find(([start]) => path === start || path.startsWith(`${start}/`))
  if (refused !== undefined) throw new Refused(refused[1])
}

const endpointAt = (path: string): { readonly endpoint: Endpoint; readonly id: string } => {
  const [name = '', id = '', ...beyond] = path.split('/').map(decodeURIComponent)
  const pattern = id === '' ? name : [name, path === 'contacts/lookup' ? id : '*', ...beyond].join('/')
  const endpoint = Object.hasOwn(endpoints, pattern) ? endpoints[pattern] : undefined
  if (endpoint === undefined) throw new Refused(404)
  return { endpoint, id }
}

/** The true answer to an authorized GET. `path` is what stands behind `/v1.0/`. */
export const apiAnswer = (served: Served, path: string, query: Query): Answer => {
  try {
    requireServed(served, path)
    if (path.startsWith('recordingfiles/')) {
      const recording = recordingAt(served, decodeURIComponent(path.slice('recordingfiles/'.length)))
      return audioAnswer(served, recording)
    }
    const { endpoint, id } = endpointAt(path)
    return answerOf(200, JSON.stringify(endpoint(served, query, id)))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.status === 500 ? envelope(500) : refusal(error.status, served.traps)
  }
}
