import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'

/**
 * What is stored of a recording and what flatten sees, so that a replay needs no network. Of what was joined, undefined =
 * the join was not made; an empty list = it was asked for by id, and there is none.
 */
export interface Envelope {
  /** The resource as Telnyx answered it, without its links. */
  readonly recording: JsonObject
  /** Its recording transcriptions. */
  readonly transcripts: readonly JsonObject[] | undefined
  /** Those of its two numbers that were the account's own when it was read, E.164. */
  readonly own_numbers: readonly string[] | undefined
  /** The `call.initiated` events of its call session, earliest leg included. */
  readonly events: readonly JsonObject[] | undefined
}

const listOf = (value: unknown): readonly JsonObject[] | undefined =>
  Array.isArray(value) ? objectsOf(value) : undefined

const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((item: unknown) => typeof item === 'string') : undefined

/** The envelope of a stored record. A record of a dump is the bare resource: nothing was joined. Null when it is no object. */
export const readEnvelope = (record: unknown): Envelope | null => {
  if (!isJsonObject(record)) return null
  if (!Object.hasOwn(record, 'recording') || !isJsonObject(record.recording)) {
    return { recording: record, transcripts: undefined, own_numbers: undefined, events: undefined }
  }
  return {
    recording: record.recording,
    transcripts: listOf(record.transcripts),
    own_numbers: textsOf(record.own_numbers),
    events: listOf(record.events),
  }
}

/** As it is stored: what was joined, and nothing of what was not. */
export const storedEnvelope = ({ recording, ...joins }: Envelope): object => ({
  recording,
  ...Object.fromEntries(Object.entries(joins).filter(([, join]) => join !== undefined)),
})
