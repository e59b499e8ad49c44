import { SourceProtocolError } from '../../domain/errors.ts'
import { createBoundedCache } from '../../transform/bounded-cache.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import { pathOf, refusals, type VoipbinApi } from './api.ts'
import { idOf } from './fields.ts'

/** Recordings of one call lie close together. */
const calls = 1000

const closed =
  'VoIPBIN does not let this key read calls, so numbers and directions stay as they are; give the key that right, or set calls: false'

/** Null when it is not there, undefined when this key may not see it. Throws SourceProtocolError for another one. */
export const resourceOf = async (
  api: VoipbinApi,
  collection: string,
  id: string,
  notice: string,
  context: ReadContext,
): Promise<JsonObject | null | undefined> => {
  const path = pathOf(collection, id)
  const answer = path === null ? null : await api.one(path, [], refusals, context)
  if (answer === null || answer.status === 404 || answer.status === 400) return null
  if (answer.status === 403) {
    api.noticeOnce(notice, context)
    return undefined
  }
  const what = `connection ${api.connectionId}: ${collection} ${id}`
  if (!isJsonObject(answer.body)) throw new SourceProtocolError(`${what}: the answer is no resource`)
  const found = idOf(answer.body, []) ?? null
  if (found !== id) throw new SourceProtocolError(`${what}: the answer is of ${found ?? 'a resource without id'}`)
  return answer.body
}

/**
 * Calls by id, each asked for once while the source is open. One that VoIPBIN fails to answer is not there for its other
 * recordings: each of them failing in turn would pass for an outage, and keep their window from ever being read.
 */
export const compileCallOf = (
  api: VoipbinApi,
): ((id: string, context: ReadContext) => Promise<JsonObject | null | undefined>) => {
  const known = createBoundedCache<Promise<JsonObject | null | undefined> | null>(calls)
  return (id, context) => {
    const before = known.get(id) ?? null
    if (before !== null) return before
    const call = resourceOf(api, 'calls', id, closed, context)
    const forOthers = call.catch(() => null)
    known.set(id, forOthers)
    // What was stopped was not failed by VoIPBIN.
    void forOthers.then(() => context.signal.aborted && known.set(id, null))
    return call
  }
}
