import { SourceProtocolError } from '../../domain/errors.ts'
import type { Window } from '../../domain/window.ts'
import { microsPerDay } from '../../transform/calendar.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { ReadContext } from '../source.ts'
import { listAt, wholeNumber } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { type ConversationPages, type DayPart, type Listing, listPart, startOfDay } from './list-part.ts'
import type { Facet } from './query.ts'

/** Null: sessions without a medium. Genesys Cloud adds new ones now and then, so a day is split by this last. */
const mediaTypes = [
  ...['voice', 'callback', 'chat', 'email', 'message', 'internalmessage', 'cobrowse', 'screenshare'],
  ...['screenmonitoring', 'video', 'unknown', null],
]

/** What splits a day that holds too much, in this order. Every conversation has one of the values, or none. */
const facetsOf = async ({ api }: Listing, depth: number, context: ReadContext): Promise<readonly Facet[] | null> => {
  const facets = (of: Facet['of'], dimension: Facet['dimension'], values: readonly (string | null)[]) =>
    values.map((value) => ({ of, dimension, value }))
  if (depth === 0) return facets('conversation', 'originatingDirection', ['inbound', 'outbound', null])
  if (depth === 1) return facets('conversation', 'divisionId', [...(await divisionsOf(api, context)), null])
  return depth === 2 ? facets('segment', 'mediaType', mediaTypes) : null
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
async function* listSplit(
  listing: Listing,
  part: Omit<DayPart, 'pageSize'>,
  depth: number,
  context: ReadContext,
): ConversationPages {
  const end = yield* listPart(listing, part, context)
  if (end === 'whole') return
  const facets = await facetsOf(listing, depth, context)
  if (facets === null)
    throw new SourceProtocolError(
      `${part.what}: more than ${listing.settings.most_per_query} conversations of one day have the same direction, ` +
        'division and medium, and Genesys Cloud lists no more; raise most_per_query if it lists more today',
    )
  for (const facet of facets)
    yield* listSplit(listing, { ...part, facets: [...part.facets, facet] }, depth + 1, context)
}

/** Conversations that started in the window, both bounds inclusive, and have ended. */
export async function* listDays(listing: Listing, window: Window, context: ReadContext): ConversationPages {
  for (let from = window.from; from <= window.to; from = startOfDay(from) + microsPerDay) {
    const to = Math.min(window.to, startOfDay(from) + microsPerDay - 1)
    if (from === window.to && from > window.from) return
    const what = `connection ${listing.api.connectionId}: conversations started from ${formatInstant(from)} to ${formatInstant(to)}`
    yield* listSplit(listing, { window: { from, to }, facets: [], what, shown: new Set() }, 0, context)
  }
}
