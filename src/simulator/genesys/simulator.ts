import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { startLocalServer } from '../local-server.ts'
import type { GenesysAccount } from './account.ts'
import { createAccountState } from './account-state.ts'
import { createAccount } from './create-account.ts'
import { createLinks } from './links.ts'
import { type Running, type SimulatedRequest, serveApi, serveMedia } from './serve.ts'
import { type GenesysTraps, noTraps } from './traps.ts'

export interface GenesysSimulatorOptions {
  readonly clientId: string
  readonly clientSecret: string
  /** The same seed and the same calls make the same organization. Default 1. */
  readonly seed?: number
  /** It behaves unless they are named: traps.ts, and trap-table.ts for what is always so. */
  readonly traps?: Partial<GenesysTraps>
  /** The organization's clock and that of the `Date` header; default the real one. */
  readonly now?: () => EpochMicros
  /** Every answer of the API takes so long. */
  readonly latencyMs?: number
}

/** Genesys Cloud on this machine: a real HTTP server over an invented organization. */
export interface GenesysSimulator {
  /** `http://127.0.0.1:<port>`: API and login. */
  readonly url: string
  readonly account: GenesysAccount
  /** Switches may be set one by one. */
  readonly traps: GenesysTraps
  /** In order of arrival, logins too. */
  readonly requests: readonly SimulatedRequest[]
  forgetRequests(): void
  /** Called and awaited before a request is answered. */
  onRequest: Running['onRequest']
  /** Ends connections that are still open, held answers with them. */
  close(): Promise<void>
}

const createRunning = (options: GenesysSimulatorOptions, mediaUrl: string): Running => {
  const now = options.now ?? (() => Date.now() * 1000)
  return {
    client: { clientId: options.clientId, clientSecret: options.clientSecret },
    now,
    served: {
      account: createAccountState(options.seed ?? 1, now),
      links: createLinks(mediaUrl),
      traps: { ...noTraps, ...options.traps },
      jobs: new Map(),
      hidden: null,
      answered: 0,
    },
    logins: new Map(),
    requests: [],
    stopped: new AbortController(),
    rate: { began: Number.NEGATIVE_INFINITY, used: 0 },
    onRequest: undefined,
  }
}

export const startGenesysSimulator = async (options: GenesysSimulatorOptions): Promise<GenesysSimulator> => {
  // Links name the media host, so it listens before there is anything that issues them.
  let serve: ((incoming: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined
  const media = await startLocalServer(async (incoming, response) => serve?.(incoming, response))
  const running = createRunning(options, media.url)
  serve = (incoming, response) => serveMedia(running, incoming, response)
  const api = await startLocalServer((incoming, response) => serveApi(running, incoming, response), options.latencyMs)
  return {
    url: api.url,
    account: createAccount(running.served.account),
    traps: running.served.traps,
    requests: running.requests,
    forgetRequests: () => running.requests.splice(0),
    get onRequest() {
      return running.onRequest
    },
    set onRequest(hook) {
      running.onRequest = hook
    },
    close: async () => {
      running.stopped.abort()
      await Promise.all([api.close(), media.close()])
    },
  }
}
