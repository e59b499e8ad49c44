import type { RejectReason } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Stated } from '../../domain/recording-row.ts'
import { wholeSeconds } from '../../transform/duration.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import {
  compileIdMember,
  compileMember,
  compileReadMember,
  compileTextMember,
  type Notes,
} from '../../transform/member.ts'

export const idOf = compileIdMember('id')
export const statusOf = compileTextMember('status')
export const typeOf = compileTextMember('type')
export const phoneNumberIdOf = compileTextMember('phoneNumberId')

const readInstant = compileInstantReader({})

/** The axes of windows; null where a call does not say, or not readably. */
export const createdAtOf = compileReadMember('createdAt', readInstant, null)
/** The version of a call. */
export const updatedAtOf = compileReadMember('updatedAt', readInstant, 'version-unreadable')

/** An object within a call; undefined when there is none of that name, null when it says that there is none. */
export const compileObjectMember = (name: string): ((object: JsonObject) => JsonObject | null | undefined) => {
  const member = compileMember(name)
  return (object) => {
    const value = member(object)
    return isJsonObject(value) || value === null ? value : undefined
  }
}

export interface CallTimes {
  readonly createdAt: Stated<EpochMicros>
  readonly startedAt: Stated<EpochMicros>
  readonly endedAt: Stated<EpochMicros>
}

const startedText = compileTextMember('startedAt')
const createdText = compileTextMember('createdAt')
const endedAtOf = compileReadMember('endedAt', readInstant, 'recording-end-unreadable')

/** A time that says when the call was must be readable: nothing else stands in for it. */
const decidingTime = (text: Stated<string>, path: string): Stated<EpochMicros> | RejectReason => {
  if (typeof text !== 'string') return text
  const reading = readInstant(text)
  return reading.kind === 'value' ? reading.value : { code: reading.code, path, detail: reading.detail }
}

const isReason = (time: Stated<EpochMicros> | RejectReason): time is RejectReason =>
  typeof time === 'object' && time !== null

export const timesOf = (call: JsonObject, notes: Notes): CallTimes | RejectReason => {
  const startedAt = decidingTime(startedText(call, notes), 'startedAt')
  if (isReason(startedAt)) return startedAt
  const createdAt = decidingTime(createdText(call, notes), 'createdAt')
  if (isReason(createdAt)) return createdAt
  return { startedAt, createdAt, endedAt: endedAtOf(call, notes) }
}

/** Whole seconds; null when it ended before it began. Vapi states no length of its own. */
export const durationSeconds = ({ startedAt, endedAt }: CallTimes, notes: Notes): Stated<number> => {
  if (typeof startedAt !== 'number' || typeof endedAt !== 'number') return undefined
  return endedAt < startedAt ? null : wholeSeconds((endedAt - startedAt) / 1_000_000, notes)
}
