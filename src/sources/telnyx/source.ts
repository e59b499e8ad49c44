import { SourceProtocolError } from '../../domain/errors.ts'
import type { Window } from '../../domain/window.ts'
import { sha256Hex } from '../../transform/canonical-json.ts'
import type { SourcePlace } from '../configured-source.ts'
import { fetchByIds } from '../fetch-by-id.ts'
import { handingOut } from '../http/safe-link.ts'
import { listedNumbers } from '../number-problems.ts'
import type { ApiSource, Estimate, ReadContext, WindowStream } from '../source.ts'
import { openApi, pageAt, type TelnyxApi } from './api.ts'
import { callEventsAt } from './call-events.ts'
import { type Fetching, fetchRecording } from './fetch-recording.ts'
import { compileTelnyxFlatten } from './flatten.ts'
import { joinListed } from './joins.ts'
import { type Listings, listWindow, recordingsIn } from './list-window.ts'
import { createdIn, describeListing, largestPage } from './listing.ts'
import { compileOwnAmong } from './own-numbers.ts'
import { compileParties } from './parties.ts'
import { resolveRecording } from './resolve.ts'
import type { TelnyxSettings } from './settings.ts'

/** Telnyx counts a listing exactly, whatever the size of its pages. */
const countIn = async (api: TelnyxApi, window: Window, context: ReadContext): Promise<number> => {
  const listing = recordingsIn(window)
  const what = describeListing(api, listing)
  const query = [...createdIn(window), ...pageAt(1, 1)]
  const { total } = await api.list({ what, path: listing.path, query, mayBeClosed: false }, context)
  if (total !== null) return total
  throw new SourceProtocolError(`${what}: the answer does not count them; compare ids instead`)
}

/** One count over the whole range; a listing of each window, and of its transcriptions, is a page at least. */
const estimateOf = async (
  api: TelnyxApi,
  settings: TelnyxSettings,
  windows: readonly Window[],
  context: ReadContext,
): Promise<Estimate> => {
  const [first, last] = [windows[0], windows.at(-1)]
  const records =
    first === undefined || last === undefined ? 0 : await countIn(api, { from: first.from, to: last.to }, context)
  const listings = settings.transcripts ? 2 : 1
  const requests = listings * (Math.ceil(records / largestPage) + windows.length)
  return { records, requests, requestsPerSecond: settings.requests_per_second }
}

const checkKey = async (api: TelnyxApi, context: ReadContext): Promise<string> => {
  const what = `connection ${api.connectionId}: recordings`
  const request = { what, path: '/recordings', query: [['page[size]', '1']] as const, mayBeClosed: false }
  const { total } = await api.list(request, context)
  return total === null ? 'reached' : `reached, ${total.toLocaleString('en-US')} recording${total === 1 ? '' : 's'}`
}

const recordingsStream = (settings: TelnyxSettings, api: TelnyxApi): WindowStream => {
  const listings: Listings = { api, readsTranscripts: settings.transcripts }
  const fetching: Fetching = {
    ...listings,
    ownAmong: compileOwnAmong(api, settings),
    partiesOf: compileParties(settings),
    callEvents: settings.call_events ? callEventsAt(api) : null,
  }
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'created_at',
    start: settings.start,
    settlingDelay: settings.settling_delay,
    maxWindow: settings.max_window,
    rereads: settings.rereads,
    proof: 'total',
    list: (window, context) => listWindow(listings, window, context),
    fetch: (refs, context) =>
      fetchByIds(refs, ({ recordId }, each) => fetchRecording(fetching, recordId, each), context),
    join: (record, context) => joinListed(fetching, record, context),
    count: (window, context) => countIn(api, window, context),
    estimate: (windows, context) => estimateOf(api, settings, windows, context),
    flatten: compileTelnyxFlatten(settings),
  }
}

/** The recordings of one Telnyx account. Throws ConfigError. */
export const openTelnyx = (settings: TelnyxSettings, place: SourcePlace): ApiSource => {
  const api = openApi(settings, place)
  const links = { baseUrl: settings.base_url, internal: settings.internal_links }
  return {
    kind: 'api',
    streams: [recordingsStream(settings, api)],
    accountFingerprint: sha256Hex(`telnyx ${settings.base_url.href} ${settings.api_key.reveal()}`),
    ownNumbers: listedNumbers(settings),
    requests: () => api.client.requests(),
    check: (context) => checkKey(api, context),
    resolve: handingOut(links, place, ({ recordId }, context) => resolveRecording(api, recordId, context)),
  }
}
