import { ConfigError } from '../../domain/errors.ts'
import type { SourcePlace } from '../configured-source.ts'
import { connectionHttp } from '../http/connection-http.ts'
import { quoteVendor } from '../http/credentials.ts'
import { createHttpClient, type HttpClient, type JsonAnswer } from '../http/http-client.ts'
import { retryLimits } from '../http/retry-limits.ts'
import { createTokens, type Login, type Tokens } from '../http/tokens.ts'
import type { ReadContext } from '../source.ts'
import { explainLogin, textAt, wholeNumber } from './answer.ts'
import type { GenesysSettings } from './settings.ts'

export interface GenesysTokens extends Tokens {
  requests(): number
}

const basic = ({ client_id, client_secret }: GenesysSettings): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret.reveal()}`).toString('base64')}`

const createLogin = (settings: GenesysSettings, place: SourcePlace): HttpClient =>
  createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Genesys Cloud',
    baseUrl: settings.login_url ?? new URL(`https://login.${settings.region}`),
    authorize: async () => ({ Authorization: basic(settings) }),
    credential: 'client_secret',
    // One a second.
    requestsPerSecond: 500 / retryLimits(place.retry).firstDelayMs,
    explain: explainLogin,
  })

const refused = (settings: GenesysSettings, connectionId: string, { status, body }: JsonAnswer): ConfigError => {
  const said = explainLogin(body)
  const quoted = said === null ? '' : `: ${quoteVendor({ Authorization: basic(settings) })(said)}`
  return new ConfigError([
    `connection ${connectionId}: Genesys Cloud refuses the login (${status}${quoted}); check client_id, client_secret ` +
      `and region (${settings.region})`,
  ])
}

const readLogin = (body: unknown): Login | null => {
  const token = textAt(body, 'access_token')
  return token === null ? null : { token, seconds: wholeNumber(body, 'expires_in') }
}

/** `ready` throws ConfigError for refused credentials, after one request. */
export const createGenesysTokens = (settings: GenesysSettings, place: SourcePlace): GenesysTokens => {
  const client = createLogin(settings, place)
  const form = [['grant_type', 'client_credentials']] as const
  const logIn = async (context: ReadContext): Promise<Login> => {
    const answer = await client.json({ method: 'POST', path: '/oauth/token', form, accept: [400] }, context)
    const login = answer.status === 400 ? null : readLogin(answer.body)
    if (login === null) throw refused(settings, place.connectionId, answer)
    return login
  }
  return { ...createTokens(logIn), requests: () => client.requests() }
}
