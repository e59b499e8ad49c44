import { ResponseTooLarge, SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Query } from '../http/http-client.ts'
import { defaultMaxPages, doesNotAddUp, SeenItems } from '../http/page-guards.ts'
import type { ReadContext } from '../source.ts'
import type { ListAnswer } from './answer.ts'
import type { VoipbinApi } from './api.ts'
import { idOf } from './fields.ts'
import { createdAt, formOf, knownTime, readTime, writeTime } from './times.ts'

/** More are cut to it without a word. */
export const largestPage = 100

const smallestPage = 1

/** A listing by `tm_create`, newest first, down to `window.from`. */
export interface Walk {
  /** For messages. */
  readonly what: string
  readonly path: string
  readonly query: Query
  /** Closed; infinite bounds: all there is. */
  readonly window: Window
  readonly mayBeClosed: boolean
}

interface AskedPage extends ListAnswer {
  readonly size: number
}

const keyOf = (item: unknown): string => (isJsonObject(item) ? idOf(item, []) : null) ?? sha256Hex(canonicalJson(item))

export const itemTime = (item: unknown): EpochMicros | null => (isJsonObject(item) ? knownTime(createdAt(item)) : null)

/** Items created before `below`; null = from the newest on. In smaller pages when an answer is larger than may be held. */
const askBelow = async (
  api: VoipbinApi,
  { what, path, query, mayBeClosed }: Walk,
  below: EpochMicros | null,
  context: ReadContext,
): Promise<AskedPage> => {
  const token: Query = below === null ? [] : [['page_token', writeTime(below, api.tokenForm ?? 'rfc3339')]]
  for (let size = largestPage; ; size = Math.floor(size / 2)) {
    try {
      const paging: Query = [['page_size', String(size)], ...token]
      return { ...(await api.list({ what, path, query: [...query, ...paging], mayBeClosed }, context)), size }
    } catch (error) {
      if (!(error instanceof ResponseTooLarge) || size / 2 < smallestPage) throw error
    }
  }
}

/** Null for none. Throws SourceProtocolError for one that is no time: nothing can be asked for around it. */
const tokenTime = (api: VoipbinApi, { what }: Walk, token: string | null): EpochMicros | null => {
  if (token === null) return null
  const time = knownTime(readTime(token))
  if (time === null) throw new SourceProtocolError(`${what}: the answer gives a page token that is no time`)
  api.tokenForm = formOf(token)
  return time
}

/** Throws SourceProtocolError for items that come in another order, or were not asked for: a token that is not obeyed. */
const requireOrder = ({ what }: Walk, times: readonly EpochMicros[], below: EpochMicros | null): void => {
  let bound = below === null ? Number.POSITIVE_INFINITY : below - 1
  for (const time of times) {
    if (time > bound)
      throw new SourceProtocolError(
        `${what}: the answer holds an item of ${formatInstant(time)} where none is newer than ${formatInstant(bound)}: ` +
          'its page token is not obeyed, or its order has changed',
      )
    bound = time
  }
}

/**
 * What to ask for next; null at the end. The server compares with `<` and breaks no ties, so that the token it gives loses
 * items of the microsecond at which a page ends: what is asked for lies one microsecond later, and begins with what was
 * seen. A short page ends nothing.
 */
const nextBelow = (
  api: VoipbinApi,
  walk: Walk,
  { items, nextToken, size }: AskedPage,
  asked: { readonly below: EpochMicros | null; readonly fresh: number },
): EpochMicros | null => {
  const times = items.map(itemTime).filter((time) => time !== null)
  requireOrder(walk, times, asked.below)
  const token = tokenTime(api, walk, nextToken)
  const oldest = times.at(-1) ?? Number.NEGATIVE_INFINITY
  if (token === null || (times.length > 0 && oldest < walk.window.from)) return null
  if (items.length > 0 && asked.fresh === 0) {
    if (items.length < size) return null
    throw new SourceProtocolError(
      `${walk.what}: a full page holds nothing new: the server repeats itself, or ${size} items share one microsecond`,
    )
  }
  const next = Math.min(Math.max(token, oldest), walk.window.to) + 1
  const leadsDown = asked.below === null || next < asked.below
  return items.length === 0 && !leadsDown ? null : next
}

/**
 * The pages of a listing that may hold items of the window; the first of a process begins with the newest, as it shows how
 * the server writes its tokens. Throws SourceProtocolError for a listing that is out of order or goes in circles.
 */
export async function* walkDown(
  api: VoipbinApi,
  walk: Walk,
  context: ReadContext,
): AsyncGenerator<ListAnswer, void, undefined> {
  const { what, window } = walk
  const seen = new SeenItems(keyOf)
  let below = api.tokenForm === null || window.to === Number.POSITIVE_INFINITY ? null : window.to + 1
  for (let pages = 1; ; pages += 1) {
    const page = await askBelow(api, walk, below, context)
    const next = nextBelow(api, walk, page, { below, fresh: seen.add(page.items) })
    yield page
    if (next === null) return
    below = next
    const atFloor = window.to - window.from <= 1 || !Number.isFinite(window.from)
    if (pages >= defaultMaxPages)
      throw doesNotAddUp({ what, idOf: () => null, atFloor }, `it goes on after ${pages} pages`)
  }
}
