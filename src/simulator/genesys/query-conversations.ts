import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerDay } from '../../transform/calendar.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { instantOf } from '../written-instant.ts'
import { type StoredConversation, shownDetail } from './account-state.ts'
import { answerOf, Refused } from './answer.ts'
import type { Endpoint, Served } from './served.ts'

const objectsIn = (value: unknown, name: string): readonly JsonObject[] => {
  const list = isJsonObject(value) ? value[name] : undefined
  return Array.isArray(list) ? list.filter((item: unknown) => isJsonObject(item)) : []
}

export interface Interval {
  readonly from: EpochMicros
  readonly to: EpochMicros
}

export const intervalOf = (body: unknown): Interval => {
  const text = isJsonObject(body) ? String(body.interval ?? '') : ''
  const [from, to] = text.split('/').map((part) => instantOf(part))
  if (from == null || to == null || to <= from) throw new Refused(400, 'bad.request', `interval ${text} is none`)
  return { from, to }
}

type Test = (value: unknown) => boolean

const matchOf = ({ operator, value }: JsonObject): Test => {
  if (operator === 'exists') return (found) => found !== undefined
  if (operator === 'notExists') return (found) => found === undefined
  return (found) => found !== undefined && [found].flat().map(String).includes(String(value))
}

const conversationValue = (detail: JsonObject, dimension: string): unknown =>
  dimension === 'divisionId' ? detail.divisionIds : detail[dimension]

const sessionsOf = (detail: JsonObject): readonly JsonObject[] =>
  objectsIn(detail, 'participants').flatMap((participant) => objectsIn(participant, 'sessions'))

const combined = ({ type, predicates }: JsonObject, test: (predicate: JsonObject) => boolean): boolean => {
  const list = objectsIn({ predicates }, 'predicates')
  return type === 'or' ? list.some(test) : list.every(test)
}

/** All filters of both kinds must fit. */
const fits = (detail: JsonObject, body: unknown): boolean =>
  objectsIn(body, 'conversationFilters').every((filter) =>
    combined(filter, (one) => matchOf(one)(conversationValue(detail, String(one.dimension)))),
  ) &&
  objectsIn(body, 'segmentFilters').every((filter) =>
    combined(filter, (one) => sessionsOf(detail).some((session) => matchOf(one)(session[String(one.dimension)]))),
  )

const isVisible = ({ traps }: Served, { detail }: StoredConversation): boolean =>
  ![detail.divisionIds].flat().some((id) => traps.hiddenDivisions.includes(String(id)))

/** Of those that started in the interval, with the filters of the body; earliest first. */
export const matching = (served: Served, { from, to }: Interval, body: unknown): readonly StoredConversation[] => {
  const { account } = served
  return account.conversations
    .between(from, Math.min(to - 1, account.now()))
    .filter((stored) => isVisible(served, stored) && fits(shownDetail(account, stored), body))
}

/** (4) Whole days: those that the interval touches. */
const daysOf = ({ from, to }: Interval): Interval => ({
  from: Math.floor(from / microsPerDay) * microsPerDay,
  to: Math.ceil(to / microsPerDay) * microsPerDay,
})

const requireAllowed = ({ traps }: Served, { from, to }: Interval, pageSize: number): void => {
  if (to - from > traps.longestInterval) throw new Refused(400, 'bad.request', 'the interval is too long')
  if (pageSize > traps.largestPage) throw new Refused(400, 'invalid.value', `pageSize may be ${traps.largestPage}`)
}

/** (3) A conversation of the first page is not there while the second is cut, and is there again for the third. */
const shifted = (served: Served, found: readonly StoredConversation[], page: number, size: number) => {
  if (page === 1) {
    served.hidden = null
    if (served.traps.shifts > 0 && found.length > size) {
      served.traps.shifts -= 1
      served.hidden = found[0]?.id ?? null
    }
  }
  return page === 2 ? found.filter(({ id }) => id !== served.hidden) : found
}

export const queryConversations: Endpoint = (served, { body }) => {
  const { traps, account } = served
  const interval = intervalOf(body)
  const asked = isJsonObject(body) ? body : {}
  const paging = isJsonObject(asked.paging) ? asked.paging : {}
  const [size, number] = [Number(paging.pageSize ?? 25), Number(paging.pageNumber ?? 1)]
  requireAllowed(served, interval, size)
  const inOrder = matching(served, daysOf(interval), body)
  const found = asked.order === 'desc' ? inOrder.toReversed() : inOrder
  const pageShown = traps.emptySecondPage && number > 2 ? number - 1 : traps.repeatedPage ? 1 : number
  const listed = shifted(served, found, number, size).slice(0, traps.mostListed)
  const page =
    traps.emptySecondPage && number === 2 ? [] : listed.slice((pageShown - 1) * size, (pageShown - 1) * size + size)
  const conversations = page.map((stored) => shownDetail(account, stored))
  if (traps.listingBody !== null) return answerOf(200, traps.listingBody)
  return answerOf(200, {
    ...(conversations.length === 0
      ? {}
      : { conversations: traps.nullOnEveryPage ? [...conversations.slice(0, -1), null] : conversations }),
    totalHits: Math.max(0, found.length + traps.totalOffBy),
  })
}
