import { AttemptFailed } from './attempt-failed.ts'
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
  /** For messages: connection and request. */
  readonly where: string
}

/** How much of a refusal is read for what it says. */
const maxRefusalBytes = 65_536

const readBytes = async (response: Response, maxBytes: number): Promise<Uint8Array | null> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

const send = async (exchange: Exchange, signal: AbortSignal): Promise<Exchanged> => {
  const { url, method, headers, body, maxBytes } = exchange
  const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' })
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
