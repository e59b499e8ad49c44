import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { type LocalServer, startLocalServer } from '../local-server.ts'
import type { SimulatedRequest } from '../simulated-request.ts'
import type { TelnyxAccount } from './account.ts'
import { createAccount } from './create-account.ts'
import { createRunning, type Running, serveApi, serveStorage } from './serve.ts'
import type { TelnyxTraps } from './traps.ts'

export interface TelnyxSimulatorOptions {
  readonly apiKey: string
  /** The same seed and the same calls make the same account. Default 1. */
  readonly seed?: number
  /** The account behaves unless they are named: traps.ts, and trap-table.ts for what is always so. */
  readonly traps?: Partial<TelnyxTraps>
  /** The account's clock and that of the `Date` header; default the real one. What was created behind it is not seen yet. */
  readonly now?: () => EpochMicros
  /** Every answer of the API takes so long. */
  readonly latencyMs?: number
}

/** Telnyx on this machine: a real HTTP server over an invented account. */
export interface TelnyxSimulator {
  /** `http://127.0.0.1:<port>/v2` */
  readonly baseUrl: string
  readonly account: TelnyxAccount
  /** Switches may be set one by one, or all at once: what is assigned is copied. */
  traps: TelnyxTraps
  /** In order of arrival. */
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  /** Called and awaited before a request is answered; what it changes counts for this answer already. */
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
  /** Ends connections that are still open, held answers with them. */
  close(): Promise<void>
}

const simulatorOf = (running: Running, api: LocalServer, storage: LocalServer): TelnyxSimulator => ({
  baseUrl: `${api.url}/v2`,
  account: createAccount(running.served.account),
  requests: running.requests,
  forgetRequests: () => running.requests.splice(0),
  get traps() {
    return running.served.traps
  },
  set traps(traps) {
    running.served.traps = { ...traps }
  },
  get onRequest() {
    return running.onRequest
  },
  set onRequest(hook) {
    running.onRequest = hook
  },
  close: async () => {
    running.stopped.abort()
    await Promise.all([api.close(), storage.close()])
  },
})

const defaults = { seed: 1, traps: {}, now: (): EpochMicros => Date.now() * 1000, latencyMs: 0 }

export const startTelnyxSimulator = async (options: TelnyxSimulatorOptions): Promise<TelnyxSimulator> => {
  // Links name the storage host, so it listens before there is anything that issues them.
  let serve: ((incoming: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined
  const storage = await startLocalServer(async (incoming, response) => serve?.(incoming, response))
  const running = createRunning({ ...defaults, ...options }, storage.url)
  serve = (incoming, response) => serveStorage(running, incoming, response)
  const api = await startLocalServer((incoming, response) => serveApi(running, incoming, response))
  return simulatorOf(running, api, storage)
}
