import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { JsonAnswer } from '../http/http-client.ts'

const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

export interface ListAnswer {
  readonly items: readonly unknown[]
  /** Null: there is no next page; undefined: it does not say. */
  readonly nextToken: string | null | undefined
  readonly answer: JsonAnswer
}

/** Throws SourceProtocolError for what is no token: taken for the end, it would lose all that is behind it. */
const tokenIn = (holder: unknown, what: string): string | null | undefined => {
  const token = memberOf(holder, 'nextPageToken')
  if (token === undefined || token === null) return token
  if (typeof token === 'string') return token === '' ? null : token
  if (typeof token === 'number') return String(token)
  throw new SourceProtocolError(`${what}: nextPageToken is no text; the shape of this API is assumed, see docs`)
}

/** `{data: [...], nextPageToken}`, the token in `meta` just as well. Throws SourceProtocolError when it is no list. */
export const readList = (answer: JsonAnswer, what: string): ListAnswer => {
  const { body } = answer
  const items = memberOf(body, 'data')
  if (!Array.isArray(items))
    throw new SourceProtocolError(`${what}: the answer has no list in data; the shape of this API is assumed, see docs`)
  const [own, inMeta] = [tokenIn(body, what), tokenIn(memberOf(body, 'meta'), what)]
  return { items, nextToken: own ?? inMeta ?? (own === null || inMeta === null ? null : undefined), answer }
}

/** The record itself, or in `data`. Throws SourceProtocolError when there is none. */
export const readOne = ({ body }: JsonAnswer, what: string): JsonObject => {
  const data = memberOf(body, 'data') ?? body
  if (isJsonObject(data)) return data
  throw new SourceProtocolError(`${what}: the answer has no record`)
}

/** `{success: false, error: {code, message}}`: any other 404 is a proxy's, and proves nothing. */
export const isRefusal = (body: unknown): boolean =>
  memberOf(body, 'success') === false && isJsonObject(memberOf(body, 'error'))

export const explainRefusal = (body: unknown): string | null => {
  const error = memberOf(body, 'error')
  const words = [memberOf(error, 'code'), memberOf(error, 'message')].filter((word) => typeof word === 'string')
  return words.length === 0 ? null : words.join(', ').slice(0, 200)
}
