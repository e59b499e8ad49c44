import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../../src/transform/json-object.ts'
import { objectsOf } from '../../../src/transform/member.ts'

const folder = join(import.meta.dirname, '../../fixtures/voipbin')

export const answerIn = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))

const resourcesOf = (name: string): readonly JsonObject[] => {
  const answer = answerIn(name)
  return objectsOf(isJsonObject(answer) ? answer.result : answer)
}

const at = (list: readonly JsonObject[], index: number): JsonObject => {
  const found = list[index]
  if (found === undefined) throw new Error(`there is no resource ${index}`)
  return found
}

const old = resourcesOf('recordings-old')
const current = resourcesOf('recordings-new')

/** An ended recording of an inbound call, as an older server writes it. */
export const inbound = at(old, 0)
/** Of a confbridge, with what prose of the vendor writes: status available, owner_type call. */
export const confbridge = at(old, 1)
/** As a server of today writes one that is not over. */
export const inProgress = at(current, 0)
/** Just begun: the keys that are left when everything empty is left out. */
export const bareRecord = at(current, 1)
/** An outgoing leg. */
export const outbound = at(current, 2)

export const inboundCall = at(resourcesOf('calls'), 0)
export const outboundCall = at(resourcesOf('calls'), 1)
export const conference = at(resourcesOf('conferences'), 0)
export const contact = at(resourcesOf('contacts'), 0)

export const transcribes = resourcesOf('transcribes')
/** Newest first, as they come. */
export const lines = resourcesOf('transcripts')
export const transcript = { transcribe_id: 'd1000000-0000-4000-8000-000000000001', lines }
