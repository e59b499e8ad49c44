import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import { isJsonObject, type JsonObject } from '../../transform/json-object.ts'
import { compileMember } from '../../transform/member.ts'
import type { PlayableLink, ReadContext } from '../source.ts'
import { readOne } from './answer.ts'
import type { TelnyxApi } from './api.ts'
import { linkKind } from './links.ts'
import { pathOf } from './recording-path.ts'

const downloadUrls = compileMember('download_urls')

const mediaTypes = { mp3: 'audio/mpeg', wav: 'audio/wav' } as const

type Format = keyof typeof mediaTypes

const formats: readonly Format[] = ['mp3', 'wav']

interface Link {
  readonly url: string
  readonly format: Format
}

/** In the order in which formats are wanted. */
const linksOf = (recording: JsonObject): readonly Link[] => {
  const urls = downloadUrls(recording)
  if (!isJsonObject(urls)) return []
  return formats.flatMap((format) => {
    const url = Object.hasOwn(urls, format) ? urls[format] : undefined
    return typeof url === 'string' && url !== '' ? [{ url, format }] : []
  })
}

const readIssued = compileInstantReader({ format: "yyyyMMdd'T'HHmmss'Z'", zone: 'UTC' })

/** `X-Amz-Date` + `X-Amz-Expires` seconds; null when the link does not say. */
const expiryOf = (url: string): EpochMicros | null => {
  const { searchParams } = new URL(url)
  const issued = readIssued(searchParams.get('X-Amz-Date') ?? '')
  const seconds = Number(searchParams.get('X-Amz-Expires') ?? Number.NaN)
  return issued.kind === 'value' && Number.isSafeInteger(seconds) ? issued.value + seconds * 1_000_000 : null
}

const missing = (links: readonly Link[]): string =>
  links.length === 0
    ? 'Telnyx has no link to its audio; it may still be processed, or the audio was deleted'
    : "its audio lies in own storage: the customer's own, for which Telnyx makes no link; fetch it there"

/** A fresh link. It leads to another host, and is fetched without the key. Throws SourceProtocolError when there is none. */
export const resolveRecording = async (
  api: TelnyxApi,
  recordId: string,
  context: ReadContext,
): Promise<PlayableLink> => {
  const what = `connection ${api.connectionId}: recording ${recordId}`
  const path = pathOf(recordId)
  const answer = path === null ? null : await api.one(path, [403, 404], context)
  if (answer === null || answer.status === 404)
    throw new SourceProtocolError(`${what} is gone: Telnyx has no such recording`)
  if (answer.status === 403) throw new SourceProtocolError(`${what} is not open to api_key (403)`)
  const links = linksOf(readOne(answer, what))
  const playable = links.find(({ url }) => linkKind(url) === 'link' && URL.canParse(url))
  if (playable === undefined) throw new SourceProtocolError(`${what}: ${missing(links)}`)
  return { url: playable.url, expiresAt: expiryOf(playable.url), mediaType: mediaTypes[playable.format] }
}
