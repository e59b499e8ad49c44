import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Fetched, ReadContext } from '../source.ts'
import { explainErrors, hasErrors, readOne } from './answer.ts'
import type { TelnyxApi } from './api.ts'
import type { Envelope } from './envelope.ts'
import { idOf } from './fields.ts'
import { type Joins, lacksCallEvents } from './joins.ts'
import { withoutLinks } from './links.ts'
import { numbersIn } from './own-numbers.ts'
import { pathOf } from './recording-path.ts'
import { transcriptsOf } from './recording-transcripts.ts'
import { stubOf } from './stub.ts'

export interface Fetching extends Joins {
  readonly api: TelnyxApi
  readonly readsTranscripts: boolean
}

/** The recording with everything that is joined to it. */
const joined = async (
  fetching: Fetching,
  { id, recording, readAt }: { readonly id: string; readonly recording: JsonObject; readonly readAt: EpochMicros },
  context: ReadContext,
): Promise<Envelope> => {
  const { api, ownAmong, callEvents, readsTranscripts } = fetching
  const envelope: Envelope = {
    recording,
    transcripts: readsTranscripts ? await transcriptsOf(api, id, context) : undefined,
    own_numbers: await ownAmong(numbersIn(recording), context),
    events: undefined,
  }
  const events = lacksCallEvents(fetching, envelope, readAt) ? await callEvents?.of(recording, context) : undefined
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
