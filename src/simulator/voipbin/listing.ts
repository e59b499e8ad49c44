import type { EpochMicros } from '../../domain/instant.ts'
import { readIso } from '../../transform/iso-instant.ts'
import type { Query } from '../simulated-request.ts'
import type { Collection, Stored } from './account-state.ts'
import { Refused } from './answer.ts'
import { written, writtenToken } from './dialect.ts'
import type { VoipbinTraps } from './traps.ts'

export const parameterOf = (query: Query, name: string): string | undefined =>
  query.findLast(([given]) => given === name)?.[1]

const largestPage = 100

/** Absent, none, or too many: as many as there may be, without a word (trap 2). */
const sizeOf = (query: Query): number => {
  const size = Number(parameterOf(query, 'page_size') ?? 0)
  return Number.isInteger(size) && size >= 1 && size <= largestPage ? size : largestPage
}

const tokenTime = (token: string, { refusesTokens, dialect }: VoipbinTraps): EpochMicros => {
  const read = readIso(token)
  const isOtherForm = token.includes('T') === (dialect === 'old')
  if (read === null || (refusesTokens !== null && isOtherForm)) throw new Refused(400)
  return read.localMicros - (read.offsetMicros ?? 0)
}

/** Compared as the database does: both dialects are instants to it. */
const boundOf = <T>({ index }: Collection<T>, query: Query, traps: VoipbinTraps, now: EpochMicros): EpochMicros => {
  const token = parameterOf(query, 'page_token')
  if (token === undefined || token === '' || traps.ignoresTokens) return now
  const bound = tokenTime(token, traps)
  if (traps.refusesTokens === 'made' && index.between(bound, bound).length === 0) throw new Refused(400)
  return traps.comparesMilliseconds ? bound - (bound % 1000) : bound
}

interface Page<T> {
  readonly shown: readonly Stored<T>[]
  readonly token: string
}

/** The token lies just above what comes next. */
const emptyPage = <T>(found: readonly Stored<T>[], traps: VoipbinTraps): Page<T> => {
  const next = found[0]
  return { shown: [], token: next === undefined ? '' : writtenToken(next.at + 1, traps) }
}

const pageOf = <T>(found: readonly Stored<T>[], query: Query, traps: VoipbinTraps): Page<T> => {
  const size = sizeOf(query)
  const shown = found.slice(0, size)
  const last = shown.at(-1)
  const isEnd = shown.length === found.length && !traps.tokenOnLastPage
  return { shown, token: last === undefined || isEnd ? '' : writtenToken(last.at, traps) }
}

export interface Listed<T> {
  readonly collection: Collection<T>
  readonly keep?: (content: T) => boolean
  readonly show?: (content: T) => T
  /** How today's servers write what is unset; default: the key is left out. */
  readonly unset?: null
}

/** Newest first, those created before the token, ties in any order: there is no tie-breaker (trap 3). */
export const listed = <T extends { readonly id: string }>(
  { collection, keep = () => true, show = (content) => content, unset }: Listed<T>,
  query: Query,
  traps: VoipbinTraps,
  now: EpochMicros,
): object => {
  const isFirst = parameterOf(query, 'page_token') === undefined
  const bound = Math.min(boundOf(collection, query, traps, now), now)
  const before = collection.index
    .between(Number.NEGATIVE_INFINITY, bound - 1)
    .filter(({ content }) => keep(show(content)))
  const found = traps.oldestFirst ? before : before.toReversed()
  // As from the top: page two of a walk that was begun here.
  const isSecond = traps.emptySecondPage && !isFirst
  if (isSecond) traps.emptySecondPage = false
  const { shown, token } = isSecond ? emptyPage(found.slice(1), traps) : pageOf(found, query, traps)
  return { result: shown.map(({ content }) => written(show(content), traps, unset)), next_page_token: token }
}
