import type { Window } from '../domain/window.ts'
import { linkContext } from '../sources/linked-signal.ts'
import type { ReadContext, StubPage, WindowStream } from '../sources/source.ts'

type Pages = AsyncGenerator<StubPage, void, undefined>
type Page = IteratorResult<StubPage, void>

/** A listing of which pages were asked for. */
interface Begun {
  readonly window: Window
  readonly pages: Pages
  /** Stops what is asked. */
  readonly end: () => void
  /** In their order, one after the other. */
  readonly asked: Promise<Page>[]
  /** What is listed after it, as soon as that is known. */
  following: Window | null
  hasEnded: boolean
  /** It failed, or is not wanted any more: nothing follows. */
  isOver: boolean
}

/** Pages ahead of the one that is worked on: enough to go on asking while a batch is committed. */
const pagesAhead = 4

const isSame = (a: Window, b: Window): boolean => a.from === b.from && a.to === b.to

/**
 * Listings of windows, some pages ahead of who works on them, fewer where they are large: the next pages are asked for, one
 * after the other, while one is worked on, and those of the next window as soon as the listing has ended.
 */
export class Listings {
  readonly #stream: Pick<WindowStream, 'list'>
  readonly #context: ReadContext
  #ahead: Begun | null = null

  constructor(stream: Pick<WindowStream, 'list'>, context: ReadContext) {
    this.#stream = stream
    this.#context = context
  }

  /** `following`: the window that is listed after this one, as far as it is known. */
  async *pages(window: Window, following: Window | null): Pages {
    const listing = await this.#take(window)
    listing.following = following
    this.#follow(listing)
    try {
      for (let page = await this.#next(listing); page.done !== true; page = await this.#next(listing)) yield page.value
    } finally {
      await drop(listing)
    }
  }

  /** Stops what was asked for in vain. */
  async close(): Promise<void> {
    const ahead = this.#ahead
    this.#ahead = null
    if (ahead !== null) await drop(ahead)
  }

  async #take(window: Window): Promise<Begun> {
    const ahead = this.#ahead
    if (ahead === null || !isSame(ahead.window, window)) {
      await this.close()
      return this.#begin(window)
    }
    this.#ahead = null
    return ahead
  }

  #begin(window: Window): Begun {
    const { context, end } = linkContext(this.#context)
    const pages = this.#stream.list(window, context)
    const listing: Begun = { window, pages, end, asked: [], following: null, hasEnded: false, isOver: false }
    this.#fill(listing)
    return listing
  }

  /** The next page, with those behind it asked for. */
  async #next(listing: Begun): Promise<Page> {
    const page = await (listing.asked.shift() ?? this.#ask(listing))
    this.#fill(listing)
    return page
  }

  #fill(listing: Begun): void {
    const most = Math.min(pagesAhead, this.#context.sizes?.atOnce ?? pagesAhead)
    while (!listing.hasEnded && listing.asked.length < most) listing.asked.push(this.#ask(listing))
  }

  /** Asked before the one in front has come, it is made when that has. */
  #ask(listing: Begun): Promise<Page> {
    const came = (page: Page): Page => {
      listing.hasEnded ||= page.done === true
      this.#follow(listing)
      return page
    }
    const failed = (error: unknown): never => {
      listing.isOver = true
      throw error
    }
    return unhandled(listing.pages.next().then(came, failed))
  }

  #follow({ following, hasEnded, isOver }: Begun): void {
    if (hasEnded && !isOver && following !== null) this.#ahead ??= this.#begin(following)
  }
}

/** It is thrown when its turn comes; until then it must not count as unhandled. */
const unhandled = (asked: Promise<Page>): Promise<Page> => {
  asked.catch(() => undefined)
  return asked
}

const drop = async (listing: Begun): Promise<void> => {
  const { pages, end, asked } = listing
  listing.isOver = true
  end()
  await Promise.allSettled([...asked, pages.return()])
}
