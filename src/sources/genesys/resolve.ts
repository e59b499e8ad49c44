import { setTimeout as sleep } from 'node:timers/promises'
import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { isJsonObject } from '../../transform/json-object.ts'
import { encodedId } from '../../transform/path-segment.ts'
import { retryLimits } from '../http/retry-limits.ts'
import type { PlayableLink, ReadContext, RowRef } from '../source.ts'
import { memberOf, textAt } from './answer.ts'
import type { GenesysApi } from './api.ts'
import { stateOf } from './recording.ts'
import type { GenesysSettings } from './settings.ts'

const mediaTypes: Readonly<Record<GenesysSettings['recording_format'], string | null>> = {
  WAV: 'audio/wav',
  WAV_ULAW: 'audio/wav',
  WEBM: 'audio/webm',
  OGG_VORBIS: 'audio/ogg',
  OGG_OPUS: 'audio/ogg',
  MP3: 'audio/mpeg',
  NONE: null,
}

/** Between questions while it is transcoded, in first delays of a retry: 5 s to 1 min, as working code has them. */
const pauses = [10, 10, 20, 30, 60, 60, 120]

/** Both speakers in one, else the first channel: which channel is whose is not said. */
const linkIn = (body: unknown): string | null => {
  const uris = memberOf(body, 'mediaUris')
  if (!isJsonObject(uris)) return null
  const [first] = ['S', ...Object.keys(uris).sort()].flatMap((key) => textAt(memberOf(uris, key), 'mediaUri') ?? [])
  return first !== undefined && URL.canParse(first) ? first : null
}

const readIssued = compileInstantReader({ format: "yyyyMMdd'T'HHmmss'Z'", zone: 'UTC' })

/** Null when the link does not say. */
const expiryOf = (url: string, askedAt: EpochMicros): EpochMicros | null => {
  const { searchParams } = new URL(url)
  const issued = readIssued(searchParams.get('X-Amz-Date') ?? '')
  const seconds = Number(searchParams.get('X-Amz-Expires') ?? Number.NaN)
  if (!Number.isSafeInteger(seconds)) return null
  return (issued.kind === 'value' ? issued.value : askedAt) + seconds * 1_000_000
}

/** A fresh link. It leads to another host, and is fetched without the token. Throws SourceProtocolError when there is none. */
export const resolveRecording = async (
  api: GenesysApi,
  format: GenesysSettings['recording_format'],
  { recordId, messageId }: RowRef,
  context: ReadContext,
): Promise<PlayableLink> => {
  const what = `connection ${api.connectionId}: recording ${messageId} of conversation ${recordId}`
  const path = `/api/v2/conversations/${encodedId(recordId)}/recordings/${encodedId(messageId)}`
  const request = { path, query: [['formatId', format] as const], accept: [403, 404] }
  const { firstDelayMs } = retryLimits(api.place.retry)
  for (const pause of [...pauses, null]) {
    const answer = await api.askRecordings(request, context)
    if (answer.status === 404) throw new SourceProtocolError(`${what}: Genesys Cloud has no such recording`)
    if (answer.status === 403) throw new SourceProtocolError(`${what} is not open to client_secret (403)`)
    const url = answer.status === 202 ? null : linkIn(answer.body)
    if (url !== null) return { url, expiresAt: expiryOf(url, answer.askedAt), mediaType: mediaTypes[format] }
    if (answer.status !== 202) {
      const state = isJsonObject(answer.body) ? stateOf(answer.body).toLowerCase() : ''
      throw new SourceProtocolError(
        `${what}: Genesys Cloud makes no link to its audio; it is ${state || 'without media'}`,
      )
    }
    if (pause === null) break
    await sleep(pause * firstDelayMs, undefined, { signal: context.signal }).catch(() =>
      context.signal.throwIfAborted(),
    )
  }
  throw new SourceProtocolError(`${what}: Genesys Cloud is still transcoding it; ask again in some minutes`)
}
