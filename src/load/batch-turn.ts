import { setTimeout as sleep } from 'node:timers/promises'
import { RepeatTransaction } from './repeat-transaction.ts'

/**
 * Milliseconds that a batch waits with what it has locked. Who holds it up may in turn wait for these locks, by way of
 * another process: then it must let go of them.
 */
const patience = 3000

/** The transaction is rolled back and repeated, once the batch in front has committed. */
export class TurnLostError extends RepeatTransaction {}

/**
 * The place of a batch behind another one that is loaded at the same time. Both do their work side by side; they commit one
 * after the other, so that what is committed is always the beginning of the file.
 */
export class BatchTurn {
  readonly #before: Promise<unknown>
  #isBeforeDone = false
  #tries = 0
  #isAlone = false

  /** `before`: settles when the batch in front has; when it fails, so do those behind it. */
  constructor(before: Promise<unknown>) {
    this.#before = before
    before.then(
      () => {
        this.#isBeforeDone = true
      },
      () => undefined,
    )
  }

  /** Whether everything before it was committed when its transaction began. */
  get isAlone(): boolean {
    return this.#isAlone
  }

  /** To be called when the transaction has begun, before it reads anything; a repeated one begins when it has its turn. */
  async begin(): Promise<void> {
    this.#tries += 1
    if (this.#tries > 1) await this.#before
    this.#isAlone = this.#isBeforeDone
  }

  /** Before what must not be done out of order, at the end of the transaction. */
  async wait(): Promise<void> {
    if (this.#isAlone) return
    const stop = new AbortController()
    try {
      await Promise.race([this.#before, losing(stop.signal)])
    } finally {
      stop.abort()
    }
  }
}

const losing = async (signal: AbortSignal): Promise<void> => {
  try {
    await sleep(patience, undefined, { signal })
  } catch {
    return
  }
  throw new TurnLostError('the batch in front takes long')
}
