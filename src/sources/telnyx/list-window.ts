import type { Window } from '../../domain/window.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { askAhead } from '../ask-ahead.ts'
import type { ReadContext, Stub, StubPage } from '../source.ts'
import type { TelnyxApi } from './api.ts'
import { idOf } from './fields.ts'
import { type ItemPage, type Listing, listItems, mayLieIn } from './listing.ts'
import { type ListedTranscripts, transcriptsAround } from './recording-transcripts.ts'
import { foreignStub, mentionedStub, stubOf } from './stub.ts'
import { transcriptCreatedAt } from './transcripts.ts'

export interface Listings {
  readonly api: TelnyxApi
  readonly readsTranscripts: boolean
}

export const recordingsIn = (window: Window): Listing => ({
  path: '/recordings',
  name: 'recordings',
  window,
  mayBeClosed: false,
})

const listedStub = (recording: JsonObject, transcripts: ListedTranscripts | undefined): Stub => {
  const id = idOf(recording, []) ?? null
  const stub = stubOf({
    recording,
    // None among those of the window: a later one may be stored, so nothing is said of them.
    transcripts: id === null ? undefined : transcripts?.byRecording.get(id),
    own_numbers: undefined,
    events: undefined,
  })
  return id !== null && transcripts?.tooLong.has(id) === true ? { ...stub, record: undefined } : stub
}

/** Recordings of another time with a transcription of this one: whether it is new, only what is stored of them can tell. */
const mentionedIn = (
  { byRecording }: ListedTranscripts,
  listed: ReadonlySet<string>,
  window: Window,
): readonly Stub[] => {
  const isWithin = (transcript: JsonObject): boolean => {
    const at = transcriptCreatedAt(transcript)
    return at !== null && mayLieIn(window, at)
  }
  return Array.from(byRecording)
    .filter(([id, ofRecording]) => !listed.has(id) && ofRecording.some(isWithin))
    .map(([id, ofRecording]) => mentionedStub(id, ofRecording))
}

/** Whether a recording is among those of the window, as far as its first page can tell. */
const listedBy = ({ items, total }: ItemPage): ((recordingId: string) => boolean) => {
  if (total === null || items.length < total) return () => true
  const ids = new Set(items.map((item) => (isJsonObject(item) ? idOf(item, []) : null)))
  return (recordingId) => ids.has(recordingId)
}

const pageOf = ({ answer, total }: ItemPage, stubs: readonly Stub[]): StubPage => ({
  stubs,
  readAt: answer.askedAt,
  servedAt: answer.servedAt,
  total,
})

/**
 * Recordings of the window, with their transcriptions. These are listed once the first page of recordings has shown that the
 * window is not too large, so that those of a window that is halved anyway are never read.
 */
export async function* listWindow(
  listings: Listings,
  window: Window,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const listed = new Set<string>()
  let transcripts: ListedTranscripts | undefined
  let last: ItemPage | null = null
  const ask = (asking: ReadContext) => listItems(listings.api, recordingsIn(window), asking)
  for await (const page of askAhead(ask, context)) {
    if (last === null && listings.readsTranscripts) {
      transcripts = await transcriptsAround(listings.api, window, listedBy(page), context)
    }
    last = page
    const stubs = page.items.map((item) => (isJsonObject(item) ? listedStub(item, transcripts) : foreignStub(item)))
    for (const { recordId } of stubs) if (recordId !== null) listed.add(recordId)
    yield pageOf(page, stubs)
  }
  const mentioned = transcripts === undefined ? [] : mentionedIn(transcripts, listed, window)
  if (last !== null && mentioned.length > 0) yield pageOf(last, mentioned)
}
