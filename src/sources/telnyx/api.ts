import type { SourcePlace } from '../configured-source.ts'
import { EndpointClosed } from '../endpoint-closed.ts'
import { bearer, connectionHttp } from '../http/connection-http.ts'
import { createHttpClient, type HttpClient, type JsonAnswer, type Query } from '../http/http-client.ts'
import { createNoticeOnce, type NoticeOnce } from '../notice-once.ts'
import type { ReadContext } from '../source.ts'
import { explainErrors, type ListAnswer, rateLimitOf, readList } from './answer.ts'
import type { TelnyxSettings } from './settings.ts'

/** One account's way to Telnyx. */
export interface TelnyxApi {
  readonly connectionId: string
  readonly client: HttpClient
  /** Of a list, by its path: how large the next pages are to be, as answers were too large, or are no more. */
  readonly pageSizes: Map<string, number>
  /** One page. `what`: for messages. Throws EndpointClosed where `mayBeClosed`. */
  list(request: ListRequest, context: ReadContext): Promise<ListAnswer>
  /** An answer to a read by id; `accept`: statuses that are one, too. */
  one(path: string, accept: readonly number[], context: ReadContext): Promise<JsonAnswer>
  readonly noticeOnce: NoticeOnce
}

export interface ListRequest {
  readonly what: string
  readonly path: string
  readonly query: Query
  /** Not every account has it: refusing it (403, 404) costs what it would have added, not the connection. */
  readonly mayBeClosed: boolean
  /** In smaller pages. */
  readonly isDivisible?: boolean
}

export const pageAt = (number: number, size: number): Query => [
  ['page[number]', String(number)],
  ['page[size]', String(size)],
]

export const openApi = (settings: TelnyxSettings, place: SourcePlace): TelnyxApi => {
  const { connectionId } = place
  const { api_key, base_url } = settings
  const client = createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Telnyx',
    baseUrl: base_url,
    authorize: bearer(api_key),
    credential: 'api_key',
    requestsPerSecond: settings.requests_per_second,
    rateLimit: rateLimitOf,
    explain: explainErrors,
  })
  return {
    connectionId,
    client,
    pageSizes: new Map(),
    list: async ({ what, path, query, mayBeClosed, isDivisible = false }, context) => {
      const answer = await client.json({ path, query, accept: mayBeClosed ? [403, 404] : [], isDivisible }, context)
      if (answer.status >= 400) throw new EndpointClosed(what, answer.status)
      return readList(answer, base_url, what)
    },
    one: (path, accept, context) => client.json({ path, accept }, context),
    noticeOnce: createNoticeOnce(),
  }
}
