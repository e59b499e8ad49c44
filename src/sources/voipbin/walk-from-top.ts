import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { ReadContext } from '../source.ts'
import type { VoipbinApi } from './api.ts'
import { askPage, itemKey, itemTime, type ListPage, largestPage, type Walk } from './list-page.ts'

/** Where the next page begins: behind a token that the server gave. */
interface Place {
  readonly token: string | null
  readonly below: EpochMicros | null
}

const behind = ({ nextToken, tokenTime }: ListPage): Place => ({ token: nextToken, below: tokenTime })

const doesNotContinue = ({ what }: Walk): SourceProtocolError =>
  new SourceProtocolError(
    `${what}: two pages do not continue each other: the listing changed while it was read; the next run reads it again`,
  )

/** Items newer than the oldest of a page: what follows them cannot share their microsecond. */
const aboveOldest = ({ items, times }: ListPage): readonly unknown[] => {
  const from = items.findIndex((item) => itemTime(item) === times.at(-1))
  return items.slice(0, Math.max(from, 0))
}

/**
 * The place behind a page where no tie is cut in two: the same page is asked for once more without its oldest microsecond, and
 * the token of that leads to all of it. `owed`: what the page there must show. Null when the page is of one microsecond.
 */
const untiedPlace = async (
  api: VoipbinApi,
  walk: Walk,
  at: Place,
  page: ListPage,
  context: ReadContext,
): Promise<{ readonly place: Place; readonly owed: readonly string[] } | null> => {
  const kept = aboveOldest(page)
  if (kept.length === 0) return null
  const shorter = await askPage(api, walk, { ...at, size: kept.length }, context)
  const [edge, oldest] = [shorter.times.at(-1), page.times.at(-1)]
  if (edge === undefined || oldest === undefined || edge <= oldest) throw doesNotContinue(walk)
  const shown = new Set(shorter.items.map(itemKey))
  const isCut = page.items.some((item) => itemTime(item) === edge && !shown.has(itemKey(item)))
  if (isCut) throw doesNotContinue(walk)
  return { place: behind(shorter), owed: page.items.map(itemKey).filter((key) => !shown.has(key)) }
}

/** Each page lies below the one before, so that a server that repeats itself is not walked for ever. */
const requireProgress = (walk: Walk, { below: before }: Place, next: Place): Place => {
  if (next.below === null || (before !== null && next.below >= before))
    throw new SourceProtocolError(`${walk.what}: the page token that it gives does not lead on`)
  return next
}

const atEnd = ({ window }: Walk, { items, times, tokenTime }: ListPage, { below }: Place): boolean => {
  const oldest = times.at(-1)
  if (tokenTime === null || (oldest !== undefined && oldest < window.from)) return true
  return items.length === 0 && below !== null && tokenTime >= below
}

/**
 * A listing by the server's own tokens only, from its newest item on: for a server that takes no others. Each page costs two
 * requests, so that ties at its edge are not lost.
 */
export async function* walkFromTop(
  api: VoipbinApi,
  walk: Walk,
  context: ReadContext,
): AsyncGenerator<ListPage, void, undefined> {
  let at: Place = { token: null, below: null }
  let owed: readonly string[] = []
  for (;;) {
    const page: ListPage = await askPage(api, walk, { ...at, size: largestPage }, context)
    const shown = new Set(page.items.map(itemKey))
    if (owed.length > 0 && !owed.some((key) => shown.has(key))) throw doesNotContinue(walk)
    yield page
    if (atEnd(walk, page, at)) return
    const untied = await untiedPlace(api, walk, at, page, context)
    if (untied === null && page.times.length === page.size)
      throw new SourceProtocolError(`${walk.what}: ${page.size} items share one microsecond`)
    owed = untied?.owed ?? []
    at = requireProgress(walk, at, untied?.place ?? behind(page))
  }
}
