import { SourceProtocolError, WindowTooLarge } from '../../domain/errors.ts'

/** What every walk through a listing needs. The query stays the same from page to page: that is the caller's part. */
export interface Paging<Item> {
  /** For messages: `connection front-desk, recordings created from ... to ...`. */
  readonly what: string
  /** Null for an item that names none: it counts as new. */
  readonly idOf: (item: Item) => string | null
  /** More pages are no listing of one window. Default 1000. */
  readonly maxPages?: number
  /** There is nothing to halve: what does not add up is a SourceProtocolError instead of WindowTooLarge. */
  readonly atFloor?: boolean
}

export const defaultMaxPages = 1000

export const doesNotAddUp = ({ what, atFloor }: Paging<never>, problem: string): Error => {
  const message = `${what}: the listing does not add up: ${problem}`
  return atFloor === true ? new SourceProtocolError(message) : new WindowTooLarge(message)
}

/** The items of one walk, by id. Memory grows with the listing: windows and maxPages bound it. */
export class SeenItems<Item> {
  readonly #idOf: (item: Item) => string | null
  readonly #ids = new Set<string>()
  #unnamed = 0

  constructor(idOf: (item: Item) => string | null) {
    this.#idOf = idOf
  }

  /** Different ones. */
  get count(): number {
    return this.#ids.size + this.#unnamed
  }

  /** How many of these were not seen before. */
  add(items: readonly Item[]): number {
    const before = this.count
    for (const item of items) {
      const id = this.#idOf(item)
      if (id === null) this.#unnamed += 1
      else this.#ids.add(id)
    }
    return this.count - before
  }
}
