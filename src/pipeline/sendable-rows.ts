import type { Cell, Shaped } from '../delivery/shape-row.ts'
import type { DueRow } from '../domain/export.ts'

export interface Sendable {
  readonly row: DueRow
  readonly cells: readonly Cell[]
}

/** Rows one by one, as cells, over several files: a file may end where it likes, and asks whether another must follow. */
export class SendableRows {
  readonly #pages: AsyncIterator<readonly DueRow[]>
  readonly #shape: (row: DueRow) => Shaped
  readonly #withheld: (why: string) => void
  #page: readonly DueRow[] = []
  #place = 0
  #next: Sendable | null = null

  /** `withheld` is told of rows that their content keeps from being sent. */
  constructor(
    pages: AsyncIterable<readonly DueRow[]>,
    shape: (row: DueRow) => Shaped,
    withheld: (why: string) => void,
  ) {
    this.#pages = pages[Symbol.asyncIterator]()
    this.#shape = shape
    this.#withheld = withheld
  }

  /** Whether there is another row. */
  async more(): Promise<boolean> {
    this.#next ??= await this.#find()
    return this.#next !== null
  }

  /** The next rows, `limit` at the most. */
  async *take(limit: number): AsyncGenerator<Sendable, void, undefined> {
    for (let taken = 0; taken < limit && (await this.more()); taken += 1) {
      const next = this.#next
      this.#next = null
      if (next !== null) yield next
    }
  }

  async #find(): Promise<Sendable | null> {
    for (;;) {
      const row = this.#page[this.#place]
      if (row === undefined) {
        const page = await this.#pages.next()
        if (page.done === true) return null
        this.#page = page.value
        this.#place = 0
        continue
      }
      this.#place += 1
      const shaped = this.#shape(row)
      if (shaped.kind === 'cells') return { row, cells: shaped.cells }
      this.#withheld(shaped.why)
    }
  }
}
