import { ResponseTooLarge, SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import { askAhead } from '../ask-ahead.ts'
import type { JsonAnswer, Query } from '../http/http-client.ts'
import type { ReadContext, StubPage } from '../source.ts'
import { readCalls } from './answer.ts'
import type { VapiApi } from './api.ts'
import { isGone } from './fetch-call.ts'
import { createdAtOf, idOf, updatedAtOf } from './fields.ts'
import { cutInHalf, isMillisecond, microsPerMilli, type Part, type Shown, type Span } from './part.ts'
import { listedStub } from './stub.ts'

/** A time of a call by which calls are listed. */
export type CallAxis = 'createdAt' | 'updatedAt'

/** The vendor's largest answer, for time that cannot be halved. */
const largestLimit = 1000

/** What a request without a limit gets: an answer of exactly so many may have been cut although more were asked for. */
const defaultLimit = 100

/** A listing of one axis. */
interface Listing {
  readonly api: VapiApi
  readonly axis: CallAxis
  readonly window: Window
  readonly mostAtOnce: number
  readonly context: ReadContext
  /** All that the other time of a call may be. */
  readonly everything: Span
}

const spanOf = ({ from, to }: Window): Span => ({
  from: Math.floor(from / microsPerMilli),
  to: Math.floor(to / microsPerMilli),
  isOpen: false,
})

const written = (milli: number): string => formatInstant(milli * microsPerMilli)

const describe = ({ api, axis }: Listing, { along: { from, to } }: Part): string =>
  `connection ${api.connectionId}: calls by ${axis} from ${written(from)} to ${written(to)}`

const axisTime = { createdAt: createdAtOf, updatedAt: updatedAtOf } as const

const besides = { createdAt: 'updatedAt', updatedAt: 'createdAt' } as const

const timeIn = (item: unknown, axis: CallAxis): EpochMicros | null =>
  isJsonObject(item) ? (axisTime[axis](item, []) ?? null) : null

const idIn = (item: unknown): string | null => (isJsonObject(item) ? (idOf(item, []) ?? null) : null)

/** A filter that is silently ignored shows as a call from elsewhere. A call may change while it is listed. */
const requireWithin = (item: unknown, axis: CallAxis, { from, to }: Span, what: string): void => {
  const at = timeIn(item, axis)
  if (at === null) return
  const isLate = axis === 'createdAt' && isBehind(at, to)
  if (at >= from * microsPerMilli && !isLate) return
  throw notAskedFor(item, at, what)
}

const isBehind = (at: EpochMicros, to: number): boolean => at >= (to + 1) * microsPerMilli

const notAskedFor = (item: unknown, at: EpochMicros, what: string): SourceProtocolError =>
  new SourceProtocolError(
    `${what}: the answer holds ${idIn(item) ?? 'a call without id'}, of ${formatInstant(at)}, which was not asked for`,
  )

/** Some may have changed since, not all of a full answer: the filter is ignored, and cutting it further would never end. */
const requireAnyWithin = (items: readonly unknown[], axis: CallAxis, { to }: Span, what: string): void => {
  const timed = items.flatMap((item) => {
    const at = timeIn(item, axis)
    return at === null ? [] : { item, at }
  })
  const [first] = timed
  if (first !== undefined && timed.every(({ at }) => isBehind(at, to))) throw notAskedFor(first.item, first.at, what)
}

const bounds = (axis: CallAxis, { from, to, isOpen }: Span): Query => [
  [`${axis}Ge`, written(from)],
  [`${axis}${isOpen ? 'Lt' : 'Le'}`, written(to)],
]

const limitOf = ({ mostAtOnce, everything }: Listing, part: Part): number => {
  const isLastWay = cutInHalf(part, everything) === null || (part.beside === null && isMillisecond(part.along))
  return isLastWay ? largestLimit : mostAtOnce
}

interface Answered {
  readonly items: readonly unknown[]
  readonly answer: JsonAnswer
  /** As many as may be in one answer: there may be more. */
  readonly isFull: boolean
}

/** Null: it is larger than may be held. */
const ask = async (listing: Listing, part: Part): Promise<Answered | null> => {
  const { api, axis, context, everything } = listing
  const limit = limitOf(listing, part)
  const beside = part.beside === null ? [] : bounds(besides[axis], part.beside)
  const query: Query = [...bounds(axis, part.along), ...beside, ['limit', String(limit)]]
  try {
    const answer = await api.client.json({ path: '/call', query }, context)
    const what = describe(listing, part)
    const items = readCalls(answer, what)
    for (const item of items) {
      requireWithin(item, axis, part.along, what)
      if (part.beside !== null) requireWithin(item, besides[axis], part.beside, what)
    }
    const isFull = items.length >= limit || (items.length === defaultLimit && limit > defaultLimit)
    if (isFull) requireAnyWithin(items, axis, part.along, what)
    return { items, answer, isFull }
  } catch (error) {
    if (error instanceof ResponseTooLarge && cutInHalf(part, everything) !== null) return null
    throw error
  }
}

/** Exactly as many calls of one millisecond as a limit that is ignored gives are all there are, if it is not ignored. */
const isWhole = async ({ api, context }: Listing, { along }: Part, { items }: Answered): Promise<boolean> => {
  if (items.length !== defaultLimit || !isMillisecond(along)) return false
  const query: Query = [['limit', String(defaultLimit + 1)]]
  const anything = await api.client.json({ path: '/call', query }, context)
  return readCalls(anything, `connection ${api.connectionId}: calls`).length > defaultLimit
}

/** A call stays where it was created: what an answer has shown, the next ones of its time must show, unless it is gone. */
const requireShown = async (listing: Listing, part: Part, items: readonly unknown[]): Promise<void> => {
  if (listing.axis !== 'createdAt') return
  const found = new Set(items.map(idIn))
  for (const { id } of part.shown) {
    if (found.has(id) || (await isGone(listing.api, id, listing.context))) continue
    throw new SourceProtocolError(
      `${describe(listing, part)}: the answer lacks call ${id}, which is there and was listed just before; the next run reads it again`,
    )
  }
}

const shownIn = (items: readonly unknown[], axis: CallAxis): readonly Shown[] =>
  items.flatMap((item) => {
    const [id, at] = [idIn(item), timeIn(item, axis)]
    return id === null || at === null ? [] : { id, at }
  })

/** At the floor nothing shows how many calls are hidden: the window fails, or the pipeline halves it to narrow the gap. */
const tooMany = (listing: Listing, part: Part): Error => {
  const message = `${describe(listing, part)}: one answer holds ${largestLimit} of them at the most, and it is full`
  return isMillisecond(spanOf(listing.window)) ? new SourceProtocolError(message) : new WindowTooLarge(message)
}

/** Until tomorrow: a call that changes meanwhile moves to now, and what is read last still has it. */
const everythingAt = (now: number): Span => ({ from: 0, to: now + 86_400_000, isOpen: true })

/**
 * Answers that are complete, and have all calls of a window. Answers name no total, no page and no order: one that is not full
 * is complete, and time with a full one is halved, down to a millisecond, and that by the other time of its calls. Time that
 * is likely to be full, as densely as the last answer was filled, is halved without asking.
 */
async function* completeAnswers(listing: Listing): AsyncGenerator<Answered, void, undefined> {
  const { axis, window, mostAtOnce, everything } = listing
  const parts: Part[] = [{ along: spanOf(window), beside: null, shown: [] }]
  let callsPerMilli = 0
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const { along } = part
    if (!isMillisecond(along) && callsPerMilli * (along.to - along.from) > mostAtOnce) {
      parts.unshift(...(cutInHalf(part, everything) ?? []))
      continue
    }
    const answered = await ask(listing, part)
    if (answered === null || (answered.isFull && !(await isWhole(listing, part, answered)))) {
      const items = answered?.items ?? []
      const besideTimes = shownIn(items, besides[axis]).map(({ at }) => Math.floor(at / microsPerMilli))
      const shown = [...part.shown, ...shownIn(items, axis)]
      const halves = cutInHalf({ ...part, shown }, everything, besideTimes)
      if (halves === null) throw tooMany(listing, part)
      parts.unshift(...halves)
      // Perhaps a burst in the first half: it is asked for before anything is expected of the rest.
      callsPerMilli = 0
      continue
    }
    await requireShown(listing, part, answered.items)
    callsPerMilli = answered.items.length / Math.max(1, along.to - along.from)
    yield answered
  }
}

/** All calls of a window. */
export async function* listCalls(
  api: VapiApi,
  axis: CallAxis,
  window: Window,
  mostAtOnce: number,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const everything = everythingAt(Date.now())
  const ask = (asking: ReadContext) => completeAnswers({ api, axis, window, mostAtOnce, context: asking, everything })
  for await (const { items, answer } of askAhead(ask, context)) {
    yield { stubs: items.map(listedStub), readAt: answer.askedAt, servedAt: answer.servedAt, total: null }
  }
}
