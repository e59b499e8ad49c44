import type { Agent } from 'node:https'
import type { SecureContext } from 'node:tls'
import pRetry from 'p-retry'
import { requireSafeBaseUrl } from '../../domain/base-url.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { collectGarbageOfAnswers, collectGarbageOfParsing } from '../collect-garbage.ts'
import type { ReadContext } from '../source.ts'
import { answerBody, exhausted, prepare, type Target } from './attempt.ts'
import { AttemptFailed } from './attempt-failed.ts'
import { trustingAgent } from './direct-request.ts'
import { exchangeOnce } from './exchange.ts'
import { Pacer, unlessStopped } from './pacer.ts'
import { requestUrl } from './request-url.ts'
import { maxAttempts, type RetryLimits, repetitions } from './retry-limits.ts'
import { headerInstant } from './retry-wait.ts'

/** What a vendor's answer says about how much more may be asked. */
export interface RateLimit {
  /** Requests left until the reset; null = it does not say. */
  readonly remaining: number | null
  /** Milliseconds from now until the count starts anew; null = it does not say. */
  readonly resetMs: number | null
}

export interface HttpSettings {
  readonly connectionId: string
  /** For messages: `Telnyx`. */
  readonly vendor: string
  /** Credentials go to its origin and nowhere else. Paths of requests are appended to it. */
  readonly baseUrl: URL
  /** Headers that carry the credentials. */
  readonly authorize: () => Promise<Readonly<Record<string, string>>>
  /** The setting the credentials come from, for messages: `api_key`. */
  readonly credential: string
  /** Our budget; the vendor's headers can only slow it down. */
  readonly requestsPerSecond: number
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly rateLimit?: (headers: Headers) => RateLimit
  /** What the body of a refusal says (code, title), without secrets; null = nothing that helps. */
  readonly explain?: (body: unknown) => string | null
  /** Made of the certificate authorities that are trusted; null and absent = those of Node. */
  readonly authorities?: () => Promise<SecureContext | null>
  /** The base URL came from a vendor: its name must not lead into the own network. Absent = the operator wrote it. */
  readonly publicOnly?: boolean
  /** For tests: shorter waits. */
  readonly retry?: Partial<RetryLimits> | undefined
}

export type Query = readonly (readonly [name: string, value: string])[]

export interface JsonRequest {
  /** POST is for queries too large for an address: it is repeated like GET, and must change nothing at the vendor. */
  readonly method?: 'GET' | 'POST'
  /** Appended to the base URL; its parts are encoded already. */
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  /** The body as a form instead: OAuth logins. */
  readonly form?: Query
  /** Statuses besides 2xx that are an answer to the caller (404 of a read by id; a redirect, whose `Location` is the answer). */
  readonly accept?: readonly number[]
  /** Of an answer that the vendor takes longer to make; default: that of the settings. */
  readonly timeoutMs?: number
  /** The same can be asked for in smaller parts, so that a large answer need not be held. */
  readonly isDivisible?: boolean
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Headers
  /** Integers too long for a number are text. Undefined for an empty body. */
  readonly body: unknown
  /** Our clock when the answered attempt was sent. */
  readonly askedAt: EpochMicros
  /** The vendor's `Date`; null = none. */
  readonly servedAt: EpochMicros | null
}

/** One connection's way to its vendor: budget, retries, limits. Knows nothing of records. */
export interface HttpClient {
  /**
   * Sends until there is an answer. Throws ConfigError for 401 and 403, TransientError when retries are exhausted,
   * SourceProtocolError for any other refusal and for a body that is no JSON, ResponseTooLarge beyond maxResponseBytes (of
   * what is divisible beyond 8 MB), and the reason of the signal when the run is stopped.
   */
  json(request: JsonRequest, context: ReadContext): Promise<JsonAnswer>
  /** Requests sent so far, retries included. */
  requests(): number
}

/** Null = what fetch does by itself. Throws ConfigError for a ca_file that is none. */
const agentOf = async ({ baseUrl, authorities, publicOnly = false }: HttpSettings): Promise<Agent | null> => {
  const trusted = (await authorities?.()) ?? null
  const isUsual = baseUrl.protocol !== 'https:' || (trusted === null && !publicOnly)
  return isUsual ? null : trustingAgent({ authorities: trusted, publicOnly })
}

interface Sent {
  readonly answer: JsonAnswer
  /** Of its body. */
  readonly bytes: number
}

class PacedClient implements HttpClient {
  readonly #settings: HttpSettings
  readonly #pacer: Pacer
  #requests = 0
  #agent: Promise<Agent | null> | undefined

  constructor(settings: HttpSettings) {
    requireSafeBaseUrl(settings.baseUrl)
    this.#settings = settings
    this.#pacer = new Pacer(settings)
  }

  requests(): number {
    return this.#requests
  }

  /** A request keeps its place through its retries: what is refused to it would be refused to others. */
  async json(request: JsonRequest, context: ReadContext): Promise<JsonAnswer> {
    const url = requestUrl(this.#settings.baseUrl, request)
    return this.#pacer.inTurn(context.signal, () => this.#untilAnswered({ request, url }, context))
  }

  async #untilAnswered(target: Target, context: ReadContext): Promise<JsonAnswer> {
    let attempts = 0
    const attempt = () => {
      attempts += 1
      return this.#attempt(target, context)
    }
    const waitBefore = repetitions(this.#settings.retry)
    try {
      return await pRetry(attempt, {
        retries: maxAttempts - 1,
        // The pacer waits.
        minTimeout: 0,
        shouldRetry: ({ error, attemptNumber }) => {
          const waitMs = error instanceof AttemptFailed ? waitBefore(error, attemptNumber) : null
          if (waitMs !== null) this.#pacer.hold(waitMs)
          return waitMs !== null
        },
      })
    } catch (error) {
      context.signal.throwIfAborted()
      throw error instanceof AttemptFailed ? exhausted(this.#settings, target.request, error, attempts) : error
    }
  }

  async #attempt(target: Target, context: ReadContext): Promise<JsonAnswer> {
    await this.#pacer.leave(context)
    this.#pacer.left()
    try {
      const { answer, bytes } = await this.#send(target, context)
      collectGarbageOfParsing(bytes)
      return answer
    } finally {
      this.#pacer.arrived()
    }
  }

  async #send(target: Target, context: ReadContext): Promise<Sent> {
    const credentials = await unlessStopped(this.#settings.authorize(), context.signal)
    this.#agent ??= agentOf(this.#settings)
    const prepared = prepare(this.#settings, target, credentials, await this.#agent)
    this.#requests += 1
    const askedAt = Date.now() * 1000
    const exchanging = exchangeOnce(prepared, context.signal)
    // Once it is on its way: until it is answered there is time.
    setImmediate(collectGarbageOfAnswers)
    const exchanged = await exchanging
    this.#pacer.heed(exchanged)
    const { status, headers } = exchanged
    // Of a refusal little is read; none of one that broke off.
    const bytes = prepared.isAnswer(status) ? (exchanged.bytes?.length ?? prepared.maxBytes) : 0
    context.sizes?.note(bytes)
    const body = answerBody(this.#settings, target, credentials, exchanged)
    return { answer: { status, headers, body, askedAt, servedAt: headerInstant(headers, 'Date') }, bytes }
  }
}

/** Throws ConfigError when credentials must not be sent to the base URL. */
export const createHttpClient = (settings: HttpSettings): HttpClient => new PacedClient(settings)
