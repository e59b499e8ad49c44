import { ResponseTooLarge, SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { canonicalJson, sha256Hex } from '../../transform/canonical-json.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { Query } from '../http/http-client.ts'
import { provenPages } from '../http/paging.ts'
import { type TokenPage, tokenPages } from '../http/token-pages.ts'
import type { ReadContext } from '../source.ts'
import type { ListAnswer } from './answer.ts'
import { pageAt, type TelnyxApi } from './api.ts'
import { createdAtOf, idOf } from './fields.ts'
import { withoutLinks } from './links.ts'

/** The vendor's largest page. */
export const largestPage = 250

const smallestPage = 1

/** Time with more is halved before it is read: many pages may shift for ever, and what is joined to them is held in memory. */
const mostAtOnce = 5000

/** A listing by `created_at`. */
export interface Listing {
  readonly path: string
  /** For messages: `recordings`. */
  readonly name: string
  /** Closed: both bounds are inclusive at Telnyx. */
  readonly window: Window
  readonly mayBeClosed: boolean
}

/** Items are without links. */
export type ItemPage = Pick<ListAnswer, 'items' | 'total' | 'answer'>

type ItemPages = AsyncGenerator<ItemPage, void, undefined>

/** Nothing smaller can be asked for. */
const isAtFloor = ({ from, to }: Window): boolean => to - from <= 1

export const createdIn = ({ from, to }: Window): Query => [
  ['filter[created_at][gte]', formatInstant(from)],
  ['filter[created_at][lte]', formatInstant(to)],
]

export const describeListing = (api: TelnyxApi, { name, window }: Pick<Listing, 'name' | 'window'>): string =>
  `connection ${api.connectionId}: ${name} created from ${formatInstant(window.from)} to ${formatInstant(window.to)}`

/** Digest of what a listing shows of an item. */
export const fingerprintOf = (item: unknown): string => sha256Hex(canonicalJson(item))

/** What makes it one item among those of a listing. */
const keyOf = (item: unknown): string => (isJsonObject(item) ? idOf(item, []) : null) ?? fingerprintOf(item)

/** Null when it does not say, or not readably. */
export const createdAtIn = (item: unknown): EpochMicros | null =>
  isJsonObject(item) ? (createdAtOf(item, []) ?? null) : null

/** Bounds are asked for in microseconds; what a listing shows may be rounded to seconds. */
const rounding = 1_000_000

/** Whether what is shown as created at `at` may lie in the window. */
export const mayLieIn = ({ from, to }: Window, at: EpochMicros): boolean => at >= from - rounding && at <= to + rounding

/** A filter that is silently ignored shows as an item from elsewhere. */
const requireWithin = (item: unknown, { window }: Listing, what: string): void => {
  const at = createdAtIn(item)
  if (at === null || mayLieIn(window, at)) return
  const created = `created ${formatInstant(at)}`
  throw new SourceProtocolError(`${what}: the answer holds ${keyOf(item)}, ${created}, which was not asked for`)
}

const askItems = async (
  api: TelnyxApi,
  listing: Listing,
  { page, isDivisible }: { readonly page: Query; readonly isDivisible: boolean },
  context: ReadContext,
): Promise<ListAnswer> => {
  const what = describeListing(api, listing)
  const { path, mayBeClosed } = listing
  const query = [...createdIn(listing.window), ...page]
  const answer = await api.list({ what, path, query, mayBeClosed, isDivisible }, context)
  const items = answer.items.map((item) => (isJsonObject(item) ? withoutLinks(item) : item))
  for (const item of items) requireWithin(item, listing, what)
  return { ...answer, items }
}

/** Answers tell their dialect: a chain of page tokens where they name these, and neither last page nor total; else numbered pages. */
async function* inPagesOf(api: TelnyxApi, listing: Listing, pageSize: number, context: ReadContext): ItemPages {
  const isDivisible = pageSize > smallestPage
  const ask = (page: Query): Promise<ListAnswer> => askItems(api, listing, { page, isDivisible }, context)
  let first: ListAnswer | null = await ask(pageAt(1, pageSize))
  const firstOr = async (page: Query): Promise<ListAnswer> => {
    const answer = first
    first = null
    return answer ?? ask(page)
  }
  const paging = { what: describeListing(api, listing), idOf: keyOf, atFloor: isAtFloor(listing.window) }
  if (first.lastNumber === null && first.total === null && first.hasTokens) {
    const after = (token: string): Query => [
      ['page[after]', token],
      ['page[size]', String(pageSize)],
    ]
    const ofToken = async (token: string | null): Promise<TokenPage<unknown, ListAnswer>> => {
      const answer = await firstOr(token === null ? pageAt(1, pageSize) : after(token))
      return { items: answer.items, nextToken: answer.nextToken, answer }
    }
    for await (const { answer } of tokenPages({ ...paging, ask: ofToken })) yield answer
    return
  }
  const ofNumber = (number: number) => firstOr(pageAt(number, pageSize))
  yield* provenPages({ ...paging, pageSize, maxTotal: mostAtOnce, ask: ofNumber })
}

/**
 * All items of a listing, proven by its total where it states one; in the largest pages that were not too large lately, and
 * from the start in smaller ones when an answer is larger than may be held. Throws WindowTooLarge when it cannot be proven
 * as one, SourceProtocolError at
 * the floor and for an item from elsewhere, EndpointClosed.
 */
export async function* listItems(api: TelnyxApi, listing: Listing, context: ReadContext): ItemPages {
  const { pageSizes } = api
  const { path } = listing
  for (;;) {
    const pageSize = pageSizes.get(path) ?? largestPage
    try {
      yield* inPagesOf(api, listing, pageSize, context)
      pageSizes.set(path, Math.min(largestPage, 2 * pageSize))
      return
    } catch (error) {
      if (!(error instanceof ResponseTooLarge) || pageSize === smallestPage) throw error
      pageSizes.set(path, Math.max(smallestPage, Math.floor(pageSize / 2)))
    }
  }
}
