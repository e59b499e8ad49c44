import { ConfigError } from '../../domain/errors.ts'
import type { SourcePlace } from '../configured-source.ts'
import { connectionHttp } from '../http/connection-http.ts'
import { createHttpClient, type HttpClient, type JsonAnswer, type JsonRequest } from '../http/http-client.ts'
import { askWithToken, type Tokens } from '../http/tokens.ts'
import { createNoticeOnce, type NoticeOnce } from '../notice-once.ts'
import type { ReadContext } from '../source.ts'
import { codeOf, explainError, rateLimitOf } from './answer.ts'
import { createGenesysTokens } from './credentials.ts'
import type { GenesysSettings } from './settings.ts'

/** One organization's way to Genesys Cloud. */
export interface GenesysApi {
  readonly connectionId: string
  readonly place: SourcePlace
  /** Listings, conversations, contacts. */
  ask(request: JsonRequest, context: ReadContext): Promise<JsonAnswer>
  /** Recordings have a budget of their own. */
  askRecordings(request: JsonRequest, context: ReadContext): Promise<JsonAnswer>
  readonly noticeOnce: NoticeOnce
  requests(): number
}

/** The client has no such right at all, for any conversation. */
export const lacksPermission = ({ status, body }: JsonAnswer): boolean =>
  status === 403 && ['missing.permissions', 'missing.any.permissions'].includes(codeOf(body) ?? '')

export const baseUrlOf = ({ base_url, region }: GenesysSettings): URL => base_url ?? new URL(`https://api.${region}`)

const createClient = (settings: GenesysSettings, place: SourcePlace, tokens: Tokens, perMinute: number): HttpClient =>
  createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Genesys Cloud',
    baseUrl: baseUrlOf(settings),
    authorize: async () => tokens.header(),
    credential: 'client_secret',
    requestsPerSecond: perMinute / 60,
    rateLimit: rateLimitOf,
    explain: explainError,
  })

const refusedToken = (connectionId: string): ConfigError =>
  new ConfigError([
    `connection ${connectionId}: Genesys Cloud refuses the token that it just gave for client_secret (401); check ` +
      'that region, base_url and login_url are those of one organization',
  ])

export const openApi = (settings: GenesysSettings, place: SourcePlace): GenesysApi => {
  const { connectionId } = place
  const tokens = createGenesysTokens(settings, place)
  const { requests_per_minute: all, recordings_per_minute: recordings } = settings
  const rules = { mayRenew: () => true, refused: () => refusedToken(connectionId) }
  const forRecordings = Math.min(recordings, all / 2)
  const clients = {
    other: createClient(settings, place, tokens, all - forRecordings),
    recordings: createClient(settings, place, tokens, forRecordings),
  }
  return {
    connectionId,
    place,
    ask: askWithToken(clients.other, tokens, rules),
    askRecordings: askWithToken(clients.recordings, tokens, rules),
    noticeOnce: createNoticeOnce(),
    requests: () => tokens.requests() + clients.other.requests() + clients.recordings.requests(),
  }
}
