import { ResponseTooLarge, SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Query } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import type { ListAnswer } from './answer.ts'
import type { VoipbinApi } from './api.ts'
import { idOf } from './fields.ts'
import { createdAt, knownTime, readTime } from './times.ts'

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

/** One page whose order is checked. */
export interface ListPage extends ListAnswer {
  /** As it was asked for. */
  readonly size: number
  /** Of the items that have a readable one, newest first. */
  readonly times: readonly EpochMicros[]
  /** What the token says; null: there is none, and nothing behind this page. */
  readonly tokenTime: EpochMicros | null
}

/** More are cut to it without a word. */
export const largestPage = 100

const smallestPage = 2

/** Items of two pages, or two answers, are one if they have one key. */
export const itemKey = (item: unknown): string =>
  (isJsonObject(item) ? idOf(item, []) : null) ?? sha256Hex(canonicalJson(item))

export const itemTime = (item: unknown): EpochMicros | null => (isJsonObject(item) ? knownTime(createdAt(item)) : null)

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

/** Throws SourceProtocolError for one that is no time: nothing can be asked for around it. */
const readToken = ({ what }: Walk, token: string | null): EpochMicros | null => {
  if (token === null) return null
  const time = knownTime(readTime(token))
  if (time === null) throw new SourceProtocolError(`${what}: the answer gives a page token that is no time`)
  return time
}

/** In smaller pages when an answer is larger than may be held. One item leads nowhere: the next page begins with it again. */
const askInSize = async (
  api: VoipbinApi,
  { what, path, query, mayBeClosed }: Walk,
  { token, size: largest }: { readonly token: string | null; readonly size: number },
  context: ReadContext,
): Promise<ListAnswer & { readonly size: number }> => {
  for (let size = largest; ; size = Math.floor(size / 2)) {
    try {
      const pageSize = ['page_size', String(size)] as const
      const isDivisible = size >= 2 * smallestPage
      const request = { what, path, query: [...query, pageSize], mayBeClosed, token, isDivisible }
      return { ...(await api.list(request, context)), size }
    } catch (error) {
      if (!(error instanceof ResponseTooLarge) || size < 2 * smallestPage) throw error
    }
  }
}

/** The page behind `token`, which stands for `below`; null: the newest. Throws TokenRefused. */
export const askPage = async (
  api: VoipbinApi,
  walk: Walk,
  asked: { readonly token: string | null; readonly below: EpochMicros | null; readonly size: number },
  context: ReadContext,
): Promise<ListPage> => {
  const answer = await askInSize(api, walk, asked, context)
  const times = answer.items.map(itemTime).filter((time) => time !== null)
  requireOrder(walk, times, asked.below)
  return { ...answer, times, tokenTime: readToken(walk, answer.nextToken) }
}
