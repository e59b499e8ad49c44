import type { IncomingMessage } from 'node:http'
import type { Answer } from '../answer.ts'
import { answerOf } from './answer.ts'
import type { GenesysTraps } from './traps.ts'

/** The tokens that were given: all of them are good, with a count of what each has served. */
export type Logins = Map<string, { used: number }>

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
  const token = tokenOf(logins.size + 1)
  logins.set(token, { used: 0 })
  return answerOf(200, { access_token: token, token_type: 'bearer', expires_in: life })
}

/** Whether the request has a token that was given, and that is not over. */
export const isAuthorized = (logins: Logins, request: IncomingMessage, traps: GenesysTraps): boolean => {
  const token = logins.get((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  if (traps.refusesTokens || token === undefined) return false
  token.used += 1
  return traps.tokenRequests === null || token.used <= traps.tokenRequests
}
