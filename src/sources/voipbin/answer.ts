import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember } from '../../transform/member.ts'
import type { JsonAnswer } from '../http/http-client.ts'

/** One page of a list. */
export interface ListAnswer {
  readonly items: readonly unknown[]
  /** Null for an empty one, too. */
  readonly nextToken: string | null
  readonly answer: JsonAnswer
}

const resultIn = compileMember('result')
const nextTokenIn = compileMember('next_page_token')

/**
 * A list without items may be written null. Throws SourceProtocolError when the answer is no list, or its token is no text:
 * taken for none it would end the list.
 */
export const readList = (answer: JsonAnswer, what: string): ListAnswer => {
  const body = isJsonObject(answer.body) ? answer.body : {}
  const result = resultIn(body)
  if (!Array.isArray(result) && result !== null)
    throw new SourceProtocolError(`${what}: the answer has no list in result`)
  const token = nextTokenIn(body) ?? ''
  if (typeof token !== 'string') throw new SourceProtocolError(`${what}: the answer gives a page token that is no text`)
  return { items: result ?? [], nextToken: token === '' ? null : token, answer }
}

const errorOf = (body: unknown): JsonObject | null => {
  if (!isJsonObject(body)) return null
  return isJsonObject(body.error) ? body.error : null
}

const wordsOf = (error: JsonObject): string =>
  [error.status, error.reason, error.message]
    .filter((part) => typeof part === 'string' && part !== '')
    .map(String)
    .join(', ')

/**
 * VoIPBIN's own word that there is no such resource. An older server answers a bare 400 to everything, and a proxy's 404 has
 * no envelope: neither proves anything.
 */
export const saysNotFound = ({ status, body }: JsonAnswer): boolean => {
  const error = errorOf(body)
  if (status !== 404 || error === null) return false
  return error.status === 'NOT_FOUND' || error.reason === 'RESOURCE_NOT_FOUND'
}

export const saysFrozen = ({ status, body }: JsonAnswer): boolean =>
  status === 403 && errorOf(body)?.reason === 'ACCOUNT_FROZEN'

const noReason = 'no reason given; older servers give none for a wrong key, a missing right or a fault of their own'

/** What a refusal says, in either dialect; some answers have a bare `message`. */
export const explainError = (body: unknown): string | null => {
  if (body === undefined) return noReason
  const words = wordsOf(errorOf(body) ?? (isJsonObject(body) ? body : {}))
  return words === '' ? null : words.slice(0, 200)
}
