import type { EpochMicros } from '../../domain/instant.ts'
import type { RecordingStatus, Stated } from '../../domain/recording-row.ts'
import { wholeSeconds } from '../../transform/duration.ts'
import { excerpt } from '../../transform/excerpt.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'
import { encodedId } from '../../transform/path-segment.ts'
import { invalid, read } from '../../transform/reading.ts'

const readInstant = compileInstantReader({})

const timeMember = (name: string) => compileReadMember(name, readInstant, 'recording-time-unreadable')

export const sessionIdOf = compileTextMember('sessionId')
export const ownerOf = compileTextMember('conversationId')
const mediaOf = compileTextMember('media')
const fileState = compileTextMember('fileState')
const startTime = timeMember('startTime')
const endTime = timeMember('endTime')
const originalStart = timeMember('originalRecordingStartTime')
const creationTime = timeMember('creationTime')
export const deleteDateOf = timeMember('deleteDate')

const readMillis = (text: string) =>
  /^\d{1,12}$/.test(text)
    ? read(Number(text))
    : invalid('invalid-duration', `${excerpt(text)} is no number of milliseconds`)

const outputDuration = compileReadMember('outputDurationMs', readMillis, 'duration-unreadable')

/** `messaging` in one document of the vendor, `message` in another. */
export const mediumOf = (recording: JsonObject): string => {
  const media = (mediaOf(recording, []) ?? '').toLowerCase()
  return media === 'messaging' ? 'message' : media
}

/** Upper case; empty when it is not stated. */
export const stateOf = (recording: JsonObject): string => (fileState(recording, []) ?? '').toUpperCase()

const statuses: Readonly<Record<string, RecordingStatus>> = {
  AVAILABLE: 'available',
  RESTORED: 'available',
  RESTORING: 'archived',
  ARCHIVED: 'archived',
  DELETED: 'deleted',
  UPLOADING: 'processing',
  ERROR: 'failed',
}

/** New words appear: they say nothing. */
export const statusOf = (recording: JsonObject, notes: Notes): Stated<RecordingStatus> => {
  const state = stateOf(recording)
  const status = Object.hasOwn(statuses, state) ? statuses[state] : undefined
  if (status === undefined && state !== '') notes.push('file-state-unknown')
  return status
}

/** Only what can be played is asked for its times again: without media they are null, and prove nothing. */
const isPlayable = (recording: JsonObject): boolean => ['AVAILABLE', 'RESTORED'].includes(stateOf(recording))

/** When it began, or what is nearest to that; undefined when the recording itself does not say. */
export const beganAt = (recording: JsonObject, notes: Notes): EpochMicros | undefined =>
  startTime(recording, notes) ?? originalStart(recording, notes) ?? creationTime(recording, notes) ?? undefined

export const createdAt = (recording: JsonObject): EpochMicros | undefined => creationTime(recording, []) ?? undefined

/** Whole seconds: end minus start, else what the transcoded file plays. */
export const durationSeconds = (recording: JsonObject, notes: Notes): Stated<number> => {
  const [from, to] = [startTime(recording, notes), endTime(recording, notes)]
  if (typeof from === 'number' && typeof to === 'number' && to > from)
    return wholeSeconds((to - from) / 1_000_000, notes)
  const played = outputDuration(recording, notes)
  if (typeof played === 'number' && played > 0) return wholeSeconds(played / 1000, notes)
  return isPlayable(recording) && (from !== undefined || played !== undefined) ? null : undefined
}

/** Proof of deletion is the state, never the date alone. Without a date that has passed: when it was seen. */
export const deletedAt = (recording: JsonObject, readAt: EpochMicros, notes: Notes): EpochMicros | null => {
  if (stateOf(recording) !== 'DELETED') return null
  const date = deleteDateOf(recording, notes) ?? readAt
  return Math.min(date, readAt)
}

/** Null while there is nothing to play; undefined for a state that says nothing. */
export const stableAddress = (
  recording: JsonObject,
  { region, conversation, id }: { readonly region: string; readonly conversation: string; readonly id: string },
): Stated<string> => {
  if (isPlayable(recording)) {
    const path = `conversations/${encodedId(conversation)}/recordings/${encodedId(id)}`
    return `https://api.${region}/api/v2/${path}`
  }
  return Object.hasOwn(statuses, stateOf(recording)) ? null : undefined
}
