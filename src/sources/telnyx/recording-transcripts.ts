import { WindowTooLarge } from '../../domain/errors.ts'
import type { Window } from '../../domain/window.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { unlessClosed } from '../endpoint-closed.ts'
import type { ReadContext } from '../source.ts'
import { pageAt, type TelnyxApi } from './api.ts'
import { idOf } from './fields.ts'
import { describeListing, fingerprintOf, type Listing, largestPage, listItems } from './listing.ts'
import { textLength, transcribedId, withoutText } from './transcripts.ts'

const path = '/recording_transcriptions'

/** A transcription is made after its recording; what comes later still is found where it was created. */
const lateness = 3_600_000_000

/** Transcriptions that were listed. */
export interface ListedTranscripts {
  /** By the recording that they belong to. */
  readonly byRecording: ReadonlyMap<string, readonly JsonObject[]>
  /** Recordings with a text that is too long to be held here: to be read by their ids. */
  readonly tooLong: ReadonlySet<string>
}

const closed =
  'Telnyx does not let this key list recording transcriptions, so texts stay as they are; give the key that right, or set transcripts: false'

/** Texts are held until the recordings of the window are listed: so many, or those of a window that is not halved for it. */
const mostCharacters = 16_000_000
const smallestWindow = 60_000_000

/** Of a call of some twenty hours: so long a text is not held, but read again by the id of its recording. */
const longText = 1_000_000

/** Transcriptions that were listed, each once, and how much of them is held. */
class FoundTranscripts {
  readonly byKey = new Map<string, JsonObject>()
  readonly tooLong = new Set<string>()
  readonly #isListed: (recordingId: string) => boolean
  readonly #most: number
  #characters = 0

  constructor({ from, to }: Window, isListed: (recordingId: string) => boolean) {
    this.#isListed = isListed
    this.#most = to - from > smallestWindow ? mostCharacters : Number.POSITIVE_INFINITY
  }

  get isTooMuch(): boolean {
    return this.#characters > this.#most
  }

  add(item: JsonObject): void {
    const key = idOf(item, []) ?? fingerprintOf(item)
    const recordingId = transcribedId(item, []) ?? ''
    const isLong = textLength(item) > longText
    if (isLong) this.tooLong.add(recordingId)
    const transcript = this.#isListed(recordingId) && !isLong ? item : withoutText(item)
    const before = this.byKey.get(key)
    this.#characters += textLength(transcript) - (before === undefined ? 0 : textLength(before))
    this.byKey.set(key, transcript)
  }
}

const collect = async (
  api: TelnyxApi,
  window: Window,
  found: FoundTranscripts,
  context: ReadContext,
): Promise<void> => {
  const listing: Listing = { path, name: 'recording transcriptions', window, mayBeClosed: true }
  for await (const { items } of listItems(api, listing, context)) {
    for (const item of items) if (isJsonObject(item)) found.add(item)
    if (!found.isTooMuch) continue
    const what = describeListing(api, listing)
    throw new WindowTooLarge(`${what}: their texts are more than ${mostCharacters} characters, which are held at once`)
  }
}

/**
 * Halved on its own: what is listed beyond the window must not decide how small the window has to be. Only the window itself
 * can be halved where texts are too much to be held.
 */
const collectInHalves = async (
  api: TelnyxApi,
  window: Window,
  found: FoundTranscripts,
  context: ReadContext,
): Promise<void> => {
  try {
    await collect(api, window, found, context)
  } catch (error) {
    if (!(error instanceof WindowTooLarge) || found.isTooMuch) throw error
    const middle = window.from + Math.floor((window.to - window.from) / 2)
    await collectInHalves(api, { from: window.from, to: middle }, found, context)
    await collectInHalves(api, { from: middle, to: window.to }, found, context)
  }
}

const groupByRecording = (transcripts: Iterable<JsonObject>): ListedTranscripts['byRecording'] => {
  const byId = new Map<string, JsonObject[]>()
  for (const transcript of transcripts) {
    const id = transcribedId(transcript, [])
    if (typeof id !== 'string') continue
    const others = byId.get(id)
    if (others === undefined) byId.set(id, [transcript])
    else others.push(transcript)
  }
  return byId
}

/**
 * Those that recordings of the window may have; undefined when they are not open to this key. `isListed`: of recordings that
 * it denies no text is held. Throws WindowTooLarge when the texts are too much to be held.
 */
export const transcriptsAround = (
  api: TelnyxApi,
  window: Window,
  isListed: (recordingId: string) => boolean,
  context: ReadContext,
): Promise<ListedTranscripts | undefined> =>
  unlessClosed(api, closed, context, async () => {
    const found = new FoundTranscripts(window, isListed)
    await collectInHalves(api, { from: window.from, to: window.to + lateness }, found, context)
    return { byRecording: groupByRecording(found.byKey.values()), tooLong: found.tooLong }
  })

/** All of one recording, none too; undefined when they are not open to this key, or the filter was not obeyed. */
export const transcriptsOf = (
  api: TelnyxApi,
  recordingId: string,
  context: ReadContext,
): Promise<readonly JsonObject[] | undefined> =>
  unlessClosed(api, closed, context, async () => {
    const query = [['filter[recording_id]', recordingId] as const, ...pageAt(1, largestPage)]
    const what = `connection ${api.connectionId}: transcriptions of recording ${recordingId}`
    const { items } = await api.list({ what, path, query, mayBeClosed: true }, context)
    const transcripts = items.filter((item) => isJsonObject(item))
    const own = transcripts.filter((transcript) => transcribedId(transcript, []) === recordingId)
    return own.length === 0 && items.length > 0 ? undefined : own
  })
