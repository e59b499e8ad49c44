import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileTextMember } from '../../transform/member.ts'
import { createHttpClient } from '../http/http-client.ts'
import type { ReadContext } from '../source.ts'
import { listAt, textAt } from './answer.ts'
import { recordingId } from './envelope.ts'
import type { Fetching } from './fetch.ts'

const sessionOf = compileTextMember('sessionId')
const mediaOf = compileTextMember('media')

const closed =
  'Genesys Cloud does not let this client read transcripts, so texts stay as they are; give it speechAndTextAnalytics:data:view, or set transcripts: false'

/** The signed link leads to another host, which gets no credentials. */
const download = async ({ api, settings }: Fetching, link: string, context: ReadContext): Promise<unknown> => {
  const url = new URL(link)
  const client = createHttpClient({
    connectionId: api.connectionId,
    vendor: 'Genesys Cloud (transcripts)',
    baseUrl: new URL(url.origin),
    authorize: async () => ({}),
    credential: 'the signed link',
    requestsPerSecond: 1000,
    timeoutMs: settings.timeout,
    maxResponseBytes: settings.max_response_bytes,
  })
  const answer = await client.json({ path: url.pathname, query: [...url.searchParams], accept: [403, 404] }, context)
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

/** Texts by recording; null = Genesys Cloud has none. One that could not be had is left out. Undefined when they are not open to this client. */
export const askTranscripts = async (
  fetching: Fetching,
  conversation: string,
  recordings: readonly JsonObject[],
  context: ReadContext,
): Promise<JsonObject | undefined> => {
  const texts: Record<string, string | null> = {}
  for (const recording of recordings.filter((each) => mediaOf(each, []) === 'audio')) {
    const [id, session] = [recordingId(recording, []) ?? null, sessionOf(recording, []) ?? null]
    if (id === null || session === null) continue
    const path = `/api/v2/speechandtextanalytics/conversations/${conversation}/communications/${encodeURIComponent(session)}/transcripturl`
    const { status, body } = await fetching.api.ask({ path, accept: [403, 404] }, context)
    if (status === 403) {
      fetching.api.noticeOnce(closed, context)
      return undefined
    }
    const link = textAt(body, 'url')
    if (status === 404 || link === null || !URL.canParse(link)) texts[id] = null
    else {
      const transcript = await download(fetching, link, context)
      if (isJsonObject(transcript)) texts[id] = textOf(transcript)
    }
  }
  return texts
}
