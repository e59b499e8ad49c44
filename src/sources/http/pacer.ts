import { setTimeout as sleep } from 'node:timers/promises'
import { TransientError } from '../../domain/errors.ts'
import type { ReadContext } from '../source.ts'
import type { Exchanged } from './exchange.ts'
import type { HttpSettings, RateLimit } from './http-client.ts'
import { type RetryLimits, retryLimits } from './retry-limits.ts'
import { requestedWait } from './retry-wait.ts'

/** With fewer requests left they are spread over the time to the reset, so that none bounces. */
const fewRemaining = 10

const isCount = (value: number | null): value is number => value !== null && Number.isFinite(value) && value >= 0

/** Milliseconds to the next request: with none left until the reset, with few left a share of that. */
const spread = (limit: RateLimit | undefined): number => {
  const { remaining, resetMs } = limit ?? { remaining: null, resetMs: null }
  return isCount(remaining) && isCount(resetMs) && remaining <= fewRemaining ? resetMs / (remaining + 1) : 0
}

/** Rejects with the signal's reason at once; the promise itself goes on. */
export const unlessStopped = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })

/** Keeps the requests of one connection within its budget and what the vendor asks for. Instants are of performance.now. */
export class Pacer {
  readonly #settings: HttpSettings
  readonly #limits: RetryLimits
  #queue: Promise<unknown> = Promise.resolve()
  #spacedUntil = 0
  #heldUntil = 0
  #isTold = false

  constructor(settings: HttpSettings) {
    this.#settings = settings
    this.#limits = retryLimits(settings.retry)
  }

  /** Runs one work after the other, in the order of the calls. One that is stopped while it waits leaves the queue. */
  inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#queue
    const mine = unlessStopped(before, signal).then(work)
    this.#queue = Promise.allSettled([before, mine])
    return mine
  }

  /** No request leaves within this time. */
  hold(waitMs: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + waitMs)
  }

  /** What an answer asks for. The vendor can only slow us down; what it asks by name comes before its count of requests. */
  heed({ status, headers }: Pick<Exchanged, 'status' | 'headers'>): void {
    const waitMs = status < 400 ? null : requestedWait(status, headers, this.#settings)
    this.hold(waitMs ?? spread(this.#settings.rateLimit?.(headers)))
  }

  /** Returns when a request may leave, and counts it. Throws TransientError when the vendor asks for a wait that is too long. */
  async leave(context: ReadContext): Promise<void> {
    context.signal.throwIfAborted()
    const held = this.#heldUntil - performance.now()
    if (held > this.#limits.longestWaitMs) throw this.#tooLong(held)
    this.#tell(held, context)
    await this.#until(Math.max(this.#heldUntil, this.#spacedUntil), context.signal)
    this.#spacedUntil = performance.now() + 1000 / this.#settings.requestsPerSecond
  }

  #tooLong(waitMs: number): TransientError {
    const { connectionId, vendor } = this.#settings
    return new TransientError(
      `connection ${connectionId}: ${vendor} asks to wait ${inSeconds(waitMs)}; run again after that`,
    )
  }

  /** Once for a row of long waits: a budget that is spread over minutes makes many. */
  #tell(waitMs: number, { notice }: ReadContext): void {
    const isLong = waitMs > this.#limits.tellAboveMs
    if (isLong && !this.#isTold) notice?.(`${this.#settings.vendor} asks to wait ${inSeconds(waitMs)}`)
    this.#isTold = isLong
  }

  async #until(instant: number, signal: AbortSignal): Promise<void> {
    const waitMs = instant - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

const inSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`
