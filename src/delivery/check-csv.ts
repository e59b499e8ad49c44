import { travtusFields } from '../domain/recording-row.ts'
import { type CellFacts, CellReader, problemsOfCell, problemsOfNames } from './check-cell.ts'
import type { ProblemList, TextChecker } from './check-problems.ts'

const quote = 0x22
const lf = 0x0a
const cr = 0x0d

/** More cells of a header are not named. */
const mostNames = 100

type LineEnd = '\\n' | '\\r\\n' | '\\r'

/**
 * Where in a cell we are: at its `start`, in a `plain` or a `quoted` one, behind a quote that may be the first of two or the
 * end (`closing`), or behind the end (`closed`).
 */
type Place = 'start' | 'plain' | 'quoted' | 'closing' | 'closed'

/** Judges CSV as it comes: of a cell its first characters are held, so that a quote that is never closed costs nothing. */
export class CsvChecker implements TextChecker {
  readonly #delimiter: number
  readonly #problems: ProblemList
  readonly #cell = new CellReader()
  #place: Place = 'start'
  #line = 1
  /** Line on which the record starts. */
  #recordLine = 1
  #column = 0
  #names: string[] | null = null
  readonly #header: string[] = []
  #rows = 0
  #lineEnd: LineEnd | null = null
  #mixed = false
  #afterCr = false
  #saidQuote = false

  constructor(delimiter: string, problems: ProblemList) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#problems = problems
  }

  push(text: string): boolean {
    for (let at = 0; at < text.length; at += 1) this.#take(text.charCodeAt(at))
    return true
  }

  end(): number {
    if (this.#afterCr) this.#endRecord('\\r')
    if (this.#place === 'quoted')
      this.#problems.add(this.#recordLine, this.#nameOf(this.#column), 'has a quote that is never closed')
    if (this.#column > 0 || this.#place !== 'start') this.#endRecord(null)
    if (this.#names === null) this.#problems.add(1, null, 'there is no header; a file without rows has its header')
    return this.#rows
  }

  #take(code: number): void {
    if (this.#afterCr) {
      this.#afterCr = false
      this.#endRecord(code === lf ? '\\r\\n' : '\\r')
      if (code === lf) return
    }
    if (this.#place === 'quoted') this.#takeQuoted(code)
    else if (this.#place === 'closing' && code === quote) {
      this.#place = 'quoted'
      this.#cell.add(code)
    } else this.#takePlain(code)
  }

  #takeQuoted(code: number): void {
    if (code === quote) {
      this.#place = 'closing'
      return
    }
    this.#cell.add(code)
    if (code === lf) this.#line += 1
  }

  #takePlain(code: number): void {
    if (code === this.#delimiter) this.#endCell()
    else if (code === lf) this.#endRecord('\\n')
    else if (code === cr) this.#afterCr = true
    else if (code === quote && this.#place === 'start') this.#place = 'quoted'
    else {
      if (code === quote || this.#place === 'closing' || this.#place === 'closed') this.#sayQuote()
      this.#place = this.#place === 'closing' || this.#place === 'closed' ? 'closed' : 'plain'
      this.#cell.add(code)
    }
  }

  #sayQuote(): void {
    if (!this.#saidQuote)
      this.#problems.add(
        this.#line,
        this.#nameOf(this.#column),
        'has a quote that is not doubled, or text behind its closing quote',
      )
    this.#saidQuote = true
  }

  #endCell(): void {
    this.#judge(this.#cell.end())
    this.#column += 1
    this.#place = 'start'
    this.#saidQuote = false
  }

  #judge(facts: CellFacts): void {
    if (this.#names === null) {
      if (this.#header.length < mostNames) this.#header.push(facts.text)
      return
    }
    const name = this.#names[this.#column]
    const field = travtusFields.find((known) => known === name) ?? null
    for (const text of problemsOfCell(field, facts))
      this.#problems.add(this.#recordLine, this.#nameOf(this.#column), text)
  }

  #endRecord(end: LineEnd | null): void {
    const empty = this.#column === 0 && this.#place === 'start'
    if (empty && this.#names !== null) {
      this.#cell.end()
      this.#problems.add(this.#recordLine, null, 'is an empty line')
    } else {
      this.#endCell()
      this.#judgeRecord()
    }
    this.#noteLineEnd(end)
    this.#line += 1
    this.#recordLine = this.#line
    this.#column = 0
  }

  #judgeRecord(): void {
    if (this.#names === null) {
      this.#names = this.#header
      for (const text of problemsOfNames(this.#header)) this.#problems.add(1, null, `the header ${text}`)
      return
    }
    this.#rows += 1
    if (this.#column !== this.#names.length)
      this.#problems.add(this.#recordLine, null, `has ${this.#column} cells, the header has ${this.#names.length}`)
  }

  #noteLineEnd(end: LineEnd | null): void {
    if (end === null) return
    if (end === '\\r') this.#problems.add(this.#line, null, 'ends with a lone CR; allowed: \\n or \\r\\n throughout')
    else if (this.#lineEnd !== null && end !== this.#lineEnd && !this.#mixed) {
      this.#mixed = true
      this.#problems.add(
        this.#line,
        null,
        `ends with ${end}, the lines before it with ${this.#lineEnd}; allowed: one of them`,
      )
    }
    if (end !== '\\r') this.#lineEnd ??= end
  }

  #nameOf(column: number): string {
    return this.#names?.[column] ?? `cell ${column + 1}`
  }
}
