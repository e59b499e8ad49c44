import { SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { microsPerDay } from '../../transform/calendar.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { listAt, wholeNumber } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { conversationEnd, conversationId, conversationStart } from './conversation.ts'
import { conversationsIn, type Facet } from './query.ts'
import type { GenesysSettings } from './settings.ts'

/** The largest page that working code asks for; vendor samples ask for 200 and 300. */
export const largestPage = 100

/** Walks until one shows nothing that an earlier one missed. */
const maxWalks = 4

/** What ended later than that before the first page may not have been listed yet: it is no sign of a shifted page. */
const lateness = 5 * 60_000_000

export interface Listing {
  readonly api: GenesysApi
  readonly settings: Pick<GenesysSettings, 'media' | 'most_per_query' | 'jobs_after'>
}

export interface ConversationPage {
  readonly conversations: readonly JsonObject[]
  readonly answer: JsonAnswer
}

type Pages<Result = void> = AsyncGenerator<ConversationPage, Result, undefined>

/** One listing: a part of one UTC day, of all conversations or of those with the facets. */
interface DayPart {
  readonly window: Window
  readonly facets: readonly Facet[]
  readonly what: string
  /** What was shown of it, in whatever walk. */
  readonly shown: Set<string>
}

interface Walked {
  readonly pages: number
  /** Conversations that earlier walks missed although they had ended. */
  readonly missed: number
  /** The vendor listed as many as it ever does: there may be more. */
  readonly capped: boolean
}

type Order = 'asc' | 'desc'

const startOfDay = (at: EpochMicros): EpochMicros => Math.floor(at / microsPerDay) * microsPerDay

const isWhole = ({ from, to }: Window): boolean => from === startOfDay(from) && to >= from + microsPerDay - 1

/** Whether the walk has left the part: all that follows began outside of it. Only of a page that is in order. */
const isBeyond = (conversations: readonly JsonObject[], { window }: DayPart, order: Order): boolean => {
  const starts = conversations.map((conversation) => conversationStart(conversation, []) ?? Number.NaN)
  const inOrder = starts.every(
    (at, n) => n === 0 || (order === 'asc' ? at >= (starts[n - 1] ?? at) : at <= (starts[n - 1] ?? at)),
  )
  const last = starts.at(-1) ?? Number.NaN
  return inOrder && (order === 'asc' ? last > window.to : last < window.from)
}

const isWithin = (conversation: JsonObject, { from, to }: Window): boolean => {
  const at = conversationStart(conversation, []) ?? null
  return at === null || (at >= from && at <= to)
}

/** Genesys Cloud matches by the day a conversation started on, so what is outside of the part is no surprise. */
const freshIn = (conversations: readonly JsonObject[], { window, shown }: DayPart): readonly JsonObject[] =>
  conversations.filter((conversation) => {
    const id = conversationId(conversation, []) ?? null
    if (!isWithin(conversation, window) || (id !== null && shown.has(id))) return false
    if (id !== null) shown.add(id)
    return true
  })

const hadEnded = (conversation: JsonObject, before: EpochMicros): boolean =>
  (conversationEnd(conversation, []) ?? Number.POSITIVE_INFINITY) < before - lateness

const askPage = ({ api, settings }: Listing, part: DayPart, order: Order, pageNumber: number, context: ReadContext) =>
  api.ask(
    {
      method: 'POST',
      path: '/api/v2/analytics/conversations/details/query',
      body: {
        ...conversationsIn(part.window, settings.media, part.facets),
        order,
        orderBy: 'conversationStart',
        paging: { pageSize: largestPage, pageNumber },
      },
    },
    context,
  )

/**
 * One walk. It ends with two pages that are not full where the approximate total promises more, else with one; or when it has
 * left the part. `since`: when the first walk began.
 */
async function* walk(
  listing: Listing,
  part: DayPart,
  order: Order,
  since: EpochMicros | null,
  context: ReadContext,
): Pages<Walked> {
  const most = listing.settings.most_per_query
  const ids = new Set<string>()
  let missed = 0
  for (let page = 1, wasShort = false; ; page += 1) {
    const answer = await askPage(listing, part, order, page, context)
    const conversations = listAt(answer.body, 'conversations')
    const before = ids.size
    for (const conversation of conversations) ids.add(conversationId(conversation, []) ?? `page ${page}`)
    if (conversations.length >= largestPage && ids.size === before)
      throw new SourceProtocolError(`${part.what}: page ${page} holds nothing new`)
    const fresh = freshIn(conversations, part)
    missed += since === null ? 0 : fresh.filter((conversation) => hadEnded(conversation, since)).length
    yield { conversations: fresh, answer }
    const walked = (capped: boolean): Walked => ({ pages: page, missed, capped })
    if (isBeyond(conversations, part, order)) return walked(false)
    const promised = wholeNumber(answer.body, 'totalHits') ?? 0
    const isShort = conversations.length < largestPage
    if ((!isShort && page * largestPage >= most) || (isWhole(part.window) && promised >= most)) return walked(true)
    if (isShort && (wasShort || ids.size >= promised)) return walked(ids.size >= most * 0.95)
    wasShort = isShort
  }
}

/** From the edge of the day that is nearer; the second walk of a whole day goes the other way. */
const orderOf = (window: Window, number: number): Order => {
  const { from, to } = window
  const day = startOfDay(from)
  if (isWhole(window)) return number % 2 === 1 ? 'desc' : 'asc'
  return from - day < day + microsPerDay - to ? 'asc' : 'desc'
}

/**
 * A part of a day, until a walk shows nothing that was missed before: pages shift while conversations end. One page shows one
 * moment, and needs no second. Throws WindowTooLarge when walks go on finding more.
 */
async function* listPart(listing: Listing, part: DayPart, context: ReadContext): Pages<'whole' | 'capped'> {
  let since: EpochMicros | null = null
  for (let number = 1; number <= maxWalks; number += 1) {
    const pages = walk(listing, part, orderOf(part.window, number), since, context)
    let walked = await pages.next()
    while (walked.done !== true) {
      since ??= walked.value.answer.askedAt
      yield walked.value
      walked = await pages.next()
    }
    const { pages: count, missed, capped } = walked.value
    if (capped) return 'capped'
    if (count === 1 || (number > 1 && missed === 0)) return 'whole'
  }
  throw new WindowTooLarge(`${part.what}: ${maxWalks} walks through its pages each found more than the one before`)
}

const mediaTypes = [
  ...[
    'voice',
    'callback',
    'chat',
    'email',
    'message',
    'internalmessage',
    'cobrowse',
    'screenshare',
    'screenmonitoring',
  ],
  ...['video', 'unknown'],
]

/** What splits a day that holds too much, in this order. Every conversation has one of the values, or none. */
const facetsOf = async ({ api }: Listing, depth: number, context: ReadContext): Promise<readonly Facet[] | null> => {
  const facets = (of: Facet['of'], dimension: Facet['dimension'], values: readonly (string | null)[]) =>
    values.map((value) => ({ of, dimension, value }))
  if (depth === 0) return facets('conversation', 'originatingDirection', ['inbound', 'outbound', null])
  if (depth === 1) return facets('segment', 'mediaType', mediaTypes)
  return depth === 2 ? facets('conversation', 'divisionId', [...(await divisionsOf(api, context)), null]) : null
}

const divisionsOf = async (api: GenesysApi, context: ReadContext): Promise<readonly string[]> => {
  const ids = new Set<string>()
  for (let page = 1; ; page += 1) {
    const query = [['pageSize', '100'] as const, ['pageNumber', String(page)] as const]
    const { body } = await api.ask({ path: '/api/v2/authorization/divisions', query }, context)
    const before = ids.size
    for (const division of listAt(body, 'entities')) if (typeof division.id === 'string') ids.add(division.id)
    if (ids.size === before || page >= (wholeNumber(body, 'pageCount') ?? page)) return [...ids]
  }
}

/** Where the vendor cuts off, halving does not help: it matches by day. */
async function* listSplit(listing: Listing, part: DayPart, depth: number, context: ReadContext): Pages {
  const end = yield* listPart(listing, part, context)
  if (end === 'whole') return
  const facets = await facetsOf(listing, depth, context)
  if (facets === null)
    throw new SourceProtocolError(
      `${part.what}: more than ${listing.settings.most_per_query} conversations of one day have the same direction, ` +
        'medium and division, and Genesys Cloud lists no more; raise most_per_query if it lists more today',
    )
  for (const facet of facets)
    yield* listSplit(listing, { ...part, facets: [...part.facets, facet] }, depth + 1, context)
}

/** Conversations that started in the window, both bounds inclusive, and have ended. */
export async function* listDays(listing: Listing, window: Window, context: ReadContext): Pages {
  for (let from = window.from; from <= window.to; from = startOfDay(from) + microsPerDay) {
    const to = Math.min(window.to, startOfDay(from) + microsPerDay - 1)
    if (from === window.to && from > window.from) return
    const what = `connection ${listing.api.connectionId}: conversations started from ${formatInstant(from)} to ${formatInstant(to)}`
    yield* listSplit(listing, { window: { from, to }, facets: [], what, shown: new Set() }, 0, context)
  }
}
