import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Answer } from '../answer.ts'
import { createLinks } from '../links.ts'
import { createRateLimit, type RateLimit, type RateVerdict } from '../rate-limit.ts'
import { sendAnswer } from '../send-answer.ts'
import { type NotedRequest, readRequest, type SimulatedRequest } from '../simulated-request.ts'
import { storageAnswer } from '../storage-answer.ts'
import { takeFault } from '../take-fault.ts'
import { createAccountState } from './account-state.ts'
import { apiAnswer } from './api-answer.ts'
import { faultyAnswer } from './faulty-answer.ts'
import { refusedAs } from './refusal.ts'
import type { Served } from './served.ts'
import { noTraps, type TelnyxTraps } from './traps.ts'

/** With every default filled in. */
export interface RunningOptions {
  readonly apiKey: string
  readonly seed: number
  readonly traps: Partial<TelnyxTraps>
  readonly now: () => EpochMicros
  readonly latencyMs: number
}

/** All that one running simulator holds. */
export interface Running {
  readonly options: RunningOptions
  readonly served: Served
  readonly requests: NotedRequest[]
  readonly rateVerdict: (limit: RateLimit, nowMs: number) => RateVerdict
  readonly stopped: AbortController
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
  answered: number
}

/** What the API answers when nothing goes wrong on the way. */
const trueAnswer = ({ served }: Running, { method, path, query }: SimulatedRequest): Answer => {
  if (method !== 'GET') return refusedAs(405, '10015', `${method} is not simulated`, served.traps)
  if (!path.startsWith('/v2/')) return refusedAs(404, '10005', 'Resource not found', served.traps)
  return apiAnswer(served, path.slice('/v2/'.length), query)
}

const answerTo = (running: Running, request: SimulatedRequest, verdict: RateVerdict): Answer => {
  const { served } = running
  if (request.authorization !== 'right') return refusedAs(401, '10009', 'Authentication failed', served.traps)
  if (!verdict.allowed) return refusedAs(429, '10011', 'Too many requests', served.traps)
  running.answered += 1
  const fault = takeFault(served.traps, running.answered)
  const truth = (): Answer => trueAnswer(running, request)
  return fault === null ? truth() : faultyAnswer(fault, served, truth, request.path)
}

const dateHeader = ({ account, traps }: Served): Readonly<Record<string, string>> =>
  traps.dateSkewSeconds === null
    ? {}
    : { date: new Date(account.now() / 1000 + traps.dateSkewSeconds * 1000).toUTCString() }

const note = async (running: Running, request: NotedRequest): Promise<void> => {
  running.requests.push(request)
  await running.onRequest?.(request)
}

export const serveApi = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { served, options, stopped } = running
  const request = readRequest(incoming, 'api', options.apiKey, served.account.now())
  await note(running, request)
  const verdict = running.rateVerdict(served.traps.rateLimit, performance.now())
  const answer = answerTo(running, request, verdict)
  const headers = { ...verdict.headers, ...answer.headers, ...dateHeader(served) }
  if (answer.manner !== 'reset') request.status = answer.status
  response.sendDate = false
  const delayMs = answer.delayMs + options.latencyMs
  await sendAnswer(response, { ...answer, headers, delayMs }, served.traps.hugeBytes, stopped.signal)
}

export const serveStorage = async (
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { served, options, stopped } = running
  const request = readRequest(incoming, 'storage', options.apiKey, served.account.now())
  await note(running, request)
  const answer = storageAnswer(request, incoming.url ?? '', served.account.now())
  request.status = answer.status
  await sendAnswer(response, answer, 0, stopped.signal)
}

export const createRunning = (options: RunningOptions, storageUrl: string): Running => ({
  options,
  served: {
    account: createAccountState(options.seed, options.now),
    links: createLinks(storageUrl),
    storageUrl,
    traps: { ...noTraps, ...options.traps },
    listings: 0,
    shownProcessing: new Set(),
  },
  requests: [],
  rateVerdict: createRateLimit(),
  stopped: new AbortController(),
  onRequest: undefined,
  answered: 0,
})
