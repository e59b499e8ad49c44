import { ConfigError } from '../domain/errors.ts'
import type { Secret } from '../domain/secret.ts'
import { quoteVendor } from '../sources/http/credentials.ts'
import { createHttpClient, type HttpClient, type HttpSettings, type JsonAnswer } from '../sources/http/http-client.ts'
import { authoritiesOf } from '../sources/http/network-settings.ts'
import { askWithToken, createTokens, type Login } from '../sources/http/tokens.ts'
import type { ReadContext } from '../sources/source.ts'
import { errorTypeOf, explainError, loginIn } from './answer.ts'

export interface TravtusSettings {
  readonly clientId: string
  readonly clientSecret: Secret
  readonly baseUrl: URL
  readonly timeoutMs: number
  readonly caFile: string | undefined
  /** `caFile` is relative to it. */
  readonly folder: string
  /** For tests: shorter waits. */
  readonly retry?: HttpSettings['retry']
}

/** The API of Travtus, with a token that serves until it is over: a token for each request would be throttled. */
export interface TravtusApi {
  readonly ask: HttpClient['json']
}

/** For messages, where a phone platform names its connection. */
const connectionId = 'travtus'

/** Travtus allows thousands. */
const requestsPerSecond = 20

const clientOf = (settings: TravtusSettings, authorize: HttpSettings['authorize']): HttpClient =>
  createHttpClient({
    connectionId,
    vendor: 'Travtus',
    baseUrl: settings.baseUrl,
    authorize,
    credential: 'client_secret',
    requestsPerSecond,
    timeoutMs: settings.timeoutMs,
    maxResponseBytes: 16_000_000,
    explain: explainError,
    authorities: authoritiesOf(
      { ca_file: settings.caFile, internal_links: false },
      { connectionId, folder: settings.folder },
    ),
    retry: settings.retry,
  })

const refused = ({ clientSecret }: TravtusSettings, what: string, { status, body }: JsonAnswer): ConfigError => {
  const said = explainError(body)
  const quoted = said === null ? '' : `: ${quoteVendor({ secret: clientSecret.reveal() })(said)}`
  return new ConfigError([
    `travtus: Travtus refuses ${what} (${status}${quoted}); check client_id, client_secret and base_url`,
  ])
}

const logIn =
  (settings: TravtusSettings, client: HttpClient) =>
  async (context: ReadContext): Promise<Login> => {
    const form = [
      ['grant_type', 'client_credentials'],
      ['client_id', settings.clientId],
      ['client_secret', settings.clientSecret.reveal()],
    ] as const
    const request = { method: 'POST', path: '/oauth2/token', form, accept: [400, 401, 403] } as const
    const answer = await client.json(request, context)
    const login = answer.status < 300 ? loginIn(answer.body) : null
    if (login === null) throw refused(settings, 'the login', answer)
    return login
  }

export const openTravtus = (settings: TravtusSettings): TravtusApi => {
  const tokens = createTokens(
    logIn(
      settings,
      clientOf(settings, async () => ({})),
    ),
  )
  const client = clientOf(settings, async () => tokens.header())
  return {
    ask: askWithToken(client, tokens, {
      mayRenew: ({ body }) => errorTypeOf(body) === 'expired_token',
      refused: (answer) => refused(settings, 'its own token', answer),
    }),
  }
}
