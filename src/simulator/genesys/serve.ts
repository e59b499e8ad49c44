import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { parseJson } from '../../transform/parse-json.ts'
import type { Answer } from '../answer.ts'
import { sendAnswer } from '../send-answer.ts'
import { takeFault } from '../take-fault.ts'
import { answerOf, refusal, tooMany } from './answer.ts'
import { apiAnswer } from './endpoints.ts'
import { mediaAnswer } from './links.ts'
import { isAuthorized, type Logins, loginAnswer } from './login.ts'
import type { Served } from './served.ts'
import type { GenesysFault } from './traps.ts'

/** One request that arrived, without credentials. */
export interface SimulatedRequest {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Parsed JSON; undefined for none and for forms. */
  readonly body: unknown
  /** Null until it is answered. */
  status: number | null
}

export interface Running {
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  readonly now: () => EpochMicros
  readonly served: Served
  readonly logins: Logins
  readonly requests: SimulatedRequest[]
  readonly stopped: AbortController
  /** In real time: when the count of requests began, and how many there were. */
  readonly rate: { began: number; used: number }
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
}

const faulty = (fault: GenesysFault, { traps }: Served, truth: () => Answer): Answer => {
  if (fault === 'rate-limited') return tooMany(traps)
  if (fault === 'unavailable') return refusal({ status: 503, code: 'service.unavailable', message: 'try again' })
  if (fault === 'refused') return refusal({ status: 400, code: 'bad.request', message: 'something is wrong with it' })
  if (fault === 'html')
    return answerOf(200, '<!doctype html><title>Maintenance</title>', { 'content-type': 'text/html' })
  return { ...truth(), manner: fault === 'stalled' ? 'half' : 'reset' }
}

/** Headers of the limit; null = more requests than are allowed. */
const limited = ({ rate, served }: Running): Readonly<Record<string, string>> | null => {
  const limit = served.traps.rateLimit
  if (limit === null) return {}
  const now = performance.now()
  if (now - rate.began >= limit.seconds * 1000) {
    rate.began = now
    rate.used = 0
  }
  rate.used += 1
  if (rate.used > limit.allowed) return null
  return {
    'inin-ratelimit-count': String(rate.used),
    'inin-ratelimit-allowed': String(limit.allowed),
    'inin-ratelimit-reset': String(Math.ceil((rate.began + limit.seconds * 1000 - now) / 1000)),
  }
}

const answerTo = (running: Running, incoming: IncomingMessage, request: SimulatedRequest): Answer => {
  const { served, logins } = running
  const limit = limited(running)
  if (limit === null) return tooMany(served.traps)
  if (!isAuthorized(logins, incoming, served.traps))
    return refusal({ status: 401, code: 'bad.credentials', message: 'Invalid login credentials.' })
  served.answered += 1
  const fault = takeFault(served.traps, served.answered)
  const truth = () => apiAnswer(served, request)
  const answer = fault === null ? truth() : faulty(fault, served, truth)
  return { ...answer, headers: { ...answer.headers, ...limit } }
}

const send = async (running: Running, response: ServerResponse, answer: Answer): Promise<void> => {
  response.sendDate = false
  const date = new Date(running.now() / 1000).toUTCString()
  await sendAnswer(response, { ...answer, headers: { ...answer.headers, date } }, 0, running.stopped.signal)
}

const textOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export const serveApi = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [path = '', query = ''] = (incoming.url ?? '').split('?')
  const text = await textOf(incoming)
  const parsed = parseJson(text)
  const request: SimulatedRequest = {
    method: incoming.method ?? '',
    path,
    query: [...new URLSearchParams(query)],
    body: parsed.kind === 'value' ? parsed.value : undefined,
    status: null,
  }
  running.requests.push(request)
  await running.onRequest?.(request)
  const { traps } = running.served
  const answer =
    path === '/oauth/token'
      ? loginAnswer(running.logins, incoming, text, running.client, traps)
      : answerTo(running, incoming, request)
  request.status = answer.status
  await send(running, response, answer)
}

export const serveMedia = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const content = (path: string): string => {
    const session = /^\/transcripts\/(.+)\.json$/.exec(path)?.[1] ?? ''
    const phrases = running.served.account.transcripts.get(session)
    return phrases === undefined ? 'RIFF of nothing' : JSON.stringify({ transcripts: [{ phrases }] })
  }
  await send(running, response, mediaAnswer(incoming, running.now(), content))
}
