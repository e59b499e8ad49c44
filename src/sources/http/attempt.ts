import type { Agent } from 'node:https'
import { type ReelhouseError, ResponseTooLarge, TransientError, UnreadableAnswer } from '../../domain/errors.ts'
import type { AttemptFailed } from './attempt-failed.ts'
import { quoteVendor, requestHeaders } from './credentials.ts'
import type { Exchange, Exchanged } from './exchange.ts'
import type { HttpSettings, JsonRequest } from './http-client.ts'
import { readBody } from './read-body.ts'
import { refusal } from './refusal.ts'
import { encoded, shownRequest } from './request-url.ts'

export interface Target {
  readonly request: JsonRequest
  readonly url: URL
}

type Credentials = Readonly<Record<string, string>>

const isAnswer = ({ accept = [] }: JsonRequest, status: number): boolean =>
  (status >= 200 && status < 300) || accept.includes(status)

interface SentBody {
  readonly body: string | null
  /** Null without a body. */
  readonly type: string | null
}

const bodyOf = ({ body, form }: JsonRequest): SentBody => {
  if (form !== undefined) return { body: encoded(form), type: 'application/x-www-form-urlencoded' }
  return body === undefined ? { body: null, type: null } : { body: JSON.stringify(body), type: 'application/json' }
}

/** Of what can be asked for in smaller parts. What is held of an answer while it is read is several times its size. */
const largestPart = 8_000_000

const mostBytes = ({ maxResponseBytes }: HttpSettings, { isDivisible = false }: JsonRequest): number =>
  isDivisible ? Math.min(maxResponseBytes, largestPart) : maxResponseBytes

/** One attempt as it is sent. Throws ConfigError for credentials that no header can carry. */
export const prepare = (
  settings: HttpSettings,
  { request, url }: Target,
  credentials: Credentials,
  agent: Agent | null,
): Exchange => {
  const { body, type } = bodyOf(request)
  return {
    url,
    method: request.method ?? 'GET',
    headers: requestHeaders(settings, credentials, type),
    body,
    timeoutMs: request.timeoutMs ?? settings.timeoutMs,
    isAnswer: (status) => isAnswer(request, status),
    maxBytes: mostBytes(settings, request),
    agent,
    where: `connection ${settings.connectionId}: ${shownRequest(request)}`,
  }
}

/** The body of an answer. Throws AttemptFailed when another attempt may help, and the error of a refusal when none does. */
export const answerBody = (
  settings: HttpSettings,
  { request, url }: Target,
  credentials: Credentials,
  answer: Exchanged,
): unknown => {
  const shown = shownRequest(request)
  if (!isAnswer(request, answer.status))
    throw refusal({ settings, shown, url, quote: quoteVendor(credentials) }, answer)
  // Servers write a page of HTML beside the Location of a redirect; whoever accepts one asked for the Location.
  if (answer.status >= 300 && answer.status < 400) return undefined
  if (answer.bytes !== null) return readBody(answer.status, answer.bytes)
  throw new ResponseTooLarge(
    `connection ${settings.connectionId}: the answer of ${settings.vendor} to ${shown} is larger than ` +
      `${mostBytes(settings, request)} bytes (max_response_bytes)`,
  )
}

/** What the last failed attempt of a request becomes. */
export const exhausted = (
  { connectionId, vendor }: HttpSettings,
  request: JsonRequest,
  failure: AttemptFailed,
  attempts: number,
): ReelhouseError => {
  const where = `connection ${connectionId}: ${vendor}, ${shownRequest(request)}`
  const times = attempts === 1 ? 'once' : `${attempts} times`
  if (failure.kind === 'transient')
    return new TransientError(`${where}: tried ${times}, at last ${failure.message}; the next run tries again`)
  return new UnreadableAnswer(
    `${where}: tried ${times}, at last the answer was ${failure.message}; check base_url and the proxies in between`,
  )
}
