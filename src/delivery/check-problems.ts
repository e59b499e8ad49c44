/** What is wrong with a file, where a person can find it. */
export interface FileProblem {
  /** From 1; null when it is the file as a whole. */
  readonly line: number | null
  /** Name of the column, or its number from 1 where it has none; null when it is the line as a whole. */
  readonly cell: string | null
  readonly text: string
}

/** Counts all problems and keeps the first: a file may break a rule in every line. */
export class ProblemList {
  readonly #most: number
  readonly #kept: FileProblem[] = []
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  add(line: number | null, cell: string | null, text: string): void {
    this.#count += 1
    if (this.#kept.length < this.#most) this.#kept.push({ line, cell, text })
  }

  get kept(): readonly FileProblem[] {
    return this.#kept
  }

  get count(): number {
    return this.#count
  }
}

/** Takes the text of a file in pieces. */
export interface TextChecker {
  /** False: what comes cannot be judged any more. */
  push(text: string): boolean
  /** Rows that were found. */
  end(): number
}
