import type { UpsertCounts } from '../domain/batch.ts'

/** What most rows of a batch are thought to be. It decides about the time that the batch takes, and nothing else. */
export type Expected = 'new' | 'unchanged' | 'anything'

const newShare = 0.9
const unchangedShare = 0.5

/** Batches for which nobody asks for digests after some that told too little. */
const pause = 20

/** What the next batch of a run is expected to be: as most rows of the one that committed last were, so will be those of the next. */
export class Expectation {
  #expected: Expected
  readonly #fewestAsked: number
  #allAreNew = true
  #paused = 0

  /** `fewestAsked`: of fewer rows no digests are asked for: two more statements take longer than staging them at once. */
  constructor(expected: Expected = 'anything', fewestAsked = 500) {
    this.#expected = expected
    this.#fewestAsked = fewestAsked
  }

  /** Nearly all rows are new. */
  get areNew(): boolean {
    return this.#expected === 'new'
  }

  /** All rows are: in this run none was not, once they were. */
  get allAreNew(): boolean {
    return this.areNew && this.#allAreNew
  }

  /** Most of so many rows are unchanged, and their digests are likely to say which. */
  asksDigests(rows: number): boolean {
    return this.#expected === 'unchanged' && this.#paused === 0 && rows >= this.#fewestAsked
  }

  notAllWereNew(): void {
    this.#allAreNew = false
  }

  /** Rows that were loaded without digests, or with those of an earlier version, have none that is equal. */
  digestsToldLittle(): void {
    this.#paused = pause
  }

  /** By what the run had counted before the batch, and has with it. */
  learn(before: UpsertCounts, after: UpsertCounts): void {
    const rows = after.rows - before.rows
    if (rows === 0) return
    this.#paused = Math.max(0, this.#paused - 1)
    if (after.inserted - before.inserted > rows * newShare) this.#expected = 'new'
    else this.#expected = after.unchanged - before.unchanged > rows * unchangedShare ? 'unchanged' : 'anything'
  }
}
