import { SourceProtocolError, TransientError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import type { ReadContext } from '../source.ts'
import { listAt } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { conversationId } from './conversation.ts'

const details = '/api/v2/analytics/conversations'

/** Ids in one address. */
const atOnce = 50

/** Ids are UUIDs; anything else is no part of an address. */
export const isAskable = (id: string): boolean => /^[\w-]{1,100}$/.test(id)

const askTogether = async (api: GenesysApi, ids: readonly string[], context: ReadContext) => {
  const query = ids.map((id) => ['id', id] as const)
  try {
    const { body } = await api.ask({ path: `${details}/details`, query, accept: [404] }, context)
    return listAt(body, 'conversations')
  } catch (error) {
    context.signal.throwIfAborted()
    // One of them may be the reason: each is asked for by itself.
    if (error instanceof SourceProtocolError || error instanceof TransientError) return []
    throw error
  }
}

/** Conversations by id, as far as they can be had together; the others must be asked for one by one. */
export const askDetails = async (
  api: GenesysApi,
  ids: readonly string[],
  context: ReadContext,
): Promise<ReadonlyMap<string, JsonObject>> => {
  const found = new Map<string, JsonObject>()
  for (let at = 0; at < ids.length; at += atOnce) {
    for (const conversation of await askTogether(api, ids.slice(at, at + atOnce), context)) {
      const id = conversationId(conversation, []) ?? null
      if (id !== null) found.set(id, conversation)
    }
  }
  return found
}

/** Undefined when Genesys Cloud does not show it. */
export const askDetail = async (api: GenesysApi, id: string, context: ReadContext): Promise<JsonObject | undefined> => {
  const { status, body } = await api.ask({ path: `${details}/${id}/details`, accept: [403, 404] }, context)
  return status < 400 && isJsonObject(body) && conversationId(body, []) === id ? body : undefined
}
