/** Lets one piece of work run while the caller prepares the next. */
export class OneAhead {
  #running: Promise<void> = Promise.resolve()

  /** Waits for the work submitted before; what went wrong with it is thrown here, and the new work is not begun. */
  async submit(work: () => Promise<void>): Promise<void> {
    await this.#running
    this.#running = work()
    // Thrown to whoever waits next; until then it must not count as unhandled.
    this.#running.catch(() => undefined)
  }

  settle(): Promise<void> {
    return this.#running
  }
}
