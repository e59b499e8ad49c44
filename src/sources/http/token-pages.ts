import { SourceProtocolError } from '../../domain/errors.ts'
import { defaultMaxPages, doesNotAddUp, type Paging, SeenItems } from './page-guards.ts'

export interface TokenPage<Item, Answer> {
  readonly items: readonly Item[]
  /** Null on the last page; an empty token of a vendor is the caller's to read. */
  readonly nextToken: string | null
  readonly answer: Answer
}

export interface TokenPaging<Item, Answer> extends Paging<Item> {
  /** Null for the first page. */
  readonly ask: (token: string | null) => Promise<TokenPage<Item, Answer>>
}

/** A vendor may shift items while it is read, and repeat some; two full pages of nothing new are a loop. */
const maxStalePages = 2

/**
 * Pages along a chain of page tokens, until one has none. An empty page with a token is not the end: filters work behind
 * paging. Throws SourceProtocolError for a chain that goes in circles, WindowTooLarge beyond `maxPages` and for a last page of
 * nothing new: what should have stood there is missing.
 */
export async function* tokenPages<Item, Answer>(
  paging: TokenPaging<Item, Answer>,
): AsyncGenerator<TokenPage<Item, Answer>, void, undefined> {
  const { what, ask, maxPages = defaultMaxPages } = paging
  const seen = new SeenItems(paging.idOf)
  const tokens = new Set<string>()
  let stale = 0
  for (let token: string | null = null, pages = 1; ; pages += 1) {
    const page: TokenPage<Item, Answer> = await ask(token)
    const isStale = seen.add(page.items) === 0 && page.items.length > 0
    stale = page.items.length === 0 ? stale : isStale ? stale + 1 : 0
    yield page
    token = page.nextToken
    if (token === null && pages > 1 && isStale) throw doesNotAddUp(paging, `page ${pages}, the last, holds nothing new`)
    if (token === null) return
    if (tokens.has(token))
      throw new SourceProtocolError(`${what}: page ${pages} gives a page token for the second time`)
    if (stale >= maxStalePages)
      throw new SourceProtocolError(`${what}: page ${pages} and the one before hold nothing new`)
    if (pages >= maxPages) throw doesNotAddUp(paging, `it goes on after ${pages} pages`)
    tokens.add(token)
  }
}
