import { sha256Hex } from '../../transform/canonical-json.ts'
import type { SourcePlace } from '../configured-source.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import { bearer, connectionHttp } from '../http/connection-http.ts'
import { createHttpClient, type Query } from '../http/http-client.ts'
import { handingOut } from '../http/safe-link.ts'
import type { ApiSource, ReadContext, WindowStream } from '../source.ts'
import { explainRefusal, readList } from './answer.ts'
import type { DotdoApi } from './api.ts'
import { retrieve, secureUrl } from './by-id.ts'
import { compileDotdoFlatten } from './flatten.ts'
import { listWindow } from './listing.ts'
import type { DotdoSettings } from './settings.ts'

const checkKey = async ({ client, settings, connectionId }: DotdoApi, context: ReadContext): Promise<string> => {
  const query: Query = [[settings.parameters.limit, '1']]
  readList(await client.json({ path: settings.path, query }, context), `connection ${connectionId}: recordings`)
  return 'reached, by the shape that is assumed of it'
}

const recordingsStream = (api: DotdoApi): WindowStream => {
  const { settings } = api
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'created',
    start: settings.start,
    settlingDelay: settings.settling_delay,
    maxWindow: settings.max_window,
    rereads: settings.rereads,
    proof: 'walk',
    list: (window, context) => listWindow(api, window, context),
    fetch: (refs, context) => fetchByIds(refs, ({ recordId }, each) => retrieve(api, recordId, each), context),
    flatten: compileDotdoFlatten(settings),
  }
}

/** CallRecordings of a `.do` API, in the one shape that is assumed of it. Throws ConfigError. */
export const openDotdo = (settings: DotdoSettings, place: SourcePlace): ApiSource => {
  const { connectionId } = place
  const { api_key, base_url, path } = settings
  const client = createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'the .do API',
    baseUrl: base_url,
    authorize: bearer(api_key),
    credential: 'api_key',
    requestsPerSecond: settings.requests_per_second,
    explain: explainRefusal,
  })
  const api: DotdoApi = { connectionId, client, settings }
  const links = { baseUrl: base_url, internal: settings.internal_links }
  return {
    kind: 'api',
    streams: [recordingsStream(api)],
    accountFingerprint: sha256Hex(`dotdo ${base_url.href} ${path} ${api_key.reveal()}`),
    requests: () => client.requests(),
    check: (context) => checkKey(api, context),
    resolve: handingOut(links, place, ({ recordId }, context) => secureUrl(api, recordId, context)),
  }
}
