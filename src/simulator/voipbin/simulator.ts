import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { type LocalServer, startLocalServer } from '../local-server.ts'
import { createRateLimit } from '../rate-limit.ts'
import type { VoipbinAccount } from './account.ts'
import { createAccountState } from './account-state.ts'
import { createAccount } from './create-account.ts'
import { type Running, serveApi, serveStorage } from './serve.ts'
import type { SimulatedRequest } from './simulated-request.ts'
import { noTraps, type VoipbinTraps } from './traps.ts'

export interface VoipbinSimulatorOptions {
  readonly accessKey: string
  /** A login token, which is good as well; default: none is. */
  readonly token?: string
  /** The same seed and the same calls make the same account. Default 1. */
  readonly seed?: number
  /** The account behaves unless they are named: traps.ts, and trap-table.ts for what is always so. */
  readonly traps?: Partial<VoipbinTraps>
  /** The account's clock and that of the `Date` header; default the real one. What was created behind it is not seen yet. */
  readonly now?: () => EpochMicros
  /** Every answer of the API takes so long. */
  readonly latencyMs?: number
}

/** VoIPBIN on this machine: a real HTTP server over an invented account. */
export interface VoipbinSimulator {
  /** `http://127.0.0.1:<port>/v1.0` */
  readonly baseUrl: string
  readonly account: VoipbinAccount
  /** Switches may be set one by one, or all at once: what is assigned is copied. */
  traps: VoipbinTraps
  /** In order of arrival. */
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  /** Called and awaited before a request is answered; what it changes counts for this answer already. */
  onRequest: ((request: SimulatedRequest) => void | Promise<void>) | undefined
  /** Ends connections that are still open. */
  close(): Promise<void>
}

const simulatorOf = (running: Running, api: LocalServer, storage: LocalServer): VoipbinSimulator => ({
  baseUrl: `${api.url}/v1.0`,
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

export const startVoipbinSimulator = async ({
  accessKey,
  token,
  seed = 1,
  traps = {},
  now = () => Date.now() * 1000,
  latencyMs = 0,
}: VoipbinSimulatorOptions): Promise<VoipbinSimulator> => {
  // Links name the storage host, so it listens before there is anything that issues them.
  let serve: ((incoming: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined
  const storage = await startLocalServer(async (incoming, response) => serve?.(incoming, response))
  const running: Running = {
    known: { accessKey, token: token ?? null },
    served: { account: createAccountState(seed, now), storageUrl: storage.url, traps: { ...noTraps, ...traps } },
    requests: [],
    rateVerdict: createRateLimit(),
    stopped: new AbortController(),
    onRequest: undefined,
    answered: 0,
  }
  serve = (incoming, response) => serveStorage(running, incoming, response)
  const api = await startLocalServer((incoming, response) => serveApi(running, incoming, response), latencyMs)
  return simulatorOf(running, api, storage)
}
