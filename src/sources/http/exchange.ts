import type { Agent } from 'node:https'
import { AttemptFailed } from './attempt-failed.ts'
import { type OpenedAnswer, requestDirectly } from './direct-request.ts'
import { networkFailure } from './network-failure.ts'

/** What came back for one request. */
export interface Exchanged {
  readonly status: number
  readonly headers: Headers
  /** Decompressed; null when they are more than may be read, or broke off and are not needed. */
  readonly bytes: Uint8Array | null
}

export interface Exchange {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: string | null
  /** For headers and body together. */
  readonly timeoutMs: number
  /** Whether the body of an answer with this status is what was asked for; else it only explains. */
  readonly isAnswer: (status: number) => boolean
  /** Beyond it the rest is not waited for. */
  readonly maxBytes: number
  /** Null = what fetch does by itself. */
  readonly agent: Agent | null
  /** For messages: connection and request. */
  readonly where: string
}

/** How much of a refusal is read for what it says. */
const maxRefusalBytes = 65_536

/** What says itself that it is too large is given up with its first bytes. */
const readBytes = async ({ headers, body }: OpenedAnswer, maxBytes: number): Promise<Uint8Array | null> => {
  const chunks: Uint8Array[] = []
  const stated = headers.has('content-encoding') ? 0 : Number(headers.get('content-length') ?? 0)
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (Math.max(length, stated) > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

async function* noBody(): AsyncGenerator<Uint8Array, void, undefined> {}

const fetched = async ({ url, method, headers, body }: Exchange, signal: AbortSignal): Promise<OpenedAnswer> => {
  const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' })
  return { status: response.status, headers: response.headers, body: response.body ?? noBody() }
}

const send = async (exchange: Exchange, signal: AbortSignal): Promise<Exchanged> => {
  const { maxBytes, agent } = exchange
  const response = await (agent === null ? fetched(exchange, signal) : requestDirectly(exchange, agent, signal))
  const bytes = exchange.isAnswer(response.status)
    ? await readBytes(response, maxBytes)
    : await readBytes(response, Math.min(maxBytes, maxRefusalBytes)).catch(() => null)
  return { status: response.status, headers: response.headers, bytes }
}

/**
 * Sends one request; never follows a redirect. Throws AttemptFailed when the network or the time fails it, and the reason of
 * the signal at once. An abort controller for each: signals joined by AbortSignal.any stay referenced by a long-lived one.
 */
export const exchangeOnce = async (exchange: Exchange, signal: AbortSignal): Promise<Exchanged> => {
  const controller = new AbortController()
  const stop = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(), exchange.timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const exchanged = await send(exchange, controller.signal)
    signal.throwIfAborted()
    return exchanged
  } catch (error) {
    signal.throwIfAborted()
    if (controller.signal.aborted)
      throw new AttemptFailed(`no complete answer within ${exchange.timeoutMs / 1000} s`, { kind: 'transient' })
    throw networkFailure(error, exchange.where)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
