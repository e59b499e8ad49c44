import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

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

/** Listens on a free port of the loopback interface. */
export const startLocalServer = async (
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LocalServer> => {
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response).catch((error: unknown) => answerDefect(response, error))
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
