import { setImmediate } from 'node:timers/promises'

/** Milliseconds of work without a pause. The pacer of a connection lets a request be ten late, and no more. */
const longest = 5

/** Lets what is due (a request that may leave, an answer that has come) go first, in the middle of work that takes long. */
export class Breather {
  #since = performance.now()

  async pause(): Promise<void> {
    if (performance.now() - this.#since < longest) return
    await setImmediate()
    this.#since = performance.now()
  }
}
