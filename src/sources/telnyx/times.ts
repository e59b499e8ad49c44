import type { RejectReason } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Stated } from '../../domain/recording-row.ts'
import type { InstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'

/** The times of a recording. `createdAt` is that of the resource, made once the audio was processed: the axis of windows. */
export interface RecordingTimes {
  readonly startedAt: Stated<EpochMicros>
  readonly createdAt: Stated<EpochMicros>
  readonly endedAt: Stated<EpochMicros>
}

type DecidingTime = (recording: JsonObject, notes: Notes) => Stated<EpochMicros> | RejectReason

/** A time that says where the recording stands must be readable: nothing else stands in for it. */
const compileDecidingTime = (name: string, readInstant: InstantReader): DecidingTime => {
  const member = compileTextMember(name)
  return (recording, notes) => {
    const text = member(recording, notes)
    if (typeof text !== 'string') return text
    const reading = readInstant(text)
    if (reading.kind === 'invalid') return { code: reading.code, path: name, detail: reading.detail }
    if (reading.note !== null) notes.push(reading.note)
    return reading.value
  }
}

const isReason = (time: Stated<EpochMicros> | RejectReason): time is RejectReason =>
  typeof time === 'object' && time !== null

export const compileTimes = (
  readInstant: InstantReader,
): ((recording: JsonObject, notes: Notes) => RecordingTimes | RejectReason) => {
  const started = compileDecidingTime('recording_started_at', readInstant)
  const created = compileDecidingTime('created_at', readInstant)
  const ended = compileReadMember('recording_ended_at', readInstant, 'recording-end-unreadable')
  return (recording, notes) => {
    const startedAt = started(recording, notes)
    if (isReason(startedAt)) return startedAt
    const createdAt = created(recording, notes)
    if (isReason(createdAt)) return createdAt
    return { startedAt, createdAt, endedAt: ended(recording, notes) }
  }
}
