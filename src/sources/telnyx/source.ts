import { SourceProtocolError } from '../../domain/errors.ts'
import type { Window } from '../../domain/window.ts'
import type { SourcePlace } from '../configured-source.ts'
import type { ApiSource, Estimate, Fetched, ReadContext, RecordRef, WindowStream } from '../source.ts'
import { openApi, pageAt, type TelnyxApi } from './api.ts'
import { type Fetching, fetchRecording } from './fetch-recording.ts'
import { compileTelnyxFlatten } from './flatten.ts'
import { type Listings, listWindow, recordingsIn } from './list-window.ts'
import { createdIn, describeListing, largestPage } from './listing.ts'
import { compileOwnAmong, joinOwnNumbers } from './own-numbers.ts'
import { compileParties } from './parties.ts'
import { resolveRecording } from './resolve.ts'
import type { TelnyxSettings } from './settings.ts'

const microsPerMilli = 1000

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

async function* fetchAll(
  fetching: Fetching,
  refs: readonly RecordRef[],
  context: ReadContext,
): AsyncGenerator<Fetched, void, undefined> {
  for (const { recordId } of refs) yield await fetchRecording(fetching, recordId, context)
}

const recordingsStream = (settings: TelnyxSettings, api: TelnyxApi): WindowStream => {
  const ownAmong = compileOwnAmong(api, settings)
  const listings: Listings = { api, readsTranscripts: settings.transcripts }
  const fetching: Fetching = {
    ...listings,
    ownAmong,
    partiesOf: compileParties(settings),
    asksCallEvents: settings.call_events,
  }
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'created_at',
    start: settings.start,
    settlingDelay: settings.settling_delay * microsPerMilli,
    maxWindow: settings.max_window * microsPerMilli,
    rereads: settings.rereads,
    proof: 'total',
    list: (window, context) => listWindow(listings, window, context),
    fetch: (refs, context) => fetchAll(fetching, refs, context),
    join: (record, context) => joinOwnNumbers(ownAmong, record, context),
    count: (window, context) => countIn(api, window, context),
    estimate: (windows, context) => estimateOf(api, settings, windows, context),
    flatten: compileTelnyxFlatten(settings),
  }
}

/** The recordings of one Telnyx account. Throws ConfigError. */
export const openTelnyx = (settings: TelnyxSettings, { connectionId }: SourcePlace): ApiSource => {
  const api = openApi(settings, connectionId)
  return {
    kind: 'api',
    streams: [recordingsStream(settings, api)],
    requests: () => api.client.requests(),
    check: (context) => checkKey(api, context),
    resolve: ({ recordId }, context) => resolveRecording(api, recordId, context),
  }
}
