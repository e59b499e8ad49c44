import { sha256Hex } from '../../transform/canonical-json.ts'
import type { SourcePlace } from '../configured-source.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import { handingOut } from '../http/safe-link.ts'
import type { ApiSource, ReadContext, WindowStream } from '../source.ts'
import { readCalls } from './answer.ts'
import { openApi, type VapiApi } from './api.ts'
import { fetchCall } from './fetch-call.ts'
import { compileVapiFlatten } from './flatten.ts'
import { listCalls } from './listing.ts'
import { compileNumberOf, joinOwnNumber } from './own-numbers.ts'
import { resolveCall } from './resolve.ts'
import type { VapiSettings } from './settings.ts'

const checkKey = async (api: VapiApi, context: ReadContext): Promise<string> => {
  const answer = await api.client.json({ path: '/call', query: [['limit', '1']] }, context)
  const calls = readCalls(answer, `connection ${api.connectionId}: calls`)
  return calls.length === 0 ? 'reached, no calls' : 'reached'
}

/** A call is a recording: it has one at the most. */
const recordingsStream = (settings: VapiSettings, api: VapiApi): WindowStream => {
  const numberOf = compileNumberOf(api)
  const most = settings.calls_per_request
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'createdAt',
    start: settings.start,
    settlingDelay: settings.settling_delay,
    maxWindow: settings.max_window,
    retention: settings.retention,
    rereads: settings.creation_rereads,
    proof: 'walk',
    changes: {
      axis: 'updatedAt',
      rereads: settings.rereads,
      proof: 'best-effort',
      list: (window, context) => listCalls(api, 'updatedAt', window, most, context),
    },
    list: (window, context) => listCalls(api, 'createdAt', window, most, context),
    fetch: (refs, context) =>
      fetchByIds(refs, ({ recordId }, each) => fetchCall(api, numberOf, recordId, each), context),
    join: (record, context) => joinOwnNumber(numberOf, record, context),
    flatten: compileVapiFlatten(settings),
  }
}

/** The calls of one Vapi organisation. Throws ConfigError. */
export const openVapi = (settings: VapiSettings, place: SourcePlace): ApiSource => {
  const api = openApi(settings, place)
  const links = { baseUrl: settings.base_url, internal: settings.internal_links }
  return {
    kind: 'api',
    streams: [recordingsStream(settings, api)],
    accountFingerprint: sha256Hex(`vapi ${settings.base_url.href} ${settings.api_key.reveal()}`),
    requests: () => api.client.requests(),
    check: (context) => checkKey(api, context),
    resolve: handingOut(links, place, ({ recordId }, context) => resolveCall(api, recordId, context)),
  }
}
