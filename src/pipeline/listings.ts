import type { Window } from '../domain/window.ts'
import { linkContext } from '../sources/linked-signal.ts'
import type { ReadContext, StubPage, WindowStream } from '../sources/source.ts'

type Pages = AsyncGenerator<StubPage, void, undefined>
type Page = IteratorResult<StubPage, void>

/** A listing of which a page was asked for. */
interface Begun {
  readonly window: Window
  readonly pages: Pages
  /** Stops what is asked. */
  readonly end: () => void
  asked: Promise<Page>
}

const isSame = (a: Window, b: Window): boolean => a.from === b.from && a.to === b.to

/**
 * Listings of windows, always one page ahead of who works on them: the next page is asked for while one is worked on, and the
 * first of the next window while this one is committed. What is asked for in vain costs one request.
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
    try {
      for (let page = await listing.asked; page.done !== true; page = await listing.asked) {
        this.#askNext(listing, following)
        yield page.value
      }
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
    return { window, pages, end, asked: unhandled(pages.next()) }
  }

  #askNext(listing: Begun, following: Window | null): void {
    const begin = (page: Page): Page => {
      if (page.done === true && following !== null) this.#ahead ??= this.#begin(following)
      return page
    }
    listing.asked = unhandled(listing.pages.next().then(begin))
  }
}

/** It is thrown when its turn comes; until then it must not count as unhandled. */
const unhandled = (asked: Promise<Page>): Promise<Page> => {
  asked.catch(() => undefined)
  return asked
}

const drop = async ({ pages, end, asked }: Begun): Promise<void> => {
  end()
  await Promise.allSettled([asked, pages.return()])
}
