/** Lets one piece of work, or as many as are told, run while the caller prepares the next. */
export class OneAhead {
  readonly #atATime: number
  /** In the order in which they were submitted; settled ones are taken out from the front. */
  readonly #running: Promise<void>[] = []
  #hasFailed = false

  constructor(atATime = 1) {
    this.#atATime = atATime
  }

  /** Waits until there is room; what went wrong with work before is thrown here, and the new work is not begun. */
  async submit(work: () => Promise<void>): Promise<void> {
    while (this.#hasFailed || this.#running.length >= this.#atATime) await this.#oldest()
    const running = work()
    // Thrown to whoever waits next; until then it must not count as unhandled.
    running.catch(() => {
      this.#hasFailed = true
    })
    this.#running.push(running)
  }

  /** Waits for all of it; throws what went wrong first, when nothing runs any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#running)
    while (this.#running.length > 0) await this.#oldest()
  }

  /** What went wrong is thrown to everybody who waits from then on. */
  async #oldest(): Promise<void> {
    await this.#running[0]
    this.#running.shift()
  }
}
