import type { IncomingMessage } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Query } from '../simulated-request.ts'

/** One request that arrived, without credentials. */
export interface SimulatedRequest {
  /** `storage`: the host that links lead to. */
  readonly host: 'api' | 'storage'
  readonly method: string
  /** `/v1.0/recordings` */
  readonly path: string
  /** Decoded pairs in the order sent, without credentials; empty for the storage host, where the query is one. */
  readonly query: Query
  /** By which way credentials arrived, if they were right. A token wins over a key. */
  readonly credentials: 'none' | 'wrong' | 'key in cookie' | 'key in query' | 'token'
  /** The account's clock. */
  readonly at: EpochMicros
  /** Null until it is answered, and for ever when the connection was reset instead. */
  readonly status: number | null
}

/** The simulator's own view: it notes the status. */
export type NotedRequest = { -readonly [Member in keyof SimulatedRequest]: SimulatedRequest[Member] }

export interface KnownCredentials {
  readonly accessKey: string
  readonly token: string | null
}

const cookiesOf = ({ headers }: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    (headers.cookie ?? '').split(/;\s*/).map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))] as const
    }),
  )

/** An access key in the Authorization header is read as a token, and is none (trap 15). */
const credentialsOf = (
  request: IncomingMessage,
  query: URLSearchParams,
  { accessKey, token }: KnownCredentials,
): SimulatedRequest['credentials'] => {
  const cookies = cookiesOf(request)
  const bearer = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
  const givenToken = cookies.get('token') ?? query.get('token') ?? bearer ?? null
  if (givenToken !== null) return token !== null && givenToken === token ? 'token' : 'wrong'
  const inQuery = query.get('accesskey')
  if (inQuery !== null) return inQuery === accessKey ? 'key in query' : 'wrong'
  const inCookie = cookies.get('accesskey')
  if (inCookie === undefined) return request.headers.authorization === undefined ? 'none' : 'wrong'
  return inCookie === accessKey ? 'key in cookie' : 'wrong'
}

export const readRequest = (
  request: IncomingMessage,
  host: SimulatedRequest['host'],
  known: KnownCredentials,
  at: EpochMicros,
): NotedRequest => {
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const query = new URLSearchParams(search)
  return {
    host,
    method: request.method ?? '',
    path,
    query: host === 'api' ? [...query].filter(([name]) => name !== 'accesskey' && name !== 'token') : [],
    credentials: credentialsOf(request, query, known),
    at,
    status: null,
  }
}
