import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Fetched, ReadContext } from '../source.ts'
import { explainError, saysNotFound } from './answer.ts'
import { pathOf, refusals } from './api.ts'
import { bareEnvelope } from './envelope.ts'
import { idOf, isEnded } from './fields.ts'
import { joinEnvelope } from './join-record.ts'
import type { Joining } from './joining.ts'
import { stubOf } from './stub.ts'
import { transcribesOf } from './transcribes.ts'

/** VoIPBIN proves with a 404 of its own that there is no such recording; an older server's bare 400 proves nothing. */
export const fetchRecording = async (joining: Joining, recordId: string, context: ReadContext): Promise<Fetched> => {
  const { api, settings } = joining
  const path = pathOf('recordings', recordId)
  if (path === null) return { kind: 'unavailable', recordId, detail: 'no address can be made of its id' }
  const answer = await api.one(path, [], refusals, context)
  if (saysNotFound(answer)) return { kind: 'gone', recordId, readAt: answer.askedAt }
  if (answer.status >= 400) {
    const said = explainError(answer.body) ?? 'without a word of its own'
    return { kind: 'unavailable', recordId, detail: `VoIPBIN answers ${answer.status}: ${said}` }
  }
  const what = `connection ${api.connectionId}: recording ${recordId}`
  const recording = answer.body
  if (!isJsonObject(recording)) throw new SourceProtocolError(`${what}: the answer is no recording`)
  const id = idOf(recording, []) ?? null
  if (id !== recordId) throw new SourceProtocolError(`${what}: the answer is of ${id ?? 'a recording without id'}`)
  const asks = settings.transcripts && isEnded(recording)
  const transcribes = asks
    ? ((await joining.unlessFailed(context, () => transcribesOf(api, id, joining.listedTranscribes, context))) ??
      undefined)
    : undefined
  const envelope = await joinEnvelope(joining, { ...bareEnvelope(recording), transcribes }, context)
  return { kind: 'record', stub: { ...stubOf(envelope), recordId }, readAt: answer.askedAt }
}
