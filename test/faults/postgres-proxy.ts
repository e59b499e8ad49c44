import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { messagesOf, typeOf } from '../support/postgres-messages.ts'

/** Where a session of a run is cut. `nth` counts from 1. */
export const cuts = [
  'in mid-COPY',
  'before COMMIT arrives',
  'after COMMIT, before its answer',
  'at any message',
  'the session of the locks',
] as const

export type Cut = (typeof cuts)[number]

export interface CutAt {
  readonly what: Cut
  readonly nth: number
}

interface Life {
  readonly cut: CutAt | null
  readonly sessions: Set<ProxiedSession>
  /** Backends of its sessions at the server. */
  readonly backends: Set<number>
  counted: number
  met: boolean
  dead: boolean
}

interface ProxiedSession {
  readonly name: string
  readonly client: Socket
  readonly server: Socket
}

export interface PostgresProxy {
  readonly url: string
  /** Sessions whose application name is `reelhouse <run> <load|locks>` are of the run from now on. */
  expect(run: string, cut: CutAt | null): void
  /** At once none of its sessions reaches anything any more, nor any that it opens. */
  kill(run: string): void
  met(run: string): boolean
  /** Process ids at the server. */
  backends(run: string): readonly number[]
  close(): Promise<void>
}

const end = ({ client, server }: ProxiedSession): void => {
  client.destroy()
  server.destroy()
}

const runOf = (startup: Buffer): { readonly run: string; readonly name: string } => {
  const [, run = '', name = ''] = /application_name\0reelhouse (\S+) (\S+)\0/.exec(startup.toString('latin1')) ?? []
  return { run, name }
}

/** Whether this message is the one at which the cut is made. */
const isReached = (life: Life, name: string, whole: Buffer): boolean => {
  const { cut } = life
  if (cut === null || life.met || name !== 'load') return false
  const type = typeOf(whole)
  const isCommit = type === 'Q' && /^commit/i.test(whole.toString('latin1', 5))
  const counts = {
    'in mid-COPY': type === 'd',
    'before COMMIT arrives': isCommit,
    'after COMMIT, before its answer': isCommit,
    'at any message': true,
    'the session of the locks': true,
  }[cut.what]
  if (counts) life.counted += 1
  return counts && life.counted === cut.nth
}

const cutNow = (life: Life, session: ProxiedSession, whole: Buffer): void => {
  life.met = true
  if (life.cut?.what === 'the session of the locks') {
    for (const other of life.sessions) if (other.name === 'locks') end(other)
    session.server.write(whole)
  } else if (life.cut?.what === 'after COMMIT, before its answer') {
    session.server.removeAllListeners('data')
    session.server.once('data', () => end(session))
    session.server.write(whole)
  } else if (life.cut?.what === 'in mid-COPY') {
    session.server.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => end(session))
  } else end(session)
}

/** A proxy that knows runs by the names of their sessions, and cuts these in the middle of what they say. */
export const startPostgresProxy = async (serverUrl: string): Promise<PostgresProxy> => {
  const upstream = new URL(serverUrl)
  const lives = new Map<string, Life>()
  const listener = createServer((client) => {
    const server = connect(Number(upstream.port), upstream.hostname)
    let session: ProxiedSession = { name: '', client, server }
    let life: Life | undefined
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => end(session))
      socket.on('close', () => end(session))
    }
    const started = (startup: Buffer): void => {
      const { run, name } = runOf(startup)
      session = { name, client, server }
      life = lives.get(run)
      if (life?.dead) end(session)
      else {
        life?.sessions.add(session)
        server.write(startup)
      }
    }
    let isStarted = false
    const asked = messagesOf((whole) => {
      if (!isStarted) {
        isStarted = true
        started(whole)
      } else if (life !== undefined && isReached(life, session.name, whole)) cutNow(life, session, whole)
      else if (!server.destroyed) server.write(whole)
    }, true)
    const noted = messagesOf((whole) => {
      if (typeOf(whole) === 'K') life?.backends.add(whole.readInt32BE(5))
    }, false)
    client.on('data', asked)
    server.on('data', (chunk) => {
      noted(chunk)
      if (!client.destroyed) client.write(chunk)
    })
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`
  return {
    url: url.href,
    expect: (run, cut) =>
      void lives.set(run, { cut, sessions: new Set(), backends: new Set(), counted: 0, met: false, dead: false }),
    kill: (run) => {
      const life = lives.get(run)
      if (life === undefined) return
      life.dead = true
      for (const session of life.sessions) end(session)
    },
    met: (run) => lives.get(run)?.met ?? false,
    backends: (run) => [...(lives.get(run)?.backends ?? [])],
    close: async () => {
      for (const { sessions } of lives.values()) for (const session of sessions) end(session)
      await new Promise((done) => listener.close(done))
    },
  }
}
