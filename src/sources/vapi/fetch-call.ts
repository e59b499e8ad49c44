import { SourceProtocolError } from '../../domain/errors.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { Fetched, ReadContext } from '../source.ts'
import { explainRefusal, isRefusal, readOne } from './answer.ts'
import { pathOf, type VapiApi } from './api.ts'
import { idOf } from './fields.ts'
import { keptCall } from './kept-call.ts'
import { type NumberOf, withOwnNumber } from './own-numbers.ts'
import { stubOf } from './stub.ts'

/** Vapi proves with a 404 of its own that there is no such call; that of a proxy proves nothing. */
const saysGone = ({ status, body }: JsonAnswer): boolean => status === 404 && isRefusal(body, 404)

export const isGone = async (api: VapiApi, id: string, context: ReadContext): Promise<boolean> => {
  const path = pathOf('call', id)
  return path !== null && saysGone(await api.one(path, context))
}

/** A 403 proves nothing. */
export const fetchCall = async (
  api: VapiApi,
  numberOf: NumberOf,
  recordId: string,
  context: ReadContext,
): Promise<Fetched> => {
  const path = pathOf('call', recordId)
  if (path === null) return { kind: 'unavailable', recordId, detail: 'no address can be made of its id' }
  const answer = await api.one(path, context)
  if (saysGone(answer)) return { kind: 'gone', recordId, readAt: answer.askedAt }
  if (answer.status >= 400) {
    const said = explainRefusal(answer.body) ?? 'without a word of its own'
    return { kind: 'unavailable', recordId, detail: `Vapi answers ${answer.status}: ${said}` }
  }
  const what = `connection ${api.connectionId}: call ${recordId}`
  const call = keptCall(readOne(answer, what))
  const id = idOf(call, []) ?? null
  if (id !== recordId) throw new SourceProtocolError(`${what}: the answer is of ${id ?? 'a call without id'}`)
  const envelope = await withOwnNumber(numberOf, call, context)
  return { kind: 'record', stub: { ...stubOf(envelope), recordId }, readAt: answer.askedAt }
}
