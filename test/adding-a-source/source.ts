import { SourceProtocolError } from '../../src/domain/errors.ts'
import type { Window } from '../../src/domain/window.ts'
import type { SourcePlace } from '../../src/sources/configured-source.ts'
import { fetchByIds } from '../../src/sources/fetch-by-id.ts'
import { bearer, connectionHttp } from '../../src/sources/http/connection-http.ts'
import { createHttpClient, type HttpClient, type JsonAnswer, type Query } from '../../src/sources/http/http-client.ts'
import { handingOut } from '../../src/sources/http/safe-link.ts'
import { type TokenPage, tokenPages } from '../../src/sources/http/token-pages.ts'
import type { ApiSource, Fetched, PlayableLink, ReadContext, Stub, StubPage } from '../../src/sources/source.ts'
import { sha256Hex } from '../../src/transform/canonical-json.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../src/transform/json-object.ts'
import { compileHearsayFlatten } from './flatten.ts'
import type { HearsaySettings } from './settings.ts'
import { readInstant, stubOf } from './stub.ts'

/** As large as Hearsay lets an answer be. */
const pageSize = 100

const bodyOf = ({ body }: JsonAnswer): JsonObject => (isJsonObject(body) ? body : {})

/** `{"error": {"code": "no_such_recording", "message": "..."}}` */
const codeOf = (body: unknown): string | null => {
  const error = isJsonObject(body) ? body.error : null
  return isJsonObject(error) && typeof error.code === 'string' ? error.code : null
}

/** What a request is about, for messages: every one of them names the connection. */
interface Asked {
  readonly client: HttpClient
  readonly what: string
}

const askPage = async (
  { client, what }: Asked,
  bounds: Query,
  token: string | null,
  context: ReadContext,
): Promise<TokenPage<Stub, JsonAnswer>> => {
  const query: Query = token === null ? bounds : [...bounds, ['after', token]]
  const answer = await client.json({ path: '/recordings', query }, context)
  const { recordings, after } = bodyOf(answer)
  if (!Array.isArray(recordings)) throw new SourceProtocolError(`${what}: the answer has no list of recordings`)
  return { items: recordings.map(stubOf), nextToken: typeof after === 'string' ? after : null, answer }
}

/** All pages of a window. A recording from elsewhere shows that the bounds were ignored: then nothing is proven. */
async function* listWindow(
  asked: Asked,
  { from, to }: Window,
  context: ReadContext,
): AsyncGenerator<StubPage, void, undefined> {
  const bounds: Query = [
    ['since', formatInstant(from)],
    ['until', formatInstant(to)],
    ['limit', String(pageSize)],
  ]
  const ask = (token: string | null) => askPage(asked, bounds, token, context)
  for await (const { items, answer } of tokenPages({ what: asked.what, idOf: (stub: Stub) => stub.recordId, ask })) {
    const stray = items.find(({ windowAt }) => windowAt !== null && (windowAt < from || windowAt > to))
    if (stray !== undefined)
      throw new SourceProtocolError(`${asked.what}: the answer holds ${stray.recordId}, which was not asked for`)
    yield { stubs: items, readAt: answer.askedAt, servedAt: answer.servedAt, total: null }
  }
}

/** Gone is what Hearsay itself says is gone; the 404 of a proxy, or a refusal, proves nothing. */
const fetchOne = async ({ client, what }: Asked, recordId: string, context: ReadContext): Promise<Fetched> => {
  const path = `/recordings/${encodeURIComponent(recordId)}`
  const answer = await client.json({ path, accept: [403, 404] }, context)
  const readAt = answer.askedAt
  if (answer.status === 404 && codeOf(answer.body) === 'no_such_recording') return { kind: 'gone', recordId, readAt }
  if (answer.status >= 400) return { kind: 'unavailable', recordId, detail: `it is answered with ${answer.status}` }
  const stub = stubOf(answer.body)
  if (stub.recordId !== recordId) throw new SourceProtocolError(`${what}: another recording than ${recordId} came`)
  return { kind: 'record', stub: { ...stub, recordId }, readAt }
}

const linkTo = async ({ client, what }: Asked, recordId: string, context: ReadContext): Promise<PlayableLink> => {
  const path = `/recordings/${encodeURIComponent(recordId)}/audio`
  const { url, expires } = bodyOf(await client.json({ path }, context))
  if (typeof url !== 'string') throw new SourceProtocolError(`${what}: there is no link to ${recordId}`)
  const expiry = readInstant(String(expires))
  return { url, expiresAt: expiry.kind === 'value' ? expiry.value : null, mediaType: 'audio/mpeg' }
}

/** The recordings of one Hearsay account. Throws ConfigError. */
export const openHearsay = (settings: HearsaySettings, place: SourcePlace): ApiSource => {
  const { api_key, base_url } = settings
  const client = createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Hearsay',
    baseUrl: base_url,
    authorize: bearer(api_key),
    credential: 'api_key',
    requestsPerSecond: settings.requests_per_second,
    explain: codeOf,
  })
  const asked: Asked = { client, what: `connection ${place.connectionId}: recordings` }
  const links = { baseUrl: base_url, internal: settings.internal_links }
  return {
    kind: 'api',
    accountFingerprint: sha256Hex(`hearsay ${base_url.href} ${api_key.reveal()}`),
    requests: () => client.requests(),
    check: async (context) => {
      await askPage(asked, [['limit', '1']], null, context)
      return 'reached'
    },
    resolve: handingOut(links, place, ({ recordId }, context) => linkTo(asked, recordId, context)),
    streams: [
      {
        kind: 'window',
        name: 'recordings',
        axis: 'began',
        start: settings.start,
        settlingDelay: settings.settling_delay,
        maxWindow: settings.max_window,
        rereads: settings.rereads,
        proof: 'walk',
        list: (window, context) => listWindow(asked, window, context),
        fetch: (refs, context) => fetchByIds(refs, ({ recordId }, each) => fetchOne(asked, recordId, each), context),
        flatten: compileHearsayFlatten(base_url),
      },
    ],
  }
}
