/** Counts by value, of so many values at most: what comes behind is counted as one. */
export class Tally<T> {
  readonly #counts = new Map<T, number>()
  readonly #most: number
  beyond = 0

  constructor(most: number) {
    this.#most = most
  }

  add(value: T, count: number): void {
    const before = this.#counts.get(value)
    if (before === undefined && this.#counts.size >= this.#most) this.beyond += count
    else this.#counts.set(value, (before ?? 0) + count)
  }

  /** The largest first, equal ones in the order of their values. */
  entries(): readonly (readonly [value: T, count: number])[] {
    return Array.from(this.#counts).toSorted(([a, many], [b, more]) => more - many || (String(a) < String(b) ? -1 : 1))
  }
}
