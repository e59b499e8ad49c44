import { createServer, Socket } from 'node:net'
import pg from 'pg'
import { messagesOf, typeOf } from './postgres-messages.ts'

/** Which idle server connection the next transaction gets: the one used last, or the one that rests longest. */
export type Turn = 'last-used' | 'in-turns'

export interface PoolingProxy {
  readonly url: string
  close(): Promise<void>
}

/**
 * A proxy that pools by transaction, as PgBouncer does with pool_mode=transaction: it answers the start-up of clients
 * itself, gives a client one of a few server connections for the length of a transaction, and takes it back after.
 * It knows as much of the protocol as that takes.
 */
export const startPoolingProxy = async (serverUrl: string, servers: number, turn: Turn): Promise<PoolingProxy> => {
  const pool = new Pool(turn)
  for (let n = 0; n < servers; n += 1) pool.giveBack(await connectServer(serverUrl))
  const clients = new Set<Socket>()
  const listener = createServer((socket) => {
    clients.add(socket)
    socket.on('error', () => undefined)
    serveClient(socket, pool)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${address.port}`
  url.search = ''
  return {
    url: url.href,
    close: async () => {
      for (const client of clients) client.destroy()
      pool.close()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

interface Server {
  readonly socket: Socket
  onMessage: (message: Buffer) => void
}

class Pool {
  readonly #turn: Turn
  readonly #all = new Set<Server>()
  readonly #idle: Server[] = []
  readonly #waiting: ((server: Server) => void)[] = []

  constructor(turn: Turn) {
    this.#turn = turn
  }

  take(): Promise<Server> {
    const server = this.#turn === 'last-used' ? this.#idle.pop() : this.#idle.shift()
    return server === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(server)
  }

  giveBack(server: Server): void {
    this.#all.add(server)
    server.onMessage = () => undefined
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(server)
    else next(server)
  }

  close(): void {
    for (const { socket } of this.#all) socket.destroy()
  }
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const readyForQuery = message('Z', Buffer.from('I'))
const sslRequest = 80_877_103

const serveClient = (socket: Socket, pool: Pool): void => {
  let server: Promise<Server> | null = null
  const lend = (): Promise<Server> =>
    pool.take().then((taken) => {
      taken.onMessage = (reply) => {
        socket.write(reply)
        if (!reply.equals(readyForQuery)) return
        server = null
        pool.giveBack(taken)
      }
      return taken
    })
  let started = false
  socket.on(
    'data',
    messagesOf((whole) => {
      if (!started) {
        if (whole.readInt32BE(4) === sslRequest) throw new Error('the proxy speaks no TLS')
        started = true
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), message('K', Buffer.alloc(8)), readyForQuery]))
        return
      }
      if (typeOf(whole) === 'X') return
      server ??= lend()
      void server.then((taken) => taken.socket.write(whole))
    }, true),
  )
}

/** pg logs in; from then on the socket is ours. */
const connectServer = async (serverUrl: string): Promise<Server> => {
  const socket = new Socket()
  const client = new pg.Client({ connectionString: serverUrl, stream: () => socket })
  client.on('error', () => undefined)
  await client.connect()
  socket.removeAllListeners('data')
  const server: Server = { socket, onMessage: () => undefined }
  socket.on(
    'data',
    messagesOf((reply) => server.onMessage(reply), false),
  )
  return server
}
