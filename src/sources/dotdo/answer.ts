import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { JsonAnswer } from '../http/http-client.ts'

const memberOf = (value: unknown, name: string): unknown =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

export interface ListAnswer {
  readonly items: readonly unknown[]
  readonly nextToken: string | null
  readonly answer: JsonAnswer
}

/** `{data: [...], nextPageToken}`, the token in `meta` just as well. Throws SourceProtocolError when it is no list. */
export const readList = (answer: JsonAnswer, what: string): ListAnswer => {
  const { body } = answer
  const items = memberOf(body, 'data')
  if (!Array.isArray(items))
    throw new SourceProtocolError(`${what}: the answer has no list in data; the shape of this API is assumed, see docs`)
  const meta = memberOf(body, 'meta')
  return {
    items,
    nextToken: textOrNull(memberOf(body, 'nextPageToken')) ?? textOrNull(memberOf(meta, 'nextPageToken')),
    answer,
  }
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
