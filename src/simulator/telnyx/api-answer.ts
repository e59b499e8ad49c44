import { type Answer, answerOf } from '../answer.ts'
import type { Query } from '../simulated-request.ts'
import { listCallEvents } from './call-events.ts'
import { listDetailRecords } from './detail-records.ts'
import { listPhoneNumbers } from './phone-numbers.ts'
import { listRecordings, oneRecording } from './recordings.ts'
import { refusal } from './refusal.ts'
import { notFound, RefusedRequest } from './refused-request.ts'
import type { Endpoint, Served } from './served.ts'
import { listTranscriptions, oneTranscription } from './transcriptions.ts'

interface Collection {
  readonly list: Endpoint
  readonly one?: Endpoint
}

const collections: ReadonlyMap<string, Collection> = new Map<string, Collection>([
  ['recordings', { list: listRecordings, one: oneRecording }],
  ['recording_transcriptions', { list: listTranscriptions, one: oneTranscription }],
  ['phone_numbers', { list: listPhoneNumbers }],
  ['call_events', { list: listCallEvents }],
  ['detail_records', { list: listDetailRecords }],
])

const endpointOf = (name: string, id: string): Endpoint => {
  const collection = collections.get(name)
  const endpoint = id === '' ? collection?.list : collection?.one
  if (endpoint === undefined) throw notFound()
  return endpoint
}

const requireServed = ({ traps }: Served, path: string): void => {
  const status = traps.refused[path]
  if (status === 404) throw notFound()
  if (status === 403) throw new RefusedRequest(403, '10010', 'Not authorized')
}

const bodyOf = (served: Served, path: string, query: Query): unknown => {
  requireServed(served, path)
  const [name = '', id = '', ...beyond] = path.split('/').map(decodeURIComponent)
  if (beyond.length > 0) throw notFound()
  return endpointOf(name, id)(served, query, id)
}

const written = (body: unknown, { traps }: Served): string => {
  const json = JSON.stringify(body)
  return traps.connectionIdAsNumber ? json.replaceAll(/"connection_id":"(\d+)"/g, '"connection_id":$1') : json
}

/** The true answer to an authorized GET. `path` is what stands behind `/v2/`. */
export const apiAnswer = (served: Served, path: string, query: Query): Answer => {
  try {
    return answerOf(200, written(bodyOf(served, path, query), served))
  } catch (error) {
    if (error instanceof RefusedRequest) return refusal(error, served.traps)
    throw error
  }
}
