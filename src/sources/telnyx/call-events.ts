import type { EpochMicros } from '../../domain/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { unlessClosed } from '../endpoint-closed.ts'
import type { Query } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { pageAt, type TelnyxApi } from './api.ts'
import { callFacts } from './call-facts.ts'
import { callLegId, callSessionId } from './fields.ts'
import { largestPage } from './listing.ts'

const closed =
  'Telnyx does not let this key list call events, so directions stay as they are; give the key that right, or set call_events: false'

/** Of the whole session, as the earliest leg says what the call was to its customer; without a session, of the leg. */
const wanted = (recording: JsonObject): { readonly filter: Query[number]; readonly idOf: typeof callLegId } | null => {
  const session = callSessionId(recording, [])
  if (typeof session === 'string') return { filter: ['filter[application_session_id]', session], idOf: callSessionId }
  const leg = callLegId(recording, [])
  return typeof leg === 'string' ? { filter: ['filter[leg_id]', leg], idOf: callLegId } : null
}

/** Telnyx ignores filters that it does not know, and then answers events of other calls: they are left out. */
const callEventsOf = async (
  api: TelnyxApi,
  recording: JsonObject,
  context: ReadContext,
): Promise<readonly JsonObject[] | undefined> => {
  const asked = wanted(recording)
  if (asked === null) return []
  const { filter, idOf } = asked
  const query: Query = [filter, ['filter[name]', 'call.initiated'], ...pageAt(1, largestPage)]
  const what = `connection ${api.connectionId}: call events`
  return unlessClosed(api, closed, context, async () => {
    const { items } = await api.list({ what, path: '/call_events', query, mayBeClosed: true }, context)
    return items
      .filter((item) => isJsonObject(item))
      .map(callFacts)
      .filter((facts) => facts !== null)
      .filter((facts) => idOf(facts, []) === filter[1])
  })
}

/** A key that is refused them is refused them for every recording, and may be given the right meanwhile. */
const refusedFor = 3_600_000_000

/** The call events of one account. */
export interface CallEvents {
  /** False for an hour after they were not open to this key. */
  mayBeAsked(): boolean
  /**
   * What `call.initiated` events say of the recorded call; none when there is nothing to ask by, undefined when they are not
   * open to this key.
   */
  of(recording: JsonObject, context: ReadContext): Promise<readonly JsonObject[] | undefined>
}

export const callEventsAt = (api: TelnyxApi): CallEvents => {
  let refusedUntil: EpochMicros = 0
  return {
    mayBeAsked: () => Date.now() * 1000 >= refusedUntil,
    of: async (recording, context) => {
      const events = await callEventsOf(api, recording, context)
      if (events === undefined) refusedUntil = Date.now() * 1000 + refusedFor
      return events
    },
  }
}
