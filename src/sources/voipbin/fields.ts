import type { EpochMicros } from '../../domain/instant.ts'
import { wholeSeconds } from '../../transform/duration.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileIdMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { createdAt, endedAt, knownTime, startedAt, updatedAt } from './times.ts'

export const idOf = compileIdMember('id')
export const customerId = compileTextMember('customer_id')
const referenceIdText = compileTextMember('reference_id')
const referenceTypeText = compileTextMember('reference_type')
const statusText = compileTextMember('status')

/** How VoIPBIN writes that there is none. */
const nilId = /^0{8}-(?:0{4}-){3}0{12}$/

/** Null for none, and for the nil UUID. */
export const idIn = (text: string | null | undefined): string | null =>
  text === undefined || text === null || nilId.test(text) ? null : text

/** The call, or the confbridge, that was recorded. */
export const referenceId = (recording: JsonObject): string | null => idIn(referenceIdText(recording, []))

/** `call`, `confbridge`, whatever else an answer says; empty when it does not say. */
export const referenceType = (recording: JsonObject): string => (referenceTypeText(recording, []) ?? '').toLowerCase()

/** A record that has just begun leaves its status out. `available` stands in prose of the vendor for what ended. */
export const statusOf = (recording: JsonObject): string => {
  const status = (statusText(recording, []) ?? 'initiating').toLowerCase()
  return status === 'available' ? 'ended' : status
}

export const isEnded = (recording: JsonObject): boolean => statusOf(recording) === 'ended'

/** Every change has a time of its own; a record that has just begun has none. */
export const versionOf = (recording: JsonObject): EpochMicros | null =>
  knownTime(updatedAt(recording)) ?? knownTime(createdAt(recording))

/**
 * Whole seconds from start to end of what was recorded. Never those of the call: one call may have several recordings. Null
 * when it is not known.
 */
export const durationSeconds = (recording: JsonObject, notes: Notes): number | null => {
  const end = endedAt(recording)
  if (typeof end === 'object' && end !== null) notes.push('recording-end-unreadable')
  const [from, to] = [knownTime(startedAt(recording)), knownTime(end)]
  if (!isEnded(recording) || from === null || to === null || to < from) return null
  return wholeSeconds((to - from) / 1_000_000, notes) ?? null
}

export const week = 7 * 24 * 3_600_000_000

/** A failed start may stay as it is for ever, and a call that is not there may never come. */
export const giveUpAt = (recording: JsonObject): EpochMicros =>
  (knownTime(createdAt(recording)) ?? knownTime(startedAt(recording)) ?? 0) + week
