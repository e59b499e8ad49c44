import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { type Answer, answerOf } from '../answer.ts'
import { startLocalServer } from '../local-server.ts'
import { sendAnswer } from '../send-answer.ts'
import { takeFault } from '../take-fault.ts'
import { communitiesAnswer, type SimulatedCommunity } from './communities.ts'
import { createLogins, type Logins, loginAnswer } from './login.ts'
import { noTraps, refusal, type TravtusFault, type TravtusTraps } from './traps.ts'

export interface TravtusSimulatorOptions {
  readonly clientId: string
  readonly clientSecret: string
  readonly traps?: Partial<TravtusTraps>
  /** Its clock; default the real one. */
  readonly now?: () => EpochMicros
}

/** One request that arrived, without credentials. */
export interface SimulatedRequest {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Null until it is answered. */
  status: number | null
}

/** The API of Travtus on this machine: logins and communities. */
export interface TravtusSimulator {
  readonly url: string
  /** Switches may be set one by one. */
  readonly traps: TravtusTraps
  /** In order of arrival, logins too. */
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  addCommunity(community: SimulatedCommunity): void
  close(): Promise<void>
}

interface Running {
  readonly options: TravtusSimulatorOptions
  readonly traps: TravtusTraps
  readonly communities: SimulatedCommunity[]
  readonly logins: Logins
  readonly requests: SimulatedRequest[]
  readonly stopped: AbortController
  answered: number
}

const other = { community_id: 'other', community_external_ref: 'other', name: 'Other' }

const faulty = (fault: TravtusFault): Answer => {
  if (fault === 'rate-limited') return refusal(429, 'Too Many Requests')
  if (fault === 'server-error') return refusal(500, 'Internal Server Error')
  if (fault === 'other-communities') return answerOf(200, JSON.stringify({ communities: [other], last_id: -1 }))
  return answerOf(200, '<!doctype html><title>Maintenance</title>', { 'content-type': 'text/html' })
}

const apiAnswer = (running: Running, incoming: IncomingMessage, { method, path, query }: SimulatedRequest): Answer => {
  const { traps, logins, communities } = running
  const refused = logins.refusalOf(incoming.headers.authorization, traps)
  if (refused !== null) return refused
  running.answered += 1
  const fault = takeFault(traps, running.answered)
  if (fault !== null) return faulty(fault)
  const isKnown = method === 'GET' && path === '/communities/'
  return isKnown ? communitiesAnswer(communities, query) : answerOf(404, '{"message":"Not Found"}')
}

const textOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const serve = async (running: Running, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [path = '', query = ''] = (incoming.url ?? '').split('?')
  const body = await textOf(incoming)
  const request: SimulatedRequest = {
    method: incoming.method ?? '',
    path,
    query: [...new URLSearchParams(query)],
    status: null,
  }
  running.requests.push(request)
  const answer =
    path === '/oauth2/token'
      ? loginAnswer(running.logins, body, running.options, running.traps)
      : apiAnswer(running, incoming, request)
  request.status = answer.status
  await sendAnswer(response, answer, 0, running.stopped.signal)
}

export const startTravtusSimulator = async (options: TravtusSimulatorOptions): Promise<TravtusSimulator> => {
  const running: Running = {
    options,
    traps: { ...noTraps, ...options.traps },
    communities: [],
    logins: createLogins(options.now ?? (() => Date.now() * 1000)),
    requests: [],
    stopped: new AbortController(),
    answered: 0,
  }
  const server = await startLocalServer((incoming, response) => serve(running, incoming, response))
  return {
    url: server.url,
    traps: running.traps,
    requests: running.requests,
    forgetRequests: () => running.requests.splice(0),
    addCommunity: (community) => running.communities.push(community),
    close: async () => {
      running.stopped.abort()
      await server.close()
    },
  }
}
