import { setTimeout as sleep } from 'node:timers/promises'
import { TransientError } from '../../domain/errors.ts'
import { mostAtOnce } from '../answer-sizes.ts'
import type { ReadContext } from '../source.ts'
import type { Exchanged } from './exchange.ts'
import type { HttpSettings, RateLimit } from './http-client.ts'
import { type RetryLimits, retryLimits } from './retry-limits.ts'
import { requestedWait } from './retry-wait.ts'

/** With fewer requests left they are spread over the time to the reset, so that none bounces. */
const fewRemaining = 10

const isCount = (value: number | null): value is number => value !== null && Number.isFinite(value) && value >= 0

/** Milliseconds by which a reset may be nearer than it is told: vendors tell it in whole seconds. */
const rounding = 1000

/**
 * Milliseconds to the next request: with none left until the reset; with few left a share of that, unless they last until
 * then at our pace of one in `spacingMs`. `onTheirWay`: the vendor had not counted them when it answered, as far as we know.
 */
const spread = (limit: RateLimit | undefined, onTheirWay: number, spacingMs: number): number => {
  const { remaining, resetMs } = limit ?? { remaining: null, resetMs: null }
  if (!isCount(remaining) || !isCount(resetMs)) return 0
  const left = Math.max(0, remaining - onTheirWay)
  if (left === 0) return resetMs
  const soonest = resetMs % rounding === 0 ? resetMs - rounding : resetMs
  const isEnough = (left + 1) * spacingMs >= soonest
  return left > fewRemaining || isEnough ? 0 : resetMs / (left + 1)
}

/**
 * Rejects with the signal's reason at once; the promise itself goes on. Lets go of the signal before the caller goes on: with a
 * listener more for each request under way Node would warn of a leak.
 */
export const unlessStopped = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject)
  })

/**
 * Between two requests so much more than the budget says: the vendor counts them as they arrive, and one that was faster on
 * its way than the first must not be the one too many.
 */
const margin = 1.015

/** Milliseconds by which a request may be late without putting off the next one: timers fire late. A longer pause is no debt. */
const lateness = 10

/** Keeps the requests of one connection within its budget and what the vendor asks for. Instants are of performance.now. */
export class Pacer {
  readonly #settings: HttpSettings
  readonly #limits: RetryLimits
  readonly #spacingMs: number
  readonly #waiting: (() => void)[] = []
  #leaving: Promise<unknown> = Promise.resolve()
  #onTheirWay = 0
  /** Between two requests, as long as no answer says otherwise: the last one said that few are left. */
  #gapMs = 0
  /** Requests that left and are not answered. */
  #sent = 0
  #spacedUntil = 0
  #heldUntil = 0
  #isTold = false

  constructor(settings: HttpSettings) {
    this.#settings = settings
    this.#spacingMs = (1000 * margin) / settings.requestsPerSecond
    this.#limits = retryLimits(settings.retry)
  }

  /** Runs so many works at once at the most, in the order of the calls. One that is stopped while it waits leaves the queue. */
  async inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#onTheirWay >= mostAtOnce) await this.#turn(signal)
    else this.#onTheirWay += 1
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#onTheirWay -= 1
      else next()
    }
  }

  /** A request is on its way. */
  left(): void {
    this.#sent += 1
  }

  /** It has come back, or never will. */
  arrived(): void {
    this.#sent -= 1
  }

  /** No request leaves within this time. */
  hold(waitMs: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + waitMs)
  }

  /** What an answer asks for. The vendor can only slow us down; what it asks by name comes before its count of requests. */
  heed({ status, headers }: Pick<Exchanged, 'status' | 'headers'>): void {
    const waitMs = status < 400 ? null : requestedWait(status, headers, this.#settings)
    if (waitMs === null) this.#gapMs = spread(this.#settings.rateLimit?.(headers), this.#sent - 1, this.#spacingMs)
    this.hold(waitMs ?? this.#gapMs)
  }

  /** Returns when a request may leave, and counts it. Throws TransientError when the vendor asks for a wait that is too long. */
  leave(context: ReadContext): Promise<void> {
    const mine = this.#leaving.then(() => this.#leaveNext(context))
    this.#leaving = mine.catch(() => undefined)
    return unlessStopped(mine, context.signal)
  }

  /** Looks again after each wait: an answer may have asked for a longer one meanwhile. */
  async #leaveNext(context: ReadContext): Promise<void> {
    context.signal.throwIfAborted()
    let waitMs = this.#waitMs()
    this.#tell(this.#heldMs(), context)
    while (waitMs > 0) {
      await sleep(waitMs, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted())
      waitMs = this.#waitMs()
      // What is left of a wait whose timer fired early is no end of it.
      if (this.#heldMs() > this.#limits.tellAboveMs) this.#tell(this.#heldMs(), context)
    }
    const now = performance.now()
    const due = now - this.#spacedUntil > lateness ? now : this.#spacedUntil
    this.#spacedUntil = due + Math.max(this.#gapMs, this.#spacingMs)
  }

  #heldMs(): number {
    return this.#heldUntil - performance.now()
  }

  #waitMs(): number {
    const held = this.#heldMs()
    if (held > this.#limits.longestWaitMs) throw this.#tooLong(held)
    return Math.ceil(Math.max(held, this.#spacedUntil - performance.now()))
  }

  /** The place of one that has ended: whoever leaves hands it on. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        reject(signal.reason)
      }
      const begin = (): void => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.push(begin)
    })
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
}

const inSeconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`
