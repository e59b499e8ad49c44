import { ResponseTooLarge, SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { microsPerDay } from '../../transform/calendar.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { listedIn, wholeNumber } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { conversationEnd, conversationId, conversationStart } from './conversation.ts'
import { conversationsIn, type Facet } from './query.ts'
import type { GenesysSettings } from './settings.ts'

/** The largest page that working code asks for; vendor samples ask for 200 and 300. */
const largestPage = 100

/** Answers that are larger than may be read are asked for in pages of a quarter, as long as there is one. */
const smallestPage = 6

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

export type ConversationPages<Result = void> = AsyncGenerator<ConversationPage, Result, undefined>

/** One listing: a part of one UTC day, of all conversations or of those with the facets. */
export interface DayPart {
  readonly window: Window
  readonly facets: readonly Facet[]
  readonly what: string
  readonly pageSize: number
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

export const startOfDay = (at: EpochMicros): EpochMicros => Math.floor(at / microsPerDay) * microsPerDay

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

/** A start that cannot be read is no reason to leave a conversation out: flatten says what is wrong with it. */
export const isWithin = (conversation: JsonObject, { from, to }: Window): boolean => {
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
        paging: { pageSize: part.pageSize, pageNumber },
      },
      isDivisible: part.pageSize > smallestPage,
    },
    context,
  )

/** Whether the walk ended where pages do, and with a page or more of what is promised still to come: that is a cap. */
const isCutOff = (listed: number, promised: number, pageSize: number): boolean =>
  listed % pageSize === 0 && promised - listed >= pageSize

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
): ConversationPages<Walked> {
  const most = listing.settings.most_per_query
  const { pageSize } = part
  const ids = new Set<string>()
  let missed = 0
  let listed = 0
  for (let page = 1, wasShort = false; ; page += 1) {
    const answer = await askPage(listing, part, order, page, context)
    const items = listedIn(answer.body, 'conversations', part.what)
    const conversations = objectsOf(items)
    const before = ids.size
    listed += items.length
    for (const conversation of conversations) ids.add(conversationId(conversation, []) ?? `page ${page}`)
    if (items.length >= pageSize && ids.size === before)
      throw new SourceProtocolError(`${part.what}: page ${page} holds nothing new`)
    const fresh = freshIn(conversations, part)
    missed += since === null ? 0 : fresh.filter((conversation) => hadEnded(conversation, since)).length
    yield { conversations: fresh, answer }
    const walked = (capped: boolean): Walked => ({ pages: page, missed, capped })
    if (isBeyond(conversations, part, order)) return walked(false)
    const promised = wholeNumber(answer.body, 'totalHits') ?? 0
    const isShort = items.length < pageSize
    if ((!isShort && page * pageSize >= most) || (isWhole(part.window) && promised >= most)) return walked(true)
    if (isShort && (wasShort || ids.size >= promised))
      return walked(ids.size >= most * 0.95 || isCutOff(listed, promised, pageSize))
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
 * moment, and needs no second.
 */
async function* walks(listing: Listing, part: DayPart, context: ReadContext): ConversationPages<'whole' | 'capped'> {
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

/**
 * A part of a day, in pages that can be read. Throws WindowTooLarge when walks go on finding more, ResponseTooLarge when a few
 * conversations are too large.
 */
export async function* listPart(
  listing: Listing,
  part: Omit<DayPart, 'pageSize'>,
  context: ReadContext,
): ConversationPages<'whole' | 'capped'> {
  for (let pageSize = largestPage; ; pageSize = Math.floor(pageSize / 4)) {
    try {
      return yield* walks(listing, { ...part, pageSize }, context)
    } catch (error) {
      if (!(error instanceof ResponseTooLarge) || pageSize <= smallestPage) throw error
    }
  }
}
