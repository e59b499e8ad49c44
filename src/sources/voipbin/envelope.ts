import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'

/** The lines of one transcript. */
export interface Transcript {
  readonly transcribe_id: string
  readonly lines: readonly JsonObject[]
}

/**
 * What is stored of a recording and what flatten sees, so that a replay needs no network. Of what was joined, undefined = it
 * was not asked for; null = it was, and is not there (yet).
 */
export interface Envelope {
  /** The resource as VoIPBIN answered it. */
  readonly recording: JsonObject
  /** The recorded call. */
  readonly call: JsonObject | null | undefined
  /** Of a recorded confbridge: its conference. */
  readonly conference: JsonObject | null | undefined
  /** The calls of its participants: all of them, or the first two on the telephone. */
  readonly participants: readonly JsonObject[] | undefined
  /** Its transcribes, as far as they were listed; empty = it was asked by id, and has none. */
  readonly transcribes: readonly JsonObject[] | undefined
  /** The one that was chosen. */
  readonly transcript: Transcript | null | undefined
  /** The one contact that has the number or address of the person. */
  readonly contact: JsonObject | null | undefined
}

export const bareEnvelope = (recording: JsonObject): Envelope => ({
  recording,
  call: undefined,
  conference: undefined,
  participants: undefined,
  transcribes: undefined,
  transcript: undefined,
  contact: undefined,
})

const objectOrNull = (value: unknown): JsonObject | null | undefined => {
  if (value === null) return null
  return isJsonObject(value) ? value : undefined
}

const listOf = (value: unknown): readonly JsonObject[] | undefined =>
  Array.isArray(value) ? objectsOf(value) : undefined

const transcriptOf = (value: unknown): Transcript | null | undefined => {
  const found = objectOrNull(value)
  if (found === null || found === undefined) return found
  const lines = listOf(found.lines)
  return typeof found.transcribe_id === 'string' && lines !== undefined
    ? { transcribe_id: found.transcribe_id, lines }
    : undefined
}

/** The envelope of a stored record; a bare resource is one to which nothing was joined. Null when it is no object. */
export const readEnvelope = (record: unknown): Envelope | null => {
  if (!isJsonObject(record)) return null
  if (!Object.hasOwn(record, 'recording') || !isJsonObject(record.recording)) return bareEnvelope(record)
  return {
    recording: record.recording,
    call: objectOrNull(record.call),
    conference: objectOrNull(record.conference),
    participants: listOf(record.participants),
    transcribes: listOf(record.transcribes),
    transcript: transcriptOf(record.transcript),
    contact: objectOrNull(record.contact),
  }
}

/** As it is stored: what was asked for, and nothing of what was not. */
export const storedEnvelope = ({ recording, ...joins }: Envelope): object => ({
  recording,
  ...Object.fromEntries(Object.entries(joins).filter(([, join]) => join !== undefined)),
})
