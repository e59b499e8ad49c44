import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../src/transform/json-object.ts'

const folder = join(import.meta.dirname, '../../fixtures/telnyx')

/** The resources of one recorded answer. */
const resourcesOf = (name: string): readonly JsonObject[] => {
  const answer: unknown = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const data = isJsonObject(answer) ? answer.data : undefined
  return Array.isArray(data) ? data.filter((item: unknown) => isJsonObject(item)) : []
}

const at = (list: readonly JsonObject[], index: number): JsonObject => {
  const found = list[index]
  if (found === undefined) throw new Error(`there is no resource ${index}`)
  return found
}

const recordings = resourcesOf('recordings')
const transcriptions = resourcesOf('recording_transcriptions')

/** An inbound call with everything in it. */
export const inboundCall = at(recordings, 0)
/** An outbound call with odd numbers and times, its audio in storage of the customer's own. */
export const outboundCall = at(recordings, 1)
export const conference = at(recordings, 2)

export const completedTranscript = at(transcriptions, 0)
/** Newer than the completed one. */
export const unfinishedTranscript = at(transcriptions, 1)

/** Two legs of the session of the inbound call, as `/call_events` answers: the forwarded one first. */
export const callEvents = resourcesOf('call_events')

export const allRecordings = recordings

/** The same resource as typed clients write it. */
export const inCamelCase = (resource: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(resource).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
