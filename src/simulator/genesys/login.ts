import type { IncomingMessage } from 'node:http'
import type { Answer } from '../answer.ts'
import { answerOf } from './answer.ts'
import type { GenesysTraps } from './traps.ts'

/** The tokens that were given; one at a time is good. */
export interface Logins {
  count: number
  /** Requests that the token has served. */
  used: number
}

const life = 86_399

const tokenOf = (count: number): string => `invented-token-${count}-of-the-organization`

const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

export const loginAnswer = (
  logins: Logins,
  request: IncomingMessage,
  body: string,
  client: { readonly clientId: string; readonly clientSecret: string },
  { loginStatus }: GenesysTraps,
): Answer => {
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
  if (!isForm || new URLSearchParams(body).get('grant_type') !== 'client_credentials')
    return answerOf(400, { error: 'unsupported_grant_type', description: 'only client_credentials is simulated' })
  if (request.headers.authorization !== basic(client.clientId, client.clientSecret))
    return answerOf(loginStatus, {
      error: 'invalid_client',
      description: `client not found or secret wrong: ${request.headers.authorization}`,
    })
  logins.count += 1
  logins.used = 0
  return answerOf(200, { access_token: tokenOf(logins.count), token_type: 'bearer', expires_in: life })
}

/** Whether the request has the token that was given last, and it is not over. */
export const isAuthorized = (logins: Logins, request: IncomingMessage, traps: GenesysTraps): boolean => {
  if (traps.refusesTokens || logins.count === 0) return false
  if (request.headers.authorization !== `Bearer ${tokenOf(logins.count)}`) return false
  logins.used += 1
  return traps.tokenRequests === null || logins.used <= traps.tokenRequests
}
