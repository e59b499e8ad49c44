import type { Window } from '../../domain/window.ts'
import { sha256Hex } from '../../transform/canonical-json.ts'
import type { SourcePlace } from '../configured-source.ts'
import { handingOut } from '../http/safe-link.ts'
import type { ApiSource, ReadContext, StubPage, WindowStream } from '../source.ts'
import { memberOf, textAt } from './answer.ts'
import { baseUrlOf, type GenesysApi, openApi } from './api.ts'
import { type Fetching, fetchConversations } from './fetch.ts'
import { compileGenesysFlatten } from './flatten.ts'
import { listDays } from './list-day.ts'
import { listByJob } from './list-job.ts'
import type { ConversationPage } from './list-part.ts'
import { ListedConversations } from './listed-conversations.ts'
import { conversationsIn } from './query.ts'
import { resolveRecording } from './resolve.ts'
import type { GenesysSettings } from './settings.ts'
import { stubOf } from './stub.ts'

const microsPerMilli = 1000
const minute = 60_000_000

async function* listWindow(
  fetching: Fetching,
  window: Window,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const { settings, listed } = fetching
  const isOld = window.to <= Date.now() * microsPerMilli - settings.jobs_after
  const pages: AsyncIterable<ConversationPage> = isOld
    ? listByJob(fetching, window, context)
    : listDays(fetching, window, context)
  for await (const { conversations, answer } of pages) {
    listed.add(conversations)
    const stubs = conversations.map((each) => stubOf(each, answer.askedAt, settings.second_look))
    yield { stubs, readAt: answer.askedAt, servedAt: answer.servedAt, total: null }
  }
}

/** The token, and the right to list; that to recordings shows only at a recording. */
const checkClient = async (api: GenesysApi, settings: GenesysSettings, context: ReadContext): Promise<string> => {
  const { body } = await api.ask({ path: '/api/v2/tokens/me', accept: [403, 404] }, context)
  const to = Date.now() * microsPerMilli
  const query = {
    ...conversationsIn({ from: to - minute, to }, settings.media),
    paging: { pageSize: 1, pageNumber: 1 },
  }
  await api.ask({ method: 'POST', path: '/api/v2/analytics/conversations/details/query', body: query }, context)
  const name = textAt(memberOf(body, 'organization'), 'name')
  return name === null ? 'reached' : `reached, organization ${name}`
}

const recordingsStream = (settings: GenesysSettings, api: GenesysApi): WindowStream => {
  const fetching: Fetching = { api, settings, listed: new ListedConversations() }
  return {
    kind: 'window',
    name: 'recordings',
    axis: 'conversationStart',
    start: settings.start,
    settlingDelay: settings.settling_delay,
    maxWindow: settings.max_window,
    rereads: settings.rereads,
    proof: 'best-effort',
    list: (window, context) => listWindow(fetching, window, context),
    fetch: (refs, context) => fetchConversations(fetching, refs, context),
    flatten: compileGenesysFlatten(settings),
  }
}

/** A new secret of the same client is of the same organization. */
const fingerprintOf = ({ base_url, region, client_id }: GenesysSettings): string =>
  sha256Hex(`genesys ${base_url?.href ?? region} ${client_id}`)

/** Conversations of one Genesys Cloud organization that were recorded. Throws ConfigError. */
export const openGenesys = (settings: GenesysSettings, place: SourcePlace): ApiSource => {
  const api = openApi(settings, place)
  const links = { baseUrl: baseUrlOf(settings), internal: settings.internal_links }
  return {
    kind: 'api',
    streams: [recordingsStream(settings, api)],
    accountFingerprint: fingerprintOf(settings),
    requests: () => api.requests(),
    check: (context) => checkClient(api, settings, context),
    resolve: handingOut(links, place, (ref, context) => resolveRecording(api, settings.recording_format, ref, context)),
  }
}
