import type { EpochMicros } from '../../domain/instant.ts'
import { latest } from '../../domain/latest.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileTextMember, type Notes } from '../../transform/member.ts'
import { createdAtOf, idOf, statusOf, updatedAt } from './fields.ts'

const textOf = compileTextMember('transcription_text')
const createdAtText = compileTextMember('created_at')
const updatedAtText = compileTextMember('updated_at')

/** The recording that a transcription belongs to. */
export const transcribedId = compileTextMember('recording_id')

/** Characters of its text. */
export const textLength = (transcript: JsonObject): number => (textOf(transcript, []) ?? '').length

/** What tells that there is a transcription, and its version; not what it says. */
export const withoutText = (transcript: JsonObject): JsonObject => ({
  id: idOf(transcript, []),
  recording_id: transcribedId(transcript, []),
  created_at: createdAtText(transcript, []),
  updated_at: updatedAtText(transcript, []),
})

/** When a transcription was begun; null = it does not say readably. */
export const transcriptCreatedAt = (transcript: JsonObject): EpochMicros | null => createdAtOf(transcript, []) ?? null

/** Text and status change after it was begun; null = it states no readable time at all. */
const versionOf = (transcript: JsonObject): EpochMicros | null =>
  updatedAt(transcript, []) ?? transcriptCreatedAt(transcript)

/** The newest version of the transcriptions of a recording: a new one need not touch the recording. */
export const newestVersion = (transcripts: readonly JsonObject[]): EpochMicros | null =>
  transcripts.reduce<EpochMicros | null>((newest, transcript) => latest(newest, versionOf(transcript)), null)

interface Readable {
  readonly transcript: JsonObject
  readonly begun: number
  readonly changed: number
}

/** Newest first; in doubt, by what changed last. */
const newestFirst = (transcripts: readonly JsonObject[]): readonly JsonObject[] =>
  transcripts
    .map((transcript): Readable => {
      const changed = versionOf(transcript) ?? Number.NEGATIVE_INFINITY
      return { transcript, begun: transcriptCreatedAt(transcript) ?? changed, changed }
    })
    .sort((a, b) => descending(a.begun, b.begun) || descending(a.changed, b.changed))
    .map(({ transcript }) => transcript)

/** No subtraction: of two unknown times it would be NaN. */
const descending = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1)

const inProgress = /^in[-_ ]?progress$/i

const isCompleted = (transcript: JsonObject): boolean => (statusOf(transcript, []) ?? 'completed') === 'completed'

/** The text of the latest completed one; null when none of them is completed. */
export const transcriptText = (transcripts: readonly JsonObject[], notes: Notes): string | null => {
  const last = newestFirst(transcripts).find(isCompleted)
  return last === undefined ? null : (textOf(last, notes) ?? null)
}

/** The newest of them while it is still being written. */
export const unfinishedTranscript = (transcripts: readonly JsonObject[]): JsonObject | null => {
  const [newest] = newestFirst(transcripts)
  return newest !== undefined && inProgress.test(statusOf(newest, []) ?? '') ? newest : null
}
