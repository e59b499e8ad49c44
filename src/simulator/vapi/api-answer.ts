import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerDay } from '../../transform/calendar.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import { type Answer, answerOf } from '../answer.ts'
import { shuffled } from '../draw.ts'
import type { Links } from '../links.ts'
import type { Query } from '../simulated-request.ts'
import { instantOf } from '../written-instant.ts'
import type { AccountState, StoredCall } from './resources.ts'
import type { VapiTraps } from './traps.ts'

/** What the endpoints answer from. */
export interface Served {
  readonly account: AccountState
  readonly links: Links
  traps: VapiTraps
  /** Listings answered so far: each is shuffled anew. */
  listings: number
}

/** `{statusCode, message, error}`: the message may be a list. */
export const refusal = (statusCode: number, error: string, message: string | readonly string[]): Answer =>
  answerOf(statusCode, JSON.stringify({ statusCode, message, error }))

const notFound = ({ traps }: Served): Answer =>
  traps.foreignNotFound
    ? answerOf(404, JSON.stringify({ message: 'no Route matched with those values' }))
    : refusal(404, 'Not Found', "Couldn't get it. It doesn't exist.")

const hasAudio = ({ call }: StoredCall): boolean => {
  const artifact = isJsonObject(call.artifact) ? call.artifact : {}
  return artifact.recording !== undefined || typeof call.recordingUrl === 'string'
}

/** Links are signed for this answer (trap 6). */
const shown = (served: Served, stored: StoredCall): object => {
  const { call, id } = stored
  if (!isJsonObject(call.artifact) || !hasAudio(stored)) return call
  const presigned = { presignedMonoUrl: served.links.issue(`/m/${id}.wav`, served.account.now()) }
  const presignedUrlsExpiresAt = new Date(served.account.now() / 1000 + 3_600_000).toISOString()
  return { ...call, artifact: { ...call.artifact, ...presigned, presignedUrlsExpiresAt } }
}

const isKept = ({ account, traps }: Served, { at }: StoredCall): boolean => {
  const oldest = traps.retentionDays === null ? 0 : account.now() - traps.retentionDays * microsPerDay
  return at >= oldest && at <= account.now()
}

type Test = (stored: StoredCall) => boolean

const comparisons: Readonly<Record<string, (a: EpochMicros, b: EpochMicros) => boolean>> = {
  Gt: (a, b) => a > b,
  Lt: (a, b) => a < b,
  Ge: (a, b) => a >= b,
  Le: (a, b) => a <= b,
}

/** Null: it is no parameter of this listing, or has no such value. */
const testOf = ([name, value]: Query[number]): Test | null => {
  const [, field, comparison = ''] = /^(createdAt|updatedAt)(Gt|Lt|Ge|Le)$/.exec(name) ?? []
  const bound = instantOf(value)
  const compare = comparisons[comparison]
  if (compare !== undefined && bound !== null)
    return (stored) => compare(field === 'createdAt' ? stored.at : stored.updatedAt, bound)
  if (name === 'id' || name === 'assistantId' || name === 'phoneNumberId') return ({ call }) => call[name] === value
  return null
}

/** No narrower than what is asked for. */
const createdBounds = (query: Query): readonly [EpochMicros, EpochMicros] => {
  const bound = (names: readonly string[], otherwise: number): number =>
    instantOf(query.find(([name]) => names.includes(name))?.[1]) ?? otherwise
  return [
    bound(['createdAtGe', 'createdAtGt'], Number.NEGATIVE_INFINITY),
    bound(['createdAtLe', 'createdAtLt'], Number.POSITIVE_INFINITY),
  ]
}

/** 100 without one (trap 3). Null: it is refused. */
const limitOf = (query: Query): number | null => {
  const text = query.findLast(([name]) => name === 'limit')?.[1]
  const limit = text === undefined ? 100 : Number(text)
  return Number.isInteger(limit) && limit >= 0 && limit <= 1000 ? limit : null
}

const listCalls = (served: Served, query: Query): Answer => {
  const { account, traps } = served
  const limit = limitOf(query)
  const tests = query.filter(([name]) => name !== 'limit').map((pair) => ({ pair, test: testOf(pair) }))
  const wrong = tests.find(({ test }) => test === null)?.pair[0] ?? (limit === null ? 'limit' : null)
  if (wrong !== null || limit === null) return refusal(400, 'Bad Request', [`property ${wrong} should not exist`])
  served.listings += 1
  const created = traps.filtersIgnored ? account.calls.all() : account.calls.between(...createdBounds(query))
  const found = created.filter(
    (stored) => isKept(served, stored) && (traps.filtersIgnored || tests.every(({ test }) => test?.(stored))),
  )
  const isEmpty = traps.emptyEveryOther && served.listings % 2 === 0
  const most = isEmpty ? 0 : Math.min(limit, traps.silentLimit ?? limit)
  const calls = shuffled(found, account.seed, served.listings).slice(0, most)
  return answerOf(200, JSON.stringify(calls.map((stored) => shown(served, stored))))
}

const recordingOf = (served: Served, stored: StoredCall, what: string): Answer => {
  const isKnown = what === 'mono-recording' || what === 'stereo-recording'
  if (!isKnown || !hasAudio(stored)) return notFound(served)
  if (served.traps.recordings === 'audio') return answerOf(200, 'RIFF simulated', { 'content-type': 'audio/wav' })
  const location = served.links.issue(
    `/${what === 'mono-recording' ? 'm' : 's'}/${stored.id}.wav`,
    served.account.now(),
  )
  return answerOf(302, `Found. Redirecting to ${location}`, { 'content-type': 'text/plain', location })
}

const oneCall = (served: Served, id: string, what: string | undefined): Answer => {
  const stored = served.account.callsById.get(id)
  if (stored === undefined || !isKept(served, stored)) return notFound(served)
  if (what !== undefined) return recordingOf(served, stored, what)
  return answerOf(200, JSON.stringify(shown(served, stored)))
}

/** The true answer to an authorized GET. */
export const apiAnswer = (served: Served, path: string, query: Query): Answer => {
  const [, name, id, what, ...beyond] = path.split('/').map(decodeURIComponent)
  const refused = served.traps.refused[path.slice(1)]
  if (refused === 403) return refusal(403, 'Forbidden', 'Forbidden resource')
  if (refused === 404 || beyond.length > 0) return notFound(served)
  if (name === 'call') return id === undefined ? listCalls(served, query) : oneCall(served, id, what)
  const number = name === 'phone-number' && what === undefined ? served.account.numbers.get(id ?? '') : undefined
  return number === undefined ? notFound(served) : answerOf(200, JSON.stringify(number))
}
