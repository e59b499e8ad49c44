import { isLoopback, isSafeBaseUrl } from '../../domain/base-url.ts'
import { SourceProtocolError } from '../../domain/errors.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { encodedId } from '../../transform/path-segment.ts'
import { EndpointClosed, unlessClosed } from '../endpoint-closed.ts'
import { connectionHttp } from '../http/connection-http.ts'
import { createHttpClient } from '../http/http-client.ts'
import { linkProblem } from '../http/safe-link.ts'
import type { ReadContext } from '../source.ts'
import { listAt, textAt } from './answer.ts'
import { baseUrlOf } from './api.ts'
import { recordingId } from './envelope.ts'
import type { Fetching } from './fetch.ts'
import { mediumOf, sessionIdOf } from './recording.ts'

const closed =
  'Genesys Cloud does not let this client read transcripts, so texts stay as they are; give it speechAndTextAnalytics:data:view, or set transcripts: false'

/** Null for what is no address that a transcript may be read from. Throws SourceProtocolError for one that must not be. */
const linkIn = ({ settings }: Fetching, body: unknown): URL | null => {
  const link = textAt(body, 'url')
  if (link === null) return null
  const problem = linkProblem(link, { baseUrl: baseUrlOf(settings), internal: settings.internal_links })
  if (problem !== null) throw new SourceProtocolError(`the link to it ${problem}`)
  const url = new URL(link)
  return !url.pathname.startsWith('//') && isSafeBaseUrl(new URL(url.origin)) ? url : null
}

/** The signed link leads to another host, which gets no credentials, and must not be one of the operator's own network. */
const download = async ({ api, settings }: Fetching, url: URL, context: ReadContext): Promise<unknown> => {
  const client = createHttpClient({
    ...connectionHttp(settings, api.place),
    vendor: 'Genesys Cloud (transcripts)',
    baseUrl: new URL(url.origin),
    authorize: async () => ({}),
    credential: 'the signed link',
    requestsPerSecond: 1000,
    publicOnly: !settings.internal_links && !isLoopback(baseUrlOf(settings).hostname),
  })
  const answer = await client.json(
    { path: url.pathname, query: [...url.searchParams], accept: [401, 403, 404] },
    context,
  )
  return answer.status < 400 ? answer.body : undefined
}

const speakers: Readonly<Record<string, string>> = { internal: 'Agent', external: 'Customer' }

const lineOf = (phrase: JsonObject): string | null => {
  const text = textAt(phrase, 'text')
  const speaker = speakers[textAt(phrase, 'participantPurpose') ?? '']
  return text === null || speaker === undefined ? text : `${speaker}: ${text}`
}

/** Phrases in the order in which they stand, one a line. */
const textOf = (transcript: unknown): string =>
  listAt(transcript, 'transcripts')
    .flatMap((part) => listAt(part, 'phrases'))
    .flatMap((phrase) => lineOf(phrase) ?? [])
    .join('\n')

/** Undefined for one that there is not, or not any more: what is stored stays. */
const textAtPath = async (fetching: Fetching, path: string, context: ReadContext): Promise<string | undefined> => {
  const { status, body } = await fetching.api.ask({ path, accept: [403, 404] }, context)
  if (status === 403) throw new EndpointClosed(path, status)
  const url = status === 404 ? null : linkIn(fetching, body)
  const transcript = url === null ? undefined : await download(fetching, url, context)
  return isJsonObject(transcript) ? textOf(transcript) : undefined
}

/** A transcript that makes no sense costs its text, not the recording. */
const unlessSenseless = async <T>(
  { noticeOnce }: Fetching['api'],
  context: ReadContext,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SourceProtocolError)) throw error
    noticeOnce(`a transcript cannot be read, so its text stays as it is: ${error.message}`, context)
    return undefined
  }
}

const textsOf = async (
  fetching: Fetching,
  conversation: string,
  recordings: readonly JsonObject[],
  context: ReadContext,
): Promise<JsonObject> => {
  const texts = new Map<string, string>()
  for (const recording of recordings.filter((each) => mediumOf(each) === 'audio')) {
    const [id, session] = [recordingId(recording, []) ?? null, sessionIdOf(recording, []) ?? null]
    if (id === null || session === null) continue
    const path = `/api/v2/speechandtextanalytics/conversations/${conversation}/communications/${encodedId(session)}/transcripturl`
    const text = await unlessSenseless(fetching.api, context, () => textAtPath(fetching, path, context))
    if (text !== undefined) texts.set(id, text)
  }
  return Object.fromEntries(texts)
}

/** Texts by recording, of those that have one. Undefined when they are not open to this client. */
export const askTranscripts = (
  fetching: Fetching,
  conversation: string,
  recordings: readonly JsonObject[],
  context: ReadContext,
): Promise<JsonObject | undefined> =>
  unlessClosed(fetching.api, closed, context, () => textsOf(fetching, conversation, recordings, context))
