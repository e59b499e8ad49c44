import { ResponseTooLarge, SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Window } from '../../domain/window.ts'
import { formatInstant } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { ReadContext, StubPage } from '../source.ts'
import { readCalls } from './answer.ts'
import type { VapiApi } from './api.ts'
import { createdAtOf, idOf, updatedAtOf } from './fields.ts'
import { listedStub } from './stub.ts'

/** A time of a call by which calls are listed. */
export type CallAxis = 'createdAt' | 'updatedAt'

/** The vendor's largest answer, for time that cannot be halved. */
const largestLimit = 1000

/** What a request without a limit gets: an answer of exactly so many may have been cut although more were asked for. */
const defaultLimit = 100

const microsPerMilli = 1000

/** Closed, in milliseconds: times of calls have no more digits. */
interface Span {
  readonly from: number
  readonly to: number
}

const spanOf = ({ from, to }: Window): Span => ({
  from: Math.floor(from / microsPerMilli),
  to: Math.floor(to / microsPerMilli),
})

/** They share the middle, so that nothing lies between them. Null when it cannot be halved. */
const halvesOf = ({ from, to }: Span): readonly Span[] | null => {
  const middle = from + Math.floor((to - from) / 2)
  return middle === from
    ? null
    : [
        { from, to: middle },
        { from: middle, to },
      ]
}

const written = (milli: number): string => formatInstant(milli * microsPerMilli)

const describe = ({ connectionId }: VapiApi, axis: CallAxis, { from, to }: Span): string =>
  `connection ${connectionId}: calls by ${axis} from ${written(from)} to ${written(to)}`

const axisTime = { createdAt: createdAtOf, updatedAt: updatedAtOf } as const

const timeIn = (item: unknown, axis: CallAxis): EpochMicros | null =>
  isJsonObject(item) ? (axisTime[axis](item, []) ?? null) : null

/** A filter that is silently ignored shows as a call from elsewhere. A call may change while changes are listed. */
const requireWithin = (item: unknown, axis: CallAxis, { from, to }: Span, what: string): void => {
  const at = timeIn(item, axis)
  if (at === null) return
  const isLate = axis === 'createdAt' && at >= (to + 1) * microsPerMilli
  if (at >= from * microsPerMilli && !isLate) return
  const id = isJsonObject(item) ? idOf(item, []) : null
  throw new SourceProtocolError(
    `${what}: the answer holds ${id ?? 'a call without id'}, of ${formatInstant(at)}, which was not asked for`,
  )
}

interface Answered {
  readonly items: readonly unknown[]
  readonly answer: JsonAnswer
  /** As many as may be in one answer: there may be more. */
  readonly isFull: boolean
}

/** Null: it is larger than may be held. */
const ask = async (
  api: VapiApi,
  axis: CallAxis,
  span: Span,
  limit: number,
  context: ReadContext,
): Promise<Answered | null> => {
  const query = [
    [`${axis}Ge`, written(span.from)],
    [`${axis}Le`, written(span.to)],
    ['limit', String(limit)],
  ] as const
  try {
    const answer = await api.client.json({ path: '/call', query }, context)
    const what = describe(api, axis, span)
    const items = readCalls(answer, what)
    for (const item of items) requireWithin(item, axis, span, what)
    return { items, answer, isFull: items.length >= limit || (items.length === defaultLimit && limit > defaultLimit) }
  } catch (error) {
    if (error instanceof ResponseTooLarge && halvesOf(span) !== null) return null
    throw error
  }
}

/** At the floor nothing shows how many calls are hidden: the window fails, or the pipeline halves it to narrow the gap. */
const tooMany = (api: VapiApi, axis: CallAxis, span: Span, window: Window): Error => {
  const message = `${describe(api, axis, span)}: one answer holds ${largestLimit} of them at the most, and it is full`
  return halvesOf(spanOf(window)) === null ? new SourceProtocolError(message) : new WindowTooLarge(message)
}

/**
 * All calls of a window. Answers name no total, no page and no order: one that is not full is complete, and time with a full
 * one is halved, down to a millisecond. Time that is likely to be full, as densely as the last answer was filled, is
 * halved without asking.
 */
export async function* listCalls(
  api: VapiApi,
  axis: CallAxis,
  window: Window,
  mostAtOnce: number,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const parts: Span[] = [spanOf(window)]
  let callsPerMilli = 0
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const halves = halvesOf(part)
    if (halves !== null && callsPerMilli * (part.to - part.from) > mostAtOnce) {
      parts.unshift(...halves)
      continue
    }
    const answered = await ask(api, axis, part, halves === null ? largestLimit : mostAtOnce, context)
    if (answered === null || answered.isFull) {
      if (halves === null) throw tooMany(api, axis, part, window)
      parts.unshift(...halves)
      // Perhaps a burst in the first half: it is asked for before anything is expected of the rest.
      callsPerMilli = 0
      continue
    }
    const { items, answer } = answered
    callsPerMilli = items.length / Math.max(1, part.to - part.from)
    yield { stubs: items.map(listedStub), readAt: answer.askedAt, servedAt: answer.servedAt, total: null }
  }
}
