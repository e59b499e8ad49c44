import type { EpochMicros } from '../../domain/instant.ts'
import { latest } from '../../domain/latest.ts'
import type { Window } from '../../domain/window.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import { EndpointClosed, unlessClosed } from '../endpoint-closed.ts'
import type { ReadContext } from '../source.ts'
import { pathOf, type VoipbinApi } from './api.ts'
import { idIn, idOf, referenceId, referenceType, versionOf } from './fields.ts'
import { itemKey, type Walk } from './list-page.ts'
import { deletedAt, knownTime } from './times.ts'
import { walkDown } from './walk-down.ts'

/** Transcribes by the recording that they are of. */
export type TranscribesById = ReadonlyMap<string, readonly JsonObject[]>

/** Those of the window that was listed last, and of the one before: its records may still be worked on. */
export class ListedTranscribes {
  #before: TranscribesById = new Map()
  #last: TranscribesById = new Map()

  add(listed: TranscribesById): void {
    this.#before = this.#last
    this.#last = listed
  }

  get(recordingId: string): readonly JsonObject[] | undefined {
    return this.#last.get(recordingId) ?? this.#before.get(recordingId)
  }
}

/** One is begun when its recording has ended; what comes later still is found where it was created. */
const lateness = 3_600_000_000

const closed =
  'VoIPBIN does not let this key list transcribes, so texts stay as they are; give the key that right, or set transcripts: false'

const closedById =
  'VoIPBIN does not show this key the transcribes of one recording: only those that are listed with a window are read'

const statusText = compileTextMember('status')
const languageText = compileTextMember('language')

const isDone = (transcribe: JsonObject): boolean => (statusText(transcribe, []) ?? '').toLowerCase() === 'done'

/** The newest version of the transcribes of a recording: a new one does not touch the recording. */
export const newestVersion = (transcribes: readonly JsonObject[]): EpochMicros | null =>
  transcribes.reduce<EpochMicros | null>((newest, transcribe) => latest(newest, versionOf(transcribe)), null)

const isLanguage = (transcribe: JsonObject, language: string | undefined): boolean =>
  language !== undefined && (languageText(transcribe, []) ?? '').toLowerCase() === language.toLowerCase()

const isNewer = (a: JsonObject, b: JsonObject | null): boolean =>
  b === null || (versionOf(a) ?? 0) > (versionOf(b) ?? 0)

const newestOf = (transcribes: readonly JsonObject[]): JsonObject | null =>
  transcribes.reduce<JsonObject | null>((newest, one) => (isNewer(one, newest) ? one : newest), null)

/** The id of the one whose lines are the text: done, in the language that is asked for, else the newest. Null: none is done. */
export const chosenTranscribe = (transcribes: readonly JsonObject[], language: string | undefined): string | null => {
  const done = transcribes.filter(isDone)
  const chosen = newestOf(done.filter((one) => isLanguage(one, language))) ?? newestOf(done)
  const id = chosen === null ? null : idIn(idOf(chosen, []))
  // What is no whole text cannot be asked for.
  return id?.isWellFormed() === true ? id : null
}

export const isInProgress = (transcribes: readonly JsonObject[]): boolean =>
  transcribes.some((one) => (statusText(one, []) ?? '').toLowerCase() === 'progressing')

const isLiving = (item: unknown): item is JsonObject => isJsonObject(item) && knownTime(deletedAt(item)) === null

const collect = async (api: VoipbinApi, walk: Walk, context: ReadContext): Promise<readonly JsonObject[]> => {
  const found = new Map<string, JsonObject>()
  for await (const { items } of walkDown(api, walk, context)) {
    for (const item of items) {
      if (isLiving(item)) found.set(itemKey(item), item)
    }
  }
  return [...found.values()]
}

/** Those that recordings of the window may have; undefined when they are not open to this key. */
export const transcribesAround = (
  api: VoipbinApi,
  { from, to }: Window,
  context: ReadContext,
): Promise<TranscribesById | undefined> =>
  unlessClosed(api, closed, context, async () => {
    const what = `connection ${api.connectionId}: transcribes`
    const window = { from, to: to + lateness }
    const listed = await collect(api, { what, path: '/transcribes', query: [], window, mayBeClosed: true }, context)
    const byId = new Map<string, JsonObject[]>()
    for (const transcribe of listed) {
      const id = referenceType(transcribe) === 'recording' ? referenceId(transcribe) : null
      if (id !== null) byId.set(id, [...(byId.get(id) ?? []), transcribe])
    }
    return byId
  })

const always: Window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/**
 * All of one recording, none too. Where that is not open to this key, or not known to an older server, those that were listed;
 * undefined when none was.
 */
export const transcribesOf = async (
  api: VoipbinApi,
  recordingId: string,
  listed: ListedTranscribes,
  context: ReadContext,
): Promise<readonly JsonObject[] | undefined> => {
  const all = await unlessClosed(api, closedById, context, async () => {
    const what = `connection ${api.connectionId}: transcribes of recording ${recordingId}`
    const path = `${pathOf('recordings', recordingId)}/transcribes`
    const found = await collect(api, { what, path, query: [], window: always, mayBeClosed: true }, context)
    return found.filter((transcribe) => (referenceId(transcribe) ?? recordingId) === recordingId)
  })
  return all ?? listed.get(recordingId)
}

/** The lines of a transcript; null when they are not to be had. Older servers have them at an address of their own. */
export const linesOf = async (
  api: VoipbinApi,
  recordingId: string,
  transcribeId: string,
  context: ReadContext,
): Promise<readonly JsonObject[] | null> => {
  const query = [['transcribe_id', transcribeId]] as const
  const what = `connection ${api.connectionId}: transcript ${transcribeId}`
  for (const path of [`${pathOf('recordings', recordingId)}/transcripts`, '/transcripts']) {
    try {
      const lines = await collect(api, { what, path, query, window: always, mayBeClosed: true }, context)
      return lines.filter((line) => (lineOf(line, []) ?? transcribeId) === transcribeId)
    } catch (error) {
      if (!(error instanceof EndpointClosed)) throw error
      // It is a transcribe of something else: its lines are not to be had by another way.
      if (error.status === 403) return null
    }
  }
  return null
}

const lineOf = compileTextMember('transcribe_id')
