import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { objectsOf } from '../../transform/member.ts'
import type { RateLimit } from '../http/http-client.ts'

/** A member of a body that may be anything. */
export const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** Null for a blank, and for what is no text. */
export const textAt = (value: unknown, name: string): string | null => {
  const text = memberOf(value, name)
  return typeof text === 'string' && text.trim() !== '' ? text : null
}

export const wholeNumber = (value: unknown, name: string): number | null => {
  const number = memberOf(value, name)
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}

/** What is listed under a name, if anything is. */
export const listAt = (value: unknown, name: string): readonly JsonObject[] => objectsOf(memberOf(value, name))

/**
 * What a listing shows under a name, as it stands; past the last page the key is absent. Throws SourceProtocolError for an answer
 * that is no such listing: it must not pass for an empty one.
 */
export const listedIn = (body: unknown, name: string, what: string): readonly unknown[] => {
  const list = memberOf(body, name) ?? []
  if (isJsonObject(body) && Array.isArray(list)) return list
  throw new SourceProtocolError(`${what}: the answer of Genesys Cloud is no list of ${name}`)
}

/** The code of an error body: `missing.permissions`; null where there is none, as in the answer of a proxy. */
export const codeOf = (body: unknown): string | null => textAt(body, 'code')

/** What a refusal says, with the id by which the vendor's support finds it. */
export const explainError = (body: unknown): string | null => {
  const words = [codeOf(body), textAt(body, 'message')].filter((part) => part !== null).join(', ')
  if (words === '') return null
  const contextId = textAt(body, 'contextId')
  return contextId === null ? words.slice(0, 200) : `${words.slice(0, 140)} (contextId ${contextId.slice(0, 36)})`
}

/** Logins answer as OAuth does. */
export const explainLogin = (body: unknown): string | null => {
  const parts = [textAt(body, 'error'), textAt(body, 'description') ?? textAt(body, 'error_description')]
  const words = parts.filter((part) => part !== null).join(', ')
  return words === '' ? explainError(body) : words.slice(0, 200)
}

const secondsIn = (headers: Headers, name: string): number | null => {
  const value = Number(headers.get(name) ?? Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : null
}

/** The allowed number differs from token to token: it is read, never assumed. */
export const rateLimitOf = (headers: Headers): RateLimit => {
  const allowed = secondsIn(headers, 'inin-ratelimit-allowed')
  const count = secondsIn(headers, 'inin-ratelimit-count')
  const reset = secondsIn(headers, 'inin-ratelimit-reset')
  return {
    remaining: allowed === null || count === null ? null : Math.max(0, allowed - count),
    resetMs: reset === null ? null : reset * 1000,
  }
}
