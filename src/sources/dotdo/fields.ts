import type { RejectReason } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Stated } from '../../domain/recording-row.ts'
import { compileDurationReader, wholeSeconds } from '../../transform/duration.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import {
  compileIdMember,
  compileMember,
  compileReadMember,
  compileTextMember,
  type Notes,
} from '../../transform/member.ts'
import { compileTime, readTimestamp } from './times.ts'

export const idOf = compileIdMember('id')
export const statusOf = compileTextMember('status')
export const secureUrlOf = compileTextMember('secureUrl')

/** A reference is an id, or the thing itself when it was expanded. */
export interface Reference {
  readonly id: Stated<string>
  readonly expanded: JsonObject | null
}

export const compileReference = (name: string): ((record: JsonObject, notes: Notes) => Reference) => {
  const member = compileMember(name)
  const text = compileTextMember(name)
  return (record, notes) => {
    const value = member(record)
    return isJsonObject(value)
      ? { id: idOf(value, notes), expanded: value }
      : { id: text(record, notes), expanded: null }
  }
}

const endTime = compileTime('endTime')
const expiresAt = compileTime('expiresAt')
export const autoDeleteAt = compileTime('autoDeleteAt')
const updated = compileReadMember('updated', readTimestamp, 'version-unreadable')
/** The axis of windows. */
export const createdAt = compileTime('created')

/** When the record last changed, or was made. */
export const versionOf = (record: JsonObject, notes: Notes): EpochMicros | null =>
  updated(record, notes) ?? createdAt(record, []) ?? null

const startText = compileTextMember('startTime')
const createdText = compileTextMember('created')

export const isReason = (time: Stated<EpochMicros> | RejectReason): time is RejectReason =>
  typeof time === 'object' && time !== null

/** A time that says when the recording was must be readable: nothing else stands in for it. */
const decidingTime = (text: Stated<string>, path: string): Stated<EpochMicros> | RejectReason => {
  if (typeof text !== 'string') return text
  const reading = readTimestamp(text)
  return reading.kind === 'value' ? reading.value : { code: reading.code, path, detail: reading.detail }
}

/** When it began, or was made; null when it says neither. */
export const beganAt = (record: JsonObject, notes: Notes): EpochMicros | null | RejectReason => {
  const startedAt = decidingTime(startText(record, notes), 'startTime')
  if (isReason(startedAt)) return startedAt
  const madeAt = decidingTime(createdText(record, notes), 'created')
  return isReason(madeAt) ? madeAt : (startedAt ?? madeAt ?? null)
}

const duration = compileReadMember('duration', compileDurationReader('s'), 'duration-unreadable')
const startTime = compileReadMember('startTime', readTimestamp, null)

/** Whole seconds; null when it ended before it began. */
export const durationSeconds = (record: JsonObject, notes: Notes): Stated<number> => {
  const stated = duration(record, notes)
  if (typeof stated === 'number') return stated
  const [from, to] = [startTime(record, []), endTime(record, notes)]
  if (typeof from !== 'number' || typeof to !== 'number') return stated
  return to < from ? null : wholeSeconds((to - from) / 1_000_000, notes)
}

const microsPerDay = 86_400_000_000
const days = /^\d{1,6}(?:\.\d{1,6})?$/
const retentionText = compileTextMember('retentionPeriod')

/** The end of its retention, counted from when it was made. */
const retainedUntil = (record: JsonObject, notes: Notes): EpochMicros | null => {
  const period = retentionText(record, notes)
  const from = createdAt(record, []) ?? startTime(record, []) ?? null
  if (typeof period !== 'string' || from === null) return null
  if (!days.test(period)) {
    notes.push('retention-unreadable')
    return null
  }
  return Number(period) > 0 ? from + Math.round(Number(period) * microsPerDay) : null
}

/** The earlier of what it states; its retention only where it states neither. */
export const expiryOf = (record: JsonObject, notes: Notes): Stated<EpochMicros> => {
  const stated = [expiresAt(record, notes), autoDeleteAt(record, [])]
  const times = stated.filter((time) => typeof time === 'number')
  if (times.length > 0) return Math.min(...times)
  return retainedUntil(record, notes) ?? stated.find((time) => time === null)
}
