import type { IncomingMessage } from 'node:http'
import type { EpochMicros } from '../domain/instant.ts'

/** Decoded pairs, in the order sent. */
export type Query = readonly (readonly [name: string, value: string])[]

/** One request that arrived, without credentials. */
export interface SimulatedRequest {
  /** `storage`: the host that links lead to. */
  readonly host: 'api' | 'storage'
  readonly method: string
  /** `/v2/recordings` */
  readonly path: string
  /** Decoded pairs in the order sent; empty for the storage host, where the query is the credential. */
  readonly query: Query
  /** Whether an Authorization header arrived, and whether it holds the account's key. */
  readonly authorization: 'none' | 'right' | 'wrong'
  /** The account's clock. */
  readonly at: EpochMicros
  /** Null until it is answered, and for ever when the connection was reset instead. */
  readonly status: number | null
}

/** The simulator's own view: it notes the status. */
export type NotedRequest = { -readonly [Member in keyof SimulatedRequest]: SimulatedRequest[Member] }

const authorizationOf = (request: IncomingMessage, apiKey: string): SimulatedRequest['authorization'] => {
  const header = request.headers.authorization
  if (header === undefined) return 'none'
  return header === `Bearer ${apiKey}` ? 'right' : 'wrong'
}

export const readRequest = (
  request: IncomingMessage,
  host: SimulatedRequest['host'],
  apiKey: string,
  at: EpochMicros,
): NotedRequest => {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  return {
    host,
    method: request.method ?? '',
    path,
    query: host === 'api' ? [...new URLSearchParams(query)] : [],
    authorization: authorizationOf(request, apiKey),
    at,
    status: null,
  }
}
