import { createHttpClient, type HttpClient, type HttpSettings } from '../../../src/sources/http/http-client.ts'
import type { ReadContext } from '../../../src/sources/source.ts'

export const key = 'KEY0123456789abcdef-not-a-real-one'

/** A client of the connection front-desk, without a budget and with waits of a millisecond. */
export const clientOf = (baseUrl: URL, settings: Partial<HttpSettings> = {}): HttpClient =>
  createHttpClient({
    connectionId: 'front-desk',
    vendor: 'Telnyx',
    baseUrl,
    authorize: async () => ({ Authorization: `Bearer ${key}` }),
    credential: 'api_key',
    requestsPerSecond: 1_000_000,
    timeoutMs: 10_000,
    maxResponseBytes: 1_000_000,
    retry: { firstDelayMs: 1 },
    ...settings,
  })

export interface Asking extends ReadContext {
  readonly notices: readonly string[]
  stop(reason: unknown): void
}

export const asking = (): Asking => {
  const controller = new AbortController()
  const notices: string[] = []
  return {
    signal: controller.signal,
    notices,
    notice: (message) => notices.push(message),
    stop: (reason) => controller.abort(reason),
  }
}

/** What a promise was rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it was not rejected')
    },
    (error) => error,
  )

/** Type and message of an error, as tests compare them. */
export const failureOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await rejection(promise)
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
