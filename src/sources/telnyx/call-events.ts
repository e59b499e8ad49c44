import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import type { Query } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { pageAt, type TelnyxApi, unlessClosed } from './api.ts'
import { callFacts } from './call-facts.ts'
import { callLegId, callSessionId } from './fields.ts'
import { largestPage } from './listing.ts'

const closed =
  'Telnyx does not let this key list call events, so directions stay as they are; give the key that right, or set call_events: false'

const legOf = compileTextMember('call_leg_id')
const sessionOf = compileTextMember('call_session_id')

/** Of the whole session, as the earliest leg says what the call was to its customer; without a session, of the leg. */
const wanted = (recording: JsonObject): { readonly filter: Query[number]; readonly idOf: typeof legOf } | null => {
  const session = callSessionId(recording, [])
  if (typeof session === 'string') return { filter: ['filter[application_session_id]', session], idOf: sessionOf }
  const leg = callLegId(recording, [])
  return typeof leg === 'string' ? { filter: ['filter[leg_id]', leg], idOf: legOf } : null
}

/**
 * What `call.initiated` events say of the recorded call; none when there is nothing to ask by, undefined when they are not
 * open to this key. Telnyx ignores filters that it does not know, and then answers events of other calls: they are left out.
 */
export const callEventsOf = async (
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
