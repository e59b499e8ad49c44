import { SourceProtocolError, TransientError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import type { VoipbinApi } from './api.ts'
import type { Party, PartySettings } from './parties.ts'
import type { ListedTranscribes } from './transcribes.ts'

/** What joins share for as long as a source is open. */
export interface Joining {
  readonly api: VoipbinApi
  readonly settings: JoinSettings
  /** Our clock. */
  readonly now: () => EpochMicros
  readonly listedTranscribes: ListedTranscribes
  /** Each by its id once: several recordings may be of one call. Null = it is not there. */
  readonly callOf: (id: string, context: ReadContext) => Promise<JsonObject | null | undefined>
  readonly conferenceOf: (
    id: string,
    recordingId: string,
    context: ReadContext,
  ) => Promise<JsonObject | null | undefined>
  readonly contactOf: (party: Party, context: ReadContext) => Promise<JsonObject | null | undefined>
  /** What work reads; null when the vendor fails to answer it, so that a failed join costs no record. */
  readonly unlessFailed: <T>(context: ReadContext, work: () => Promise<T>) => Promise<T | null>
}

export interface JoinSettings extends PartySettings {
  readonly calls: boolean
  readonly contacts: boolean
  readonly transcripts: boolean
  readonly language?: string | undefined
}

/** As many requests in a row that are not answered, each tried several times, are an outage. */
const mostFailures = 2

const failed = (error: Error): string =>
  `what belongs to a recording could not be read, and is asked for again later: ${error.message}`

type Outcome<T> = { readonly found: T } | { readonly error: unknown }

const outcomeOf = async <T>(work: () => Promise<T>): Promise<Outcome<T>> => {
  try {
    return { found: await work() }
  } catch (error) {
    return { error }
  }
}

/** In a row is in the order in which they were begun: several are asked for at once, and failing takes long. */
export const compileUnlessFailed = (api: Pick<VoipbinApi, 'noticeOnce'>): Joining['unlessFailed'] => {
  let failures = 0
  let told: string | null = null
  let judged: Promise<unknown> = Promise.resolve()
  const tell = (error: Error, context: ReadContext): void => {
    // Each message names its record: thousands that fail alike are one notice.
    told ??= failed(error)
    api.noticeOnce(told, context)
  }
  return async (context, work) => {
    const before = judged
    const outcome = outcomeOf(work)
    judged = before.then(() => outcome)
    const ended = await outcome
    await before
    if ('found' in ended) {
      failures = 0
      return ended.found
    }
    // What was stopped was not failed by VoIPBIN.
    context.signal.throwIfAborted()
    const { error } = ended
    const isTransient = error instanceof TransientError
    if (!isTransient && !(error instanceof SourceProtocolError)) throw error
    failures += isTransient ? 1 : 0
    if (failures >= mostFailures) throw error
    tell(error, context)
    return null
  }
}
