import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerOf, truncated } from '../answer.ts'
import type { createRateLimit } from '../rate-limit.ts'
import { sendAnswer } from '../send-answer.ts'
import { takeFault } from '../take-fault.ts'
import { bare, envelope, refusal } from './answer.ts'
import { storageAnswer } from './audio.ts'
import { apiAnswer, type Served } from './endpoints.ts'
import { type KnownCredentials, type NotedRequest, readRequest, type SimulatedRequest } from './simulated-request.ts'
import type { VoipbinFault } from './traps.ts'

/** All that one running simulator holds. */
export interface Running {
  readonly known: KnownCredentials
  readonly served: Served
  readonly requests: NotedRequest[]
  readonly rateVerdict: ReturnType<typeof createRateLimit>
  readonly stopped: AbortController
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
  answered: number
}

const html = { 'content-type': 'text/html; charset=utf-8' }

const frozen = { reason: 'ACCOUNT_FROZEN', message: 'The account is frozen.', details: [{ frozen: true }] }

const limited = (headers: Readonly<Record<string, string>>): Answer =>
  envelope(429, { details: [{ limited_by: 'customer' }] }, headers)

const made: Readonly<Record<VoipbinFault, (served: Served, truth: () => Answer) => Answer>> = {
  'rate-limited': ({ traps }) => limited({ 'retry-after': String(traps.retryAfterSeconds) }),
  'payment-required': () => envelope(402),
  'account-frozen': () => envelope(403, frozen),
  'bare-400': () => bare(400),
  'server-error': () => envelope(500),
  unavailable: () => envelope(503),
  html: () => answerOf(200, '<!doctype html><title>Maintenance</title>', html),
  truncated: (_served, truth) => truncated(truth()),
  huge: () => answerOf(200, JSON.stringify({ result: [], padding: 'x'.repeat(300_000) })),
  'no-items': () => answerOf(200, JSON.stringify({ result: [], next_page_token: '' })),
  stalled: (_served, truth) => ({ ...truth(), manner: 'half' }),
  reset: () => ({ ...answerOf(200, ''), manner: 'reset' }),
}

const trueAnswer = ({ served }: Running, { method, path, query }: SimulatedRequest): Answer => {
  if (method !== 'GET' || !path.startsWith('/v1.0/')) return refusal(404, served.traps)
  return apiAnswer(served, path.slice('/v1.0/'.length), query)
}

const answerTo = (running: Running, request: SimulatedRequest): Answer => {
  const { served } = running
  if (request.credentials === 'none' || request.credentials === 'wrong') return refusal(401, served.traps)
  const verdict = running.rateVerdict(served.traps.rateLimit, performance.now())
  if (!verdict.allowed) return limited({ 'retry-after': verdict.headers['x-ratelimit-reset'] ?? '1' })
  running.answered += 1
  const fault = takeFault(served.traps, running.answered)
  const truth = () => trueAnswer(running, request)
  return fault === null ? truth() : made[fault](served, truth)
}

export const serveApi = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { served } = running
  const { account } = served
  const request = readRequest(incoming, 'api', running.known, account.now())
  running.requests.push(request)
  await running.onRequest?.(request)
  const answer = answerTo(running, request)
  if (answer.manner !== 'reset') request.status = answer.status
  const date = new Date(account.now() / 1000 + served.traps.dateSkewSeconds * 1000).toUTCString()
  response.sendDate = false
  await sendAnswer(response, { ...answer, headers: { ...answer.headers, date } }, 0, running.stopped.signal)
}

export const serveStorage = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const request = readRequest(incoming, 'storage', running.known, running.served.account.now())
  running.requests.push(request)
  await running.onRequest?.(request)
  const answer = storageAnswer(incoming.url ?? '', request.credentials !== 'none', request.at)
  request.status = answer.status
  await sendAnswer(response, answer, 0, running.stopped.signal)
}
