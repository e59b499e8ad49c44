import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { type Answer, answerOf, truncated } from '../answer.ts'
import { createLinks } from '../links.ts'
import { startLocalServer } from '../local-server.ts'
import { createRateLimit } from '../rate-limit.ts'
import { sendAnswer } from '../send-answer.ts'
import { type NotedRequest, readRequest, type SimulatedRequest } from '../simulated-request.ts'
import { storageAnswer } from '../storage-answer.ts'
import { takeFault } from '../take-fault.ts'
import { createAccount, createAccountState, type VapiAccount } from './account.ts'
import { apiAnswer, refusal, type Served } from './api-answer.ts'
import { noTraps, type VapiFault, type VapiTraps } from './traps.ts'

export interface VapiSimulatorOptions {
  readonly apiKey: string
  /** The same seed and the same calls make the same account. Default 1. */
  readonly seed?: number
  /** The account behaves unless they are named: traps.ts, and trap-table.ts for what is always so. */
  readonly traps?: Partial<VapiTraps>
  /** The account's clock and that of the `Date` header; default the real one. What was created behind it is not seen yet. */
  readonly now?: () => EpochMicros
  /** Every answer of the API takes so long. */
  readonly latencyMs?: number
}

/** Vapi on this machine: a real HTTP server over an invented organisation, and its storage host. */
export interface VapiSimulator {
  readonly baseUrl: string
  readonly account: VapiAccount
  /** Switches may be set one by one, or all at once: what is assigned is copied. */
  traps: VapiTraps
  /** In order of arrival. */
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  /** Called and awaited before a request is answered; what it changes counts for this answer already. */
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
  /** Ends connections that are still open. */
  close(): Promise<void>
}

interface Running {
  readonly served: Served
  readonly apiKey: string
  readonly requests: NotedRequest[]
  readonly rateVerdict: ReturnType<typeof createRateLimit>
  readonly stopped: AbortController
  onRequest: VapiSimulator['onRequest']
  answered: number
}

const epochSeconds = (fromNow: number): string => String(Math.ceil(Date.now() / 1000 + fromNow))

const tooMany = (headers: Readonly<Record<string, string>>): Answer => {
  const answer = refusal(429, 'Too Many Requests', 'Over the limit of requests.')
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

const html = (status: number): Answer =>
  answerOf(status, '<!doctype html><title>Maintenance</title>', { 'content-type': 'text/html' })

const invalidKey = refusal(401, 'Unauthorized', 'Invalid Key. Hot tip, you may be using the public key.')

const faulty = (fault: VapiFault, { traps }: Served, truth: () => Answer): Answer => {
  if (fault === 'retry-after') return tooMany({ 'retry-after': String(traps.retryAfterSeconds) })
  if (fault === 'reset-epoch') return tooMany({ 'x-ratelimit-reset': epochSeconds(traps.retryAfterSeconds) })
  if (fault === 'bad-request')
    return refusal(400, 'Bad Request', ['limit must not be greater than 1000', 'id must be a UUID'])
  if (fault === 'unauthorized') return invalidKey
  if (fault === 'server-error') return html(500)
  if (fault === 'html') return html(200)
  if (fault === 'reset') return { ...answerOf(200, ''), manner: 'reset' }
  return fault === 'stalled' ? { ...truth(), manner: 'half' } : truncated(truth())
}

const answerTo = (running: Running, { method, path, query, authorization }: SimulatedRequest): Answer => {
  const { served } = running
  if (authorization !== 'right') return invalidKey
  const verdict = running.rateVerdict(served.traps.rateLimit, performance.now())
  if (!verdict.allowed)
    return tooMany({ 'x-ratelimit-reset': epochSeconds(Number(verdict.headers['x-ratelimit-reset'])) })
  if (method !== 'GET') return refusal(405, 'Method Not Allowed', `${method} is not simulated`)
  running.answered += 1
  const fault = takeFault(served.traps, running.answered)
  const truth = (): Answer => apiAnswer(served, path, query)
  return fault === null ? truth() : faulty(fault, served, truth)
}

const dateHeader = ({ account, traps }: Served): Readonly<Record<string, string>> =>
  traps.dateSkewSeconds === null
    ? {}
    : { date: new Date(account.now() / 1000 + traps.dateSkewSeconds * 1000).toUTCString() }

type Host = SimulatedRequest['host']

const serve = async (
  running: Running,
  host: Host,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { served, apiKey, requests, stopped } = running
  const request = readRequest(incoming, host, apiKey, served.account.now())
  requests.push(request)
  await running.onRequest?.(request)
  const answer =
    host === 'api' ? answerTo(running, request) : storageAnswer(request, incoming.url ?? '', served.account.now())
  if (answer.manner !== 'reset') request.status = answer.status
  response.sendDate = false
  const headers = { ...answer.headers, ...dateHeader(served) }
  await sendAnswer(response, { ...answer, headers }, 0, stopped.signal)
}

export const startVapiSimulator = async (options: VapiSimulatorOptions): Promise<VapiSimulator> => {
  const { apiKey, seed = 1, traps = {}, now = () => Date.now() * 1000 } = options
  // Links name the storage host, so it listens before there is anything that issues them.
  let running: Running | undefined
  const on = (host: Host) => async (incoming: IncomingMessage, response: ServerResponse) => {
    if (running !== undefined) await serve(running, host, incoming, response)
  }
  const storage = await startLocalServer(on('storage'))
  const served: Served = {
    account: createAccountState(seed, now),
    links: createLinks(storage.url),
    traps: { ...noTraps, ...traps },
    listings: 0,
  }
  const started: Running = {
    served,
    apiKey,
    requests: [],
    rateVerdict: createRateLimit(),
    stopped: new AbortController(),
    onRequest: undefined,
    answered: 0,
  }
  running = started
  const api = await startLocalServer(on('api'), options.latencyMs)
  return {
    baseUrl: api.url,
    account: createAccount(served.account),
    requests: started.requests,
    forgetRequests: () => started.requests.splice(0),
    get traps() {
      return served.traps
    },
    set traps(changed) {
      served.traps = { ...changed }
    },
    get onRequest() {
      return started.onRequest
    },
    set onRequest(hook) {
      started.onRequest = hook
    },
    close: async () => {
      started.stopped.abort()
      await Promise.all([api.close(), storage.close()])
    },
  }
}
