import { microsPerDay } from '../../transform/calendar.ts'
import { shuffled } from '../draw.ts'
import type { StoredRecording } from './account-state.ts'
import { removeRecording } from './create-account.ts'
import { findRecordings } from './find-recordings.ts'
import { type AskedPage, boundsOf, type Filter, readFilters, readPage } from './query.ts'
import { notFound } from './refused-request.ts'
import { seededId } from './seeded-id.ts'
import type { Endpoint, Served } from './served.ts'
import { shownRecording } from './shown-recording.ts'

const largestPage = 250

/** With one before the others that the filter should have kept out: a day too early. */
const withStray = (
  { account, traps }: Served,
  filters: readonly Filter[],
  found: readonly StoredRecording[],
): readonly StoredRecording[] => {
  const [from] = boundsOf(filters, 'created_at')
  if (!traps.strayRecording || !Number.isFinite(from)) return found
  const at = from - microsPerDay
  const ordinal = 2 ** 40
  return [{ id: seededId(account.seed, 'recording', ordinal), at, content: { ordinal, at, plain: true } }, ...found]
}

/** Newest first, or in another order for each request (trap 2). */
const inOrder = (served: Served, found: readonly StoredRecording[]): readonly StoredRecording[] => {
  served.listings += 1
  return served.traps.shuffledPages ? shuffled(found, served.account.seed, served.listings) : found.toReversed()
}

const shownPage = (
  { traps }: Served,
  found: readonly StoredRecording[],
  asked: AskedPage,
): readonly StoredRecording[] => {
  if (traps.emptySecondPage && asked.number === 2 && found.length > 2 * asked.size) return []
  const first = traps.repeatedPage === 'no' ? (asked.number - 1) * asked.size : 0
  return found.slice(first, first + asked.size)
}

const metaOf = ({ traps }: Served, found: number, asked: AskedPage) => {
  if (traps.missingMeta) return undefined
  const total = Math.max(0, found + traps.totalOffBy)
  const number = traps.repeatedPage === 'stated' ? 1 : asked.number
  return {
    page_number: traps.missingPageNumber ? undefined : number,
    page_size: asked.size,
    total_pages: Math.ceil(total / asked.size),
    total_results: total,
  }
}

/** Page 2 is cut from a shorter list than page 1 was: one id between them is never shown (trap 3). */
const deleteOneOf = ({ account, traps }: Served, page: readonly StoredRecording[]): void => {
  const gone = page.find(({ id }) => account.recordingsById.has(id))
  if (gone === undefined) return
  traps.deletions -= 1
  removeRecording(account, gone.id)
}

export const listRecordings: Endpoint = (served, query) => {
  const asked = readPage(query, largestPage)
  const filters = readFilters(query)
  const found = withStray(served, filters, inOrder(served, findRecordings(served, filters)))
  const page = shownPage(served, found, asked)
  const data = page.map((stored) => shownRecording(served, stored))
  if (served.traps.deletions > 0 && asked.number === 1 && found.length > asked.size) deleteOneOf(served, page)
  return { data, meta: metaOf(served, found.length, asked) }
}

export const oneRecording: Endpoint = (served, _query, id) => {
  const stored = served.account.recordingsById.get(id)
  if (stored === undefined || stored.at > served.account.now()) throw notFound()
  return { data: shownRecording(served, stored) }
}
