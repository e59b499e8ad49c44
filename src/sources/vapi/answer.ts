import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { JsonAnswer, RateLimit } from '../http/http-client.ts'
import { headerInstant } from '../http/retry-wait.ts'

/** Throws SourceProtocolError when the answer is no list: `/call` answers with a bare array. */
export const readCalls = ({ body }: JsonAnswer, what: string): readonly unknown[] => {
  if (Array.isArray(body)) return body
  throw new SourceProtocolError(`${what}: the answer is no list of calls; check base_url`)
}

/** The resource of an answer to a read by id. Throws SourceProtocolError when there is none. */
export const readOne = ({ body }: JsonAnswer, what: string): JsonObject => {
  if (isJsonObject(body)) return body
  throw new SourceProtocolError(`${what}: the answer is no object; check base_url`)
}

/** Vapi's own refusal: any other 404 is a proxy's, and proves nothing. */
export const isRefusal = (body: unknown, status: number): boolean => isJsonObject(body) && body.statusCode === status

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((item: unknown) => typeof item === 'string' && item.trim() !== '')

/** What a refusal says: `{statusCode, message: text or list of texts, error}`. */
export const explainRefusal = (body: unknown): string | null => {
  if (!isJsonObject(body)) return null
  const words = [...new Set([...textsOf(body.error), ...textsOf(body.message)])].slice(0, 4).join(', ')
  return words === '' ? null : words.slice(0, 200)
}

/** A smaller number is no point in time since 1970, but seconds from now. */
const earliestReset = 1_000_000_000

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null

/** `X-RateLimit-Reset` is a point in time, in seconds; it is measured against the clock of the answer. */
export const rateLimitOf = (headers: Headers): RateLimit => {
  const reset = wholeNumber(headers.get('X-RateLimit-Reset'))
  const nowMs = (headerInstant(headers, 'Date') ?? Date.now() * 1000) / 1000
  return {
    remaining: wholeNumber(headers.get('X-RateLimit-Remaining')),
    resetMs: reset === null ? null : Math.max(0, reset * 1000 - (reset < earliestReset ? 0 : nowMs)),
  }
}
