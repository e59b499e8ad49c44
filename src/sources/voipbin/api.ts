import { ConfigError, SourceProtocolError } from '../../domain/errors.ts'
import { encodedId, pathSegment } from '../../transform/path-segment.ts'
import type { SourcePlace } from '../configured-source.ts'
import { EndpointClosed } from '../endpoint-closed.ts'
import { connectionHttp } from '../http/connection-http.ts'
import { createHttpClient, type JsonAnswer, type JsonRequest, type Query } from '../http/http-client.ts'
import { createNoticeOnce, type NoticeOnce } from '../notice-once.ts'
import type { ReadContext } from '../source.ts'
import { explainError, type ListAnswer, readList, saysFrozen } from './answer.ts'
import type { VoipbinSettings } from './settings.ts'
import type { TimeForm } from './times.ts'

/** One customer's way to VoIPBIN. */
export interface VoipbinApi {
  readonly connectionId: string
  /** The setting that the credentials come from. */
  readonly credential: 'access_key' | 'token'
  /** How this server writes the page tokens of a list, by its path, as the last one that it gave shows. */
  readonly tokenForms: Map<string, TimeForm>
  /** Lists, by path, that were read with page tokens of our making. */
  readonly takesOurTokens: Set<string>
  /** One page. Throws EndpointClosed where `mayBeClosed`, TokenRefused for one behind a token. */
  list(request: ListRequest, context: ReadContext): Promise<ListAnswer>
  /** An answer to a read by id; `accept`: statuses that are one, too. */
  one(path: string, query: Query, accept: readonly number[], context: ReadContext): Promise<JsonAnswer>
  /** The answer to a request for audio, whose redirect is not followed. It may take minutes to be made. */
  file(recordingId: string, context: ReadContext): Promise<JsonAnswer>
  requests(): number
  readonly noticeOnce: NoticeOnce
}

export interface ListRequest {
  readonly what: string
  readonly path: string
  readonly query: Query
  /** Null: the newest. */
  readonly token: string | null
  /** Not every customer or server has it: refusing it costs what it would have added, not the connection. */
  readonly mayBeClosed: boolean
  /** In smaller pages. */
  readonly isDivisible?: boolean
}

/** The server answers a request with this page token by 400, of which an older one does not say what it means. */
export class TokenRefused extends SourceProtocolError {
  override readonly name = 'TokenRefused'
}

/** Older servers say with a bare 400 what newer ones say with 403 and 404. */
export const refusals: readonly number[] = [400, 403, 404]

const noWord = 'without a word of its own'

/**
 * An older server refuses a missing right and a fault of its own alike: a list that was open a moment ago is not closed.
 * Throws EndpointClosed for one that never was, SourceProtocolError for one that was.
 */
const refuseList = (what: string, { status, body }: JsonAnswer, wasOpen: boolean): never => {
  if (!wasOpen) throw new EndpointClosed(what, status)
  throw new SourceProtocolError(
    `${what}: VoIPBIN refuses what it answered before (${status}: ${explainError(body) ?? noWord}); the next run tries again`,
  )
}

/** The vendor gives the audio of a recording up to five minutes to be made. */
const fileTimeoutMs = 300_000

/** Null for an id that no path can hold. */
export const pathOf = (collection: string, id: string): string | null => {
  const segment = pathSegment(id)
  return segment === null ? null : `/${collection}/${segment}`
}

/** Not of one resource: there are few of these. */
const isCollection = (path: string): boolean => path.lastIndexOf('/') === 0

/** A key in the query would stand in every log on the way; VoIPBIN reads it from a cookie as well, and a token from its header. */
const credentialsOf = ({ access_key, token }: VoipbinSettings): Readonly<Record<string, string>> =>
  token === undefined
    ? { Cookie: `accesskey=${access_key?.reveal() ?? ''}` }
    : { Authorization: `Bearer ${token.reveal()}` }

/** What stops all requests of the customer, whatever was asked for. */
const requireAccount = (connectionId: string, answer: JsonAnswer): JsonAnswer => {
  if (answer.status === 402)
    throw new ConfigError([
      `connection ${connectionId}: VoIPBIN answers that payment is required (402); settle the account`,
    ])
  if (saysFrozen(answer))
    throw new ConfigError([
      `connection ${connectionId}: VoIPBIN has frozen the account (403 ACCOUNT_FROZEN); ask VoIPBIN`,
    ])
  return answer
}

export const openApi = (settings: VoipbinSettings, place: SourcePlace): VoipbinApi => {
  const { connectionId } = place
  const credential = settings.token === undefined ? 'access_key' : 'token'
  const client = createHttpClient({
    ...connectionHttp(settings, place),
    vendor: 'VoIPBIN',
    baseUrl: settings.base_url,
    authorize: async () => credentialsOf(settings),
    credential,
    requestsPerSecond: settings.requests_per_second,
    explain: explainError,
  })
  const open = new Set<string>()
  const ask = async ({ accept = [], ...request }: JsonRequest, context: ReadContext): Promise<JsonAnswer> =>
    requireAccount(connectionId, await client.json({ ...request, accept: [...accept, 402] }, context))
  return {
    connectionId,
    credential,
    tokenForms: new Map(),
    takesOurTokens: new Set(),
    one: (path, query, accept, context) => ask({ path, query, accept }, context),
    list: async ({ what, path, query, token, mayBeClosed, isDivisible = false }, context) => {
      const paging: Query = token === null ? [] : [['page_token', token]]
      const accept = [...(mayBeClosed ? refusals : []), ...(token === null ? [] : [400])]
      const answer = await ask({ path, query: [...query, ...paging], accept, isDivisible }, context)
      if (answer.status === 400 && token !== null)
        throw new TokenRefused(`${what}: VoIPBIN refuses a page token (400: ${explainError(answer.body) ?? noWord})`)
      if (answer.status >= 400) refuseList(what, answer, open.has(path))
      const page = readList(answer, what)
      if (isCollection(path)) open.add(path)
      return page
    },
    file: async (recordingId, context) => {
      const path = `/recordingfiles/${encodedId(recordingId)}`
      const timeoutMs = Math.max(settings.timeout, fileTimeoutMs)
      return ask({ path, accept: [301, 302, 303, 307, 308, ...refusals], timeoutMs }, context)
    },
    requests: () => client.requests(),
    noticeOnce: createNoticeOnce(),
  }
}
