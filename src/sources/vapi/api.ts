import { pathSegment } from '../../transform/path-segment.ts'
import type { SourcePlace } from '../configured-source.ts'
import { bearer, connectionHttp } from '../http/connection-http.ts'
import { createHttpClient, type HttpClient, type JsonAnswer } from '../http/http-client.ts'
import { createNoticeOnce, type NoticeOnce } from '../notice-once.ts'
import type { ReadContext } from '../source.ts'
import { explainRefusal, rateLimitOf } from './answer.ts'
import type { VapiSettings } from './settings.ts'

/** One organisation's way to Vapi. */
export interface VapiApi {
  readonly connectionId: string
  readonly client: HttpClient
  /** An answer to a read by id; 403 and 404 are answers. */
  one(path: string, context: ReadContext): Promise<JsonAnswer>
  readonly noticeOnce: NoticeOnce
}

export const openApi = (settings: VapiSettings, place: SourcePlace): VapiApi => {
  const { connectionId } = place
  const { api_key, base_url } = settings
  const client = createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Vapi',
    baseUrl: base_url,
    authorize: bearer(api_key),
    credential: 'api_key',
    requestsPerSecond: settings.requests_per_second,
    rateLimit: rateLimitOf,
    explain: explainRefusal,
  })
  return {
    connectionId,
    client,
    one: (path, context) => client.json({ path, accept: [403, 404] }, context),
    noticeOnce: createNoticeOnce(),
  }
}

/** `/call/<id>`; null for an id that no path can hold. */
export const pathOf = (resource: 'call' | 'phone-number', id: string): string | null => {
  const segment = pathSegment(id)
  return segment === null ? null : `/${resource}/${segment}`
}
