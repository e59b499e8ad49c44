import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { compileReadMember, compileTextMember, type Notes } from '../../transform/member.ts'

const readInstant = compileInstantReader({})

const createdAt = compileReadMember('created_at', readInstant, null)
const updatedAt = compileReadMember('updated_at', readInstant, null)
const statusOf = compileTextMember('status')
const textOf = compileTextMember('transcription_text')

/** The recording that a transcription belongs to. */
export const transcribedId = compileTextMember('recording_id')

/** When a transcription was begun; null = it does not say readably. */
export const transcriptCreatedAt = (transcript: JsonObject): EpochMicros | null => createdAt(transcript, []) ?? null

/** Text and status change after it was begun; null = it states no readable time at all. */
const versionOf = (transcript: JsonObject): EpochMicros | null =>
  updatedAt(transcript, []) ?? transcriptCreatedAt(transcript)

/** The newest version of the transcriptions of a recording: a new one need not touch the recording. */
export const newestVersion = (transcripts: readonly JsonObject[]): EpochMicros | null =>
  transcripts.reduce<EpochMicros | null>((newest, transcript) => {
    const version = versionOf(transcript)
    return newest === null || (version !== null && version > newest) ? version : newest
  }, null)

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
  const latest = newestFirst(transcripts).find(isCompleted)
  return latest === undefined ? null : (textOf(latest, notes) ?? null)
}

/** The newest of them while it is still being written. */
export const unfinishedTranscript = (transcripts: readonly JsonObject[]): JsonObject | null => {
  const [newest] = newestFirst(transcripts)
  return newest !== undefined && inProgress.test(statusOf(newest, []) ?? '') ? newest : null
}
