import { SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'
import { defaultMaxPages, doesNotAddUp, type Paging, SeenItems } from './page-guards.ts'

export interface NumberedPage<Item, Answer> {
  readonly items: readonly Item[]
  /** What the answer says of itself; null = it does not say. */
  readonly number: number | null
  readonly lastNumber: number | null
  /** Exact number of items of the whole listing. */
  readonly total: number | null
  readonly answer: Answer
}

export interface NumberedPaging<Item, Answer> extends Paging<Item> {
  /** Pages are numbered from 1. */
  readonly ask: (number: number) => Promise<NumberedPage<Item, Answer>>
}

export interface ProvenPaging<Item, Answer> extends NumberedPaging<Item, Answer> {
  /** As asked for. */
  readonly pageSize: number
  /** A listing of more items is not read at all: WindowTooLarge. Without meaning at the floor. */
  readonly maxTotal?: number
}

type Pages<Item, Answer, Result = void> = AsyncGenerator<NumberedPage<Item, Answer>, Result, undefined>

/** How often a listing of one page is asked for before it does not add up, and one of several is walked. */
const singleAttempts = 3
const walks = 2

const askPage = async <Item, Answer>(
  { what, ask }: NumberedPaging<Item, Answer>,
  number: number,
): Promise<NumberedPage<Item, Answer>> => {
  const page = await ask(number)
  if (page.number === null || page.number === number) return page
  throw new SourceProtocolError(`${what}: page ${number} was asked for, and the answer says it is page ${page.number}`)
}

/** What is known of a listing while it is walked: an answer that leaves something out does not take it back. */
interface Stated {
  readonly lastNumber: number | null
  readonly total: number | null
}

/**
 * Whether nothing is promised behind page `number`. `listed`: items so far, repeated ones too. Where nothing is stated only an
 * empty page is the last: a server that caps its pages below what was asked for makes every page a short one.
 */
const isLast = ({ lastNumber, total }: Stated, number: number, listed: number, isEmpty: boolean): boolean => {
  if (lastNumber !== null) return number >= lastNumber
  return total === null ? isEmpty : listed >= total
}

/** What a walk through all pages found. */
interface Walked {
  /** Why it ended before its end; null = it did not. */
  readonly problem: string | null
  readonly listed: number
  /** Different items. */
  readonly count: number
  /** As stated last; null = never. */
  readonly total: number | null
}

/** `first`: the first page, if it was read already. `fixed`: a total that changes, or is passed, ends it. */
async function* walk<Item, Answer>(
  paging: NumberedPaging<Item, Answer>,
  first: NumberedPage<Item, Answer> | null,
  fixed: boolean,
): Pages<Item, Answer, Walked> {
  const { maxPages = defaultMaxPages } = paging
  const seen = new SeenItems(paging.idOf)
  let stated: Stated = { lastNumber: null, total: null }
  let listed = 0
  const walked = (problem: string | null): Walked => ({ problem, listed, count: seen.count, total: stated.total })
  for (let number = 1; ; number += 1) {
    const page: NumberedPage<Item, Answer> = number === 1 && first !== null ? first : await askPage(paging, number)
    const before: Stated = stated
    stated = { lastNumber: page.lastNumber ?? before.lastNumber, total: page.total ?? before.total }
    listed += page.items.length
    const isStale = seen.add(page.items) === 0
    yield page
    if (fixed && before.total !== null && stated.total !== before.total)
      return walked(`its total went from ${before.total} to ${stated.total} between pages`)
    if (isLast(stated, number, listed, page.items.length === 0)) return walked(null)
    if (isStale) return walked(`page ${number} holds nothing new, and more is promised`)
    if (fixed && stated.total !== null && seen.count > stated.total)
      return walked(`it holds more than its total of ${stated.total}`)
    if (number >= maxPages) return walked(`it goes on after ${number} pages`)
  }
}

/**
 * All pages, once, in order. A total that is stated must be reached; that no item was missed while pages shifted is not
 * proven. Throws WindowTooLarge when the pages do not add up, SourceProtocolError for a page that was not asked for.
 */
export async function* numberedPages<Item, Answer>(paging: NumberedPaging<Item, Answer>): Pages<Item, Answer> {
  const { problem, listed, total } = yield* walk(paging, null, false)
  if (problem !== null) throw doesNotAddUp(paging, problem)
  if (total !== null && listed < total) throw doesNotAddUp(paging, `it holds ${listed}, and its total is ${total}`)
}

const fitsOnePage = ({ total, lastNumber }: NumberedPage<unknown, unknown>, pageSize: number): boolean =>
  total !== null && total <= pageSize && (lastNumber === null || lastNumber <= 1)

/** One response sees one moment: it is whole when it holds as many items as it says there are. */
async function* singlePage<Item, Answer>(
  paging: NumberedPaging<Item, Answer>,
  first: NumberedPage<Item, Answer>,
): Pages<Item, Answer> {
  let page = first
  for (let attempt = 1; page.items.length !== page.total && attempt < singleAttempts; attempt += 1)
    page = await askPage(paging, 1)
  yield page
  if (page.items.length === page.total) return
  throw doesNotAddUp(paging, `one page holds ${page.items.length}, and its total is ${page.total ?? 'not stated'}`)
}

/**
 * All pages, proven complete by their total: one response that holds it, or a walk whose different ids are as many, with the
 * same total on every page. A walk that fails is made once more: its items come again. Where neither total
 * nor last page is stated it ends with an empty page, and `total` stays null.
 *
 * Throws WindowTooLarge when that does not add up, or the first page shows more than `maxTotal`: page order may differ from
 * request to request, and only a window of one page is sure to be proven. SourceProtocolError for a page not asked for.
 */
export async function* provenPages<Item, Answer>(paging: ProvenPaging<Item, Answer>): Pages<Item, Answer> {
  const { what, pageSize, maxTotal = Number.POSITIVE_INFINITY, atFloor = false } = paging
  const first = await askPage(paging, 1)
  if (!atFloor && first.total !== null && first.total > maxTotal)
    throw new WindowTooLarge(`${what}: ${first.total} items are more than ${maxTotal}, which are read at once`)
  if (fitsOnePage(first, pageSize)) return yield* singlePage(paging, first)
  const problems: string[] = []
  for (let attempt = 1; attempt <= walks; attempt += 1) {
    const { problem, count, total } = yield* walk(paging, attempt === 1 ? first : null, true)
    if (problem === null && (total === null || count === total)) return
    problems.push(problem ?? `it holds ${count} different ids, and its total is ${total}`)
  }
  throw doesNotAddUp(paging, problems.join('; read again: '))
}
