/** Enough for the budget of any of our vendors, at its usual latency; the pacer keeps to the budget. */
export const mostAtOnce = 8

/** Bytes of the answers that are held at once, about: each is held several times over while it is read. */
const mostHeld = 16_000_000

/** How much of the largest answer of late is left with each one that follows. */
const fading = 0.9

/** How large the answers of a connection are: several small ones are asked for at once, of large ones few. */
export class AnswerSizes {
  /** Unknown: two at once, and soon more. */
  #largest = mostHeld / 2

  note(bytes: number): void {
    this.#largest = Math.max(bytes, this.#largest * fading)
  }

  /** How many may be asked for at once. */
  get atOnce(): number {
    return Math.min(mostAtOnce, Math.max(1, Math.floor(mostHeld / this.#largest)))
  }

  /** They are of no weight: as many as ever may be asked for at once. */
  get areSmall(): boolean {
    return this.atOnce === mostAtOnce
  }

  /** The next record is asked for when the work on the one before has ended, and the batch that it has filled is committed. */
  get areHuge(): boolean {
    return this.atOnce === 1
  }
}
