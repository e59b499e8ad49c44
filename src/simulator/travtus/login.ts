import type { EpochMicros } from '../../domain/instant.ts'
import { type Answer, answerOf } from '../answer.ts'
import { refusal, type TravtusTraps } from './traps.ts'

const lifeSeconds = 3600

export interface Logins {
  give(): string
  count(): number
  /** Why a request with this header is refused; null = it is not. */
  refusalOf(authorization: string | undefined, traps: TravtusTraps): Answer | null
}

export const createLogins = (now: () => EpochMicros): Logins => {
  const tokens = new Map<string, { readonly until: EpochMicros; used: number }>()
  return {
    give: () => {
      const token = `invented-travtus-token-${tokens.size + 1}`
      tokens.set(token, { until: now() + lifeSeconds * 1e6, used: 0 })
      return token
    },
    count: () => tokens.size,
    refusalOf: (authorization, { refusesTokens, tokenRequests }) => {
      if (authorization === undefined) return refusal(400, 'No credentials.', 'missing_authorization')
      const token = tokens.get(authorization.replace(/^Bearer /, ''))
      if (token === undefined || refusesTokens) return refusal(401, 'Not a token of ours.', 'invalid_authorization')
      token.used += 1
      const isOver = now() >= token.until || (tokenRequests !== null && token.used > tokenRequests)
      return isOver ? refusal(401, 'The token has expired.', 'expired_token') : null
    },
  }
}

export const loginAnswer = (
  logins: Logins,
  body: string,
  client: { readonly clientId: string; readonly clientSecret: string },
  { mostLogins }: TravtusTraps,
): Answer => {
  const form = new URLSearchParams(body)
  if (form.get('grant_type') !== 'client_credentials') return refusal(400, 'unsupported_grant_type')
  // The refusal echoes what it was sent: nothing of it may reach a log.
  if (form.get('client_id') !== client.clientId || form.get('client_secret') !== client.clientSecret)
    return refusal(401, `invalid_client ${form.get('client_secret')}`)
  if (mostLogins !== null && logins.count() >= mostLogins) return refusal(429, 'Too many logins')
  const token = { access_token: logins.give(), token_type: 'Bearer', expires_in: lifeSeconds }
  return answerOf(200, JSON.stringify(token))
}
