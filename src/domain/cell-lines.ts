import type { Direction, Media, TravtusField } from './recording-row.ts'

/** How the cells of a line become a row, where each field is one cell that is written as the warehouse takes it. */
export interface CellRow {
  /** The cell of each field, from 0; -1 = no cell states it. */
  readonly cellOf: Readonly<Record<TravtusField, number>>
  readonly media: Media
  /** ASCII cells that mean "nothing"; an empty one always does. */
  readonly placeholders: readonly string[]
  /** Words for a direction, in lower-case ASCII letters; they are read in any case. None of them is a placeholder in any. */
  readonly directions: ReadonlyMap<string, Direction>
}

/**
 * Records of a dump as its bytes, cut into cells and not read yet. They are good until the next page is asked for: it is
 * read into the same memory.
 */
export interface CellLines {
  readonly row: CellRow
  /** Valid UTF-8. */
  readonly bytes: Uint8Array
  readonly count: number
  /**
   * Where the cells of line n begin, from `n * stride` on: cell c ends before the delimiter in front of cell c + 1, and behind
   * the last cell stands one more place as if there were another.
   */
  readonly bounds: Int32Array
  readonly stride: number
  /**
   * 1 = the line has as many cells as there are columns, none of them in quotes, and there is nothing in them that must be
   * escaped, or that could be a part of a signed query or of userinfo: no control character, no `\`, `=` or `%`, and no cell
   * with both `@` and `/`. Any other line is read as a record.
   */
  readonly isPlain: Uint8Array
  /** All lines. */
  readonly whole: Buffer
  /** What is between two places, of ASCII. */
  asciiText(from: number, to: number): string
}

/** What became of a line. `unmapped`: taken, and no portfolio is known for its row. */
export type TakenLine = 'taken' | 'unmapped' | 'refused'
