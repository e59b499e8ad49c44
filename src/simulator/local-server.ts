import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LocalServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Ends connections that are still open. */
  close(): Promise<void>
}

/** A defect of the simulator, or of a test's hook, is the answer, so that it is seen. */
const answerDefect = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(`simulator: ${error}`)
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const late =
  (answer: Serve, latencyMs: number): Serve =>
  async (request, response) => {
    await sleep(latencyMs)
    await answer(request, response)
  }

/** Listens on a free port of the loopback interface. Every request is answered so much later. */
export const startLocalServer = async (answer: Serve, latencyMs = 0): Promise<LocalServer> => {
  // The body flows to whoever listens by then: not before the answer is begun.
  const begin: Serve = (request, response) => {
    request.resume()
    return answer(request, response)
  }
  const serve = latencyMs === 0 ? begin : late(begin, latencyMs)
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => answerDefect(response, error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the simulator has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
