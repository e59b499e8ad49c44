import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Fetched, ReadContext } from '../source.ts'
import { explainErrors, hasErrors, readOne } from './answer.ts'
import type { TelnyxApi } from './api.ts'
import { callEventsOf } from './call-events.ts'
import type { Envelope } from './envelope.ts'
import { idOf } from './fields.ts'
import { withoutLinks } from './links.ts'
import { createdAtIn } from './listing.ts'
import { numbersIn, type OwnAmong } from './own-numbers.ts'
import type { compileParties } from './parties.ts'
import { transcriptsOf } from './recording-transcripts.ts'
import { stubOf } from './stub.ts'
import { callEventsDelay } from './waiting.ts'

export interface Fetching {
  readonly api: TelnyxApi
  readonly ownAmong: OwnAmong
  readonly partiesOf: ReturnType<typeof compileParties>
  readonly readsTranscripts: boolean
  readonly asksCallEvents: boolean
}

/** Null for an id that no path can hold: an URL takes it for a folder. */
export const pathOf = (recordId: string): string | null =>
  /^\.{0,2}$/.test(recordId) ? null : `/recordings/${encodeURIComponent(recordId)}`

/** Only of recordings that leave something open, and old enough for events to be there. */
const eventsFor = async (
  { api, partiesOf, asksCallEvents }: Fetching,
  envelope: Envelope,
  readAt: EpochMicros,
  context: ReadContext,
): Promise<readonly JsonObject[] | undefined> => {
  const createdAt = createdAtIn(envelope.recording)
  if (!asksCallEvents || createdAt === null || readAt < createdAt + callEventsDelay) return undefined
  return partiesOf(envelope, []).isOpen ? callEventsOf(api, envelope.recording, context) : undefined
}

/** The recording with everything that is joined to it. */
const joined = async (
  fetching: Fetching,
  { id, recording, readAt }: { readonly id: string; readonly recording: JsonObject; readonly readAt: EpochMicros },
  context: ReadContext,
): Promise<Envelope> => {
  const { api, ownAmong, readsTranscripts } = fetching
  const envelope: Envelope = {
    recording,
    transcripts: readsTranscripts ? await transcriptsOf(api, id, context) : undefined,
    own_numbers: await ownAmong(numbersIn(recording), context),
    events: undefined,
  }
  const events = await eventsFor(fetching, envelope, readAt, context)
  if (events === undefined || events.length === 0) return { ...envelope, events }
  const numbers = [recording, ...events].flatMap(numbersIn)
  return { ...envelope, events, own_numbers: await ownAmong(numbers, context) }
}

/** Telnyx proves with a 404 of its own that there is no such recording; a 403 proves nothing. */
export const fetchRecording = async (fetching: Fetching, recordId: string, context: ReadContext): Promise<Fetched> => {
  const { api } = fetching
  const path = pathOf(recordId)
  if (path === null) return { kind: 'unavailable', recordId, detail: 'no address can be made of its id' }
  const answer = await api.one(path, [403, 404], context)
  const what = `connection ${api.connectionId}: recording ${recordId}`
  if (answer.status === 404 && hasErrors(answer.body)) return { kind: 'gone', recordId, readAt: answer.askedAt }
  if (answer.status >= 400) {
    const said = explainErrors(answer.body) ?? 'without a word of its own'
    return { kind: 'unavailable', recordId, detail: `Telnyx answers ${answer.status}: ${said}` }
  }
  const recording = withoutLinks(readOne(answer, what))
  const id = idOf(recording, []) ?? null
  if (id !== recordId) throw new SourceProtocolError(`${what}: the answer is of ${id ?? 'a recording without id'}`)
  const envelope = await joined(fetching, { id, recording, readAt: answer.askedAt }, context)
  return { kind: 'record', stub: { ...stubOf(envelope), recordId }, readAt: answer.askedAt }
}
