import { ConfigError } from '../../domain/errors.ts'
import type { SourcePlace } from '../configured-source.ts'
import { connectionHttp } from '../http/connection-http.ts'
import { quoteVendor } from '../http/credentials.ts'
import { createHttpClient, type HttpClient, type JsonAnswer } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { explainLogin, textAt, wholeNumber } from './answer.ts'
import type { GenesysSettings } from './settings.ts'

/** One login serves all requests until its token is nearly over. */
export interface Tokens {
  /** Logs in when there is no token; throws ConfigError for refused credentials, after one request. */
  ready(context: ReadContext): Promise<void>
  /** The header with the token; without one, the vendor refuses the request. */
  header(): Readonly<Record<string, string>>
  /** The vendor refused the token. */
  drop(): void
  requests(): number
}

interface Token {
  readonly text: string
  /** Our clock, milliseconds. */
  readonly renewAt: number
}

/** Requests are retried for five minutes; a token lives five minutes at least. */
const renewBefore = 600_000

const renewAfter = (seconds: number): number => seconds * 1000 - Math.min(renewBefore, (seconds * 1000) / 2)

const basic = ({ client_id, client_secret }: GenesysSettings): string =>
  `Basic ${Buffer.from(`${client_id}:${client_secret.reveal()}`).toString('base64')}`

const createLogin = (settings: GenesysSettings, place: SourcePlace): HttpClient =>
  createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'Genesys Cloud',
    baseUrl: settings.login_url ?? new URL(`https://login.${settings.region}`),
    authorize: async () => ({ Authorization: basic(settings) }),
    credential: 'client_secret',
    requestsPerSecond: 1,
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

const readToken = (answer: JsonAnswer): Token | null => {
  const text = textAt(answer.body, 'access_token')
  if (text === null) return null
  const seconds = wholeNumber(answer.body, 'expires_in')
  return { text, renewAt: seconds === null ? Number.POSITIVE_INFINITY : Date.now() + renewAfter(seconds) }
}

export const createTokens = (settings: GenesysSettings, place: SourcePlace): Tokens => {
  const login = createLogin(settings, place)
  const form = [['grant_type', 'client_credentials']] as const
  let token: Token | null = null
  let coming: Promise<void> | null = null
  const renew = async (context: ReadContext): Promise<void> => {
    const answer = await login.json({ method: 'POST', path: '/oauth/token', form, accept: [400] }, context)
    token = answer.status === 400 ? null : readToken(answer)
    if (token === null) throw refused(settings, place.connectionId, answer)
  }
  return {
    ready: async (context) => {
      if (token !== null && Date.now() < token.renewAt) return
      coming ??= renew(context).finally(() => {
        coming = null
      })
      await coming
    },
    header: () => ({ Authorization: `Bearer ${token?.text ?? 'none'}` }),
    drop: () => {
      token = null
    },
    requests: () => login.requests(),
  }
}
