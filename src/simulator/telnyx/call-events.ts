import { microsPerDay } from '../../transform/calendar.ts'
import { writeInstant } from '../written-instant.ts'
import type { StoredCallEvent } from './account-state.ts'
import { numberedPage } from './numbered-page.ts'
import { type Filter, filterInstant, readFilters } from './query.ts'
import { badRequest } from './refused-request.ts'
import type { TelnyxCallEvent } from './resources.ts'
import { seededId } from './seeded-id.ts'
import type { Endpoint, Served } from './served.ts'

/** `call_session_id` is not among them: it is ignored without a word (trap 20). */
const members = {
  leg_id: 'call_leg_id',
  application_session_id: 'call_session_id',
  name: 'name',
  type: 'type',
} as const

const memberOf = (field: string): (typeof members)[keyof typeof members] | undefined =>
  Object.entries(members).find(([name]) => name === field)?.[1]

const comparisons: Readonly<Record<string, (at: number, bound: number) => boolean>> = {
  gt: (at, bound) => at > bound,
  gte: (at, bound) => at >= bound,
  lt: (at, bound) => at < bound,
  lte: (at, bound) => at <= bound,
  eq: (at, bound) => at === bound,
}

const inTime = (filters: readonly Filter[]): ((event: StoredCallEvent) => boolean) => {
  const [filter, second] = filters.filter(({ field }) => field === 'occurred_at')
  if (second !== undefined) throw badRequest('filter[occurred_at] takes one operator', second.parameter)
  if (filter === undefined) return () => true
  const compare = comparisons[filter.operator ?? 'eq']
  if (compare === undefined) throw badRequest(`${filter.parameter} is no operator of occurred_at`, filter.parameter)
  const bound = filterInstant(filter)
  return ({ at }) => compare(at, bound)
}

const isKnown = ({ field }: Filter): boolean =>
  memberOf(field) !== undefined || field === 'occurred_at' || field === 'product'

/** Of a call that nobody asked for. */
const unrelated = ({ account }: Served): TelnyxCallEvent => ({
  record_type: 'call_event',
  call_leg_id: seededId(account.seed, 'leg', 2 ** 41),
  call_session_id: seededId(account.seed, 'session', 2 ** 41),
  event_timestamp: writeInstant(account.now(), { digits: 6, zone: 'Z' }),
  name: 'call.initiated',
  type: 'webhook',
  metadata: {
    event_type: 'call.initiated',
    payload: { direction: 'outgoing', from: '+15125558888', to: '+15125558889' },
  },
})

/** Earliest first. Without a leg or a session only the last 24 h. */
const found = ({ account }: Served, filters: readonly Filter[]): readonly TelnyxCallEvent[] => {
  const byId = filters.some(({ field }) => field === 'leg_id' || field === 'application_session_id')
  const isInTime = inTime(filters)
  return account.callEvents
    .between(byId ? Number.NEGATIVE_INFINITY : account.now() - microsPerDay, account.now())
    .filter(isInTime)
    .map(({ content }) => content)
    .filter((event) =>
      filters.every(({ field, value }) => {
        const member = memberOf(field)
        return member === undefined || event[member] === value
      }),
    )
}

export const listCallEvents: Endpoint = (served, query) => {
  const filters = readFilters(query)
  const isStray = served.traps.strayCallEvents || filters.some((filter) => !isKnown(filter))
  return numberedPage([...found(served, filters), ...(isStray ? [unrelated(served)] : [])], query, 250)
}
