import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'
import type { JsonAnswer, RateLimit } from '../http/http-client.ts'

/** One answer of a list endpoint. Its `meta` comes in two dialects, or not at all: what it does not say is null. */
export interface ListAnswer {
  readonly items: readonly unknown[]
  readonly number: number | null
  readonly lastNumber: number | null
  readonly total: number | null
  readonly nextToken: string | null
  /** It speaks of page tokens: without one it is the last page. */
  readonly hasTokens: boolean
  readonly answer: JsonAnswer
}

const wholeNumber = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}

const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** Only the token is taken of an address: where the next page is asked for is never the answer's to say. */
const tokenInAddress = (address: string, baseUrl: URL, what: string): string | null => {
  const next = URL.canParse(address, baseUrl.href) ? new URL(address, baseUrl) : null
  if (next?.origin === baseUrl.origin) return textOrNull(next.searchParams.get('page[after]'))
  throw new SourceProtocolError(`${what}: the answer names a next page at another host, which is never asked`)
}

const tokenMembers = ['cursors', 'next', 'previous'] as const

const nextTokenOf = (meta: unknown, baseUrl: URL, what: string): string | null => {
  const after = textOrNull(memberOf(memberOf(meta, 'cursors'), 'after'))
  if (after !== null) return after
  const next = textOrNull(memberOf(meta, 'next'))
  return next === null ? null : tokenInAddress(next, baseUrl, what)
}

/** Throws SourceProtocolError when the answer is no list. */
export const readList = (answer: JsonAnswer, baseUrl: URL, what: string): ListAnswer => {
  const data = memberOf(answer.body, 'data')
  if (!Array.isArray(data)) throw new SourceProtocolError(`${what}: the answer has no list in data`)
  const meta = memberOf(answer.body, 'meta')
  return {
    items: data,
    number: wholeNumber(memberOf(meta, 'page_number')),
    lastNumber: wholeNumber(memberOf(meta, 'total_pages')),
    total: wholeNumber(memberOf(meta, 'total_results')),
    nextToken: nextTokenOf(meta, baseUrl, what),
    hasTokens: tokenMembers.some((name) => memberOf(meta, name) !== undefined),
    answer,
  }
}

/** The resource of an answer to a read by id. Throws SourceProtocolError when there is none. */
export const readOne = (answer: JsonAnswer, what: string): JsonObject => {
  const data = memberOf(answer.body, 'data')
  if (isJsonObject(data)) return data
  throw new SourceProtocolError(`${what}: the answer has no resource in data`)
}

/** Telnyx's own refusal: any other 404 is a proxy's, and proves nothing. */
export const hasErrors = (body: unknown): boolean => objectsOf(memberOf(body, 'errors')).length > 0

const wordsOf = (error: JsonObject): string =>
  [error.code, error.title, error.detail]
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .map((part) => String(part).trim())
    .filter((part) => part !== '')
    .join(', ')

/** What a refusal says: the codes are inconsistent, and decide nothing. */
export const explainErrors = (body: unknown): string | null => {
  const words = objectsOf(memberOf(body, 'errors')).slice(0, 2).map(wordsOf).join('; ')
  return words === '' ? null : words.slice(0, 200)
}

/** `x-ratelimit-reset` is seconds until the reset, no point in time. */
export const rateLimitOf = (headers: Headers): RateLimit => {
  const seconds = Number(headers.get('X-RateLimit-Reset') ?? Number.NaN)
  return {
    remaining: wholeNumber(headers.get('X-RateLimit-Remaining') ?? undefined),
    resetMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
  }
}
