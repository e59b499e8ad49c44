import type { UpsertCounts } from '../domain/batch.ts'

/** What most rows of a batch are thought to be. It decides about the time that the batch takes, and nothing else. */
export type Expected = 'new' | 'unchanged' | 'anything'

const newShare = 0.9
const unchangedShare = 0.5

/** What the next batch of a run is expected to be: as most rows of the one that committed last were, so will be those of the next. */
export class Expectation {
  #expected: Expected
  readonly #fewestAsked: number
  #doDigestsTell = true

  /** `fewestAsked`: of fewer rows no digests are asked for: two more statements take longer than staging them at once. */
  constructor(expected: Expected = 'anything', fewestAsked = 500) {
    this.#expected = expected
    this.#fewestAsked = fewestAsked
  }

  get areNew(): boolean {
    return this.#expected === 'new'
  }

  /** Most of so many rows are unchanged, and their digests are likely to say which. */
  asksDigests(rows: number): boolean {
    return this.#expected === 'unchanged' && this.#doDigestsTell && rows >= this.#fewestAsked
  }

  /** Rows that were loaded without digests, or with those of an earlier version, have none that is equal: nobody asks again. */
  digestsDoNotTell(): void {
    this.#doDigestsTell = false
  }

  /** By what the run had counted before the batch, and has with it. */
  learn(before: UpsertCounts, after: UpsertCounts): void {
    const rows = after.rows - before.rows
    if (rows === 0) return
    if (after.inserted - before.inserted > rows * newShare) this.#expected = 'new'
    else this.#expected = after.unchanged - before.unchanged > rows * unchangedShare ? 'unchanged' : 'anything'
  }
}
