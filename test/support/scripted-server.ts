import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { onTestFinished } from 'vitest'

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query, as they travelled. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** performance.now when it was there. */
  readonly at: number
  /** Resolves when its connection is closed. */
  readonly closed: Promise<void>
}

/** Answers one request. */
export type Script = (response: ServerResponse, seen: SeenRequest) => unknown

export interface ScriptedServer {
  readonly url: URL
  readonly seen: readonly SeenRequest[]
  /** Resolves when that many requests have come. */
  arrived(count: number): Promise<void>
}

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Status and headers, without a body. */
export const bare =
  (status: number, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) =>
    response.writeHead(status, headers).end()

/** Any text or bytes. */
export const raw =
  (body: string | Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) =>
    response.writeHead(status, headers).end(body)

/** With a certificate: over TLS, at an https: address. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** An HTTP server on this machine that answers the n-th request with the n-th script, and all others with the last. */
export const startScriptedServer = (...scripts: readonly Script[]): Promise<ScriptedServer> => start(null, scripts)

/** The same over TLS. */
export const startTlsServer = (identity: Identity, ...scripts: readonly Script[]): Promise<ScriptedServer> =>
  start(identity, scripts)

const start = async (identity: Identity | null, scripts: readonly Script[]): Promise<ScriptedServer> => {
  const seen: SeenRequest[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const listener: RequestListener = async (request, response) => {
    const at = performance.now()
    const closed = new Promise<void>((resolve) => request.socket.once('close', () => resolve()))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: Buffer.concat(chunks).toString(), at, closed }
    seen.push(one)
    for (const each of waiting) if (seen.length >= each.count) each.resolve()
    scripts[Math.min(seen.length, scripts.length) - 1]?.(response, one)
  }
  const server = identity === null ? createServer(listener) : createTlsServer(identity, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: new URL(`${identity === null ? 'http' : 'https'}://127.0.0.1:${address.port}`),
    seen,
    arrived: (count) =>
      seen.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  }
}
