import type { Window } from '../../domain/window.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { ReadContext, Stub, StubPage } from '../source.ts'
import type { ListAnswer } from './answer.ts'
import type { VoipbinApi } from './api.ts'
import { bareEnvelope } from './envelope.ts'
import { idOf } from './fields.ts'
import { itemTime, type Walk } from './list-page.ts'
import { foreignStub, mentionedStub, stubOf } from './stub.ts'
import { createdAt, knownTime } from './times.ts'
import { type ListedTranscribes, type TranscribesById, transcribesAround } from './transcribes.ts'
import { walkDown } from './walk-down.ts'

export interface Listings {
  readonly api: VoipbinApi
  readonly readsTranscripts: boolean
  readonly listedTranscribes: ListedTranscribes
}

const recordingsIn = (api: VoipbinApi, window: Window): Walk => ({
  what: `connection ${api.connectionId}: recordings created from ${formatInstant(window.from)} to ${formatInstant(window.to)}`,
  path: '/recordings',
  query: [],
  window,
  mayBeClosed: false,
})

/** Transcribes that are not among those listed may be stored: nothing is said of a recording without one. */
const listedStub = (item: unknown, transcribes: TranscribesById | undefined): Stub => {
  if (!isJsonObject(item)) return foreignStub(item)
  const id = idOf(item, []) ?? null
  return stubOf({ ...bareEnvelope(item), transcribes: id === null ? undefined : transcribes?.get(id) })
}

const isWithin =
  ({ from, to }: Window) =>
  (item: unknown): boolean => {
    const at = itemTime(item)
    return at === null || (at >= from && at <= to)
  }

/** Recordings of another time with a transcribe of this one: whether it is new, only what is stored of them can tell. */
const mentionedIn = (transcribes: TranscribesById, listed: ReadonlySet<string>, window: Window): readonly Stub[] => {
  const isCreatedWithin = (transcribe: JsonObject): boolean => {
    const at = knownTime(createdAt(transcribe))
    return at !== null && at >= window.from && at <= window.to
  }
  return Array.from(transcribes)
    .filter(([id, ofRecording]) => !listed.has(id) && ofRecording.some(isCreatedWithin))
    .map(([id, ofRecording]) => mentionedStub(id, ofRecording))
}

const pageOf = ({ answer }: ListAnswer, stubs: readonly Stub[]): StubPage => ({
  stubs,
  readAt: answer.askedAt,
  servedAt: answer.servedAt,
  total: null,
})

/** Recordings of the window, newest first, with their transcribes. */
export async function* listWindow(
  { api, readsTranscripts, listedTranscribes }: Listings,
  window: Window,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const listed = new Set<string>()
  let transcribes: TranscribesById | undefined
  let last: ListAnswer | null = null
  for await (const page of walkDown(api, recordingsIn(api, window), context)) {
    if (last === null && readsTranscripts) {
      transcribes = await transcribesAround(api, window, context)
      listedTranscribes.add(transcribes ?? new Map())
    }
    last = page
    const stubs = page.items.filter(isWithin(window)).map((item) => listedStub(item, transcribes))
    for (const { recordId } of stubs) if (recordId !== null) listed.add(recordId)
    yield pageOf(page, stubs)
  }
  const mentioned = mentionedIn(transcribes ?? new Map(), listed, window)
  if (last !== null && mentioned.length > 0) yield pageOf(last, mentioned)
}
