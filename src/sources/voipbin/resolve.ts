import { SourceProtocolError } from '../../domain/errors.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import { compileInstantReader } from '../../transform/instant.ts'
import type { PlayableLink, ReadContext } from '../source.ts'
import { explainError } from './answer.ts'
import { pathOf, type VoipbinApi } from './api.ts'

const readIssued = compileInstantReader({ format: "yyyyMMdd'T'HHmmss'Z'", zone: 'UTC' })

/** How long links of VoIPBIN live that do not say it. */
const usualLife = 24 * 3_600_000_000

/** Google signs in two ways: `X-Goog-Date` + `X-Goog-Expires` seconds, or `Expires` in seconds since 1970. */
const expiryOf = ({ searchParams }: URL, askedAt: EpochMicros): EpochMicros => {
  const issued = readIssued(searchParams.get('X-Goog-Date') ?? '')
  const seconds = Number(searchParams.get('X-Goog-Expires') ?? Number.NaN)
  if (issued.kind === 'value' && Number.isSafeInteger(seconds)) return issued.value + seconds * 1_000_000
  const until = Number(searchParams.get('Expires') ?? Number.NaN)
  return Number.isSafeInteger(until) ? until * 1_000_000 : askedAt + usualLife
}

/** Null for what is no web address. */
const linkIn = (location: string | null): URL | null => {
  const url = location !== null && URL.canParse(location) ? new URL(location) : null
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : null
}

const notThere =
  'VoIPBIN has no audio of it: it is stored about two minutes after the recording has ended, and kept for 30 days by default'

/**
 * A fresh link, which is not followed: it leads to another host, and is fetched without the credentials. What lies there may be
 * a WAV file or a zip of two. Throws SourceProtocolError when there is none.
 */
export const resolveRecording = async (
  api: VoipbinApi,
  recordId: string,
  context: ReadContext,
): Promise<PlayableLink> => {
  const what = `connection ${api.connectionId}: recording ${recordId}`
  if (pathOf('recordingfiles', recordId) === null)
    throw new SourceProtocolError(`${what}: no address can be made of its id`)
  const answer = await api.file(recordId, context)
  const { status, headers, body, askedAt } = answer
  if (status === 403) throw new SourceProtocolError(`${what} is not open to ${api.credential} (403)`)
  if (status >= 400)
    throw new SourceProtocolError(`${what}: ${notThere} (${status}: ${explainError(body) ?? 'no reason given'})`)
  const link = linkIn(headers.get('Location'))
  if (link === null) throw new SourceProtocolError(`${what}: the answer (${status}) leads to no web address`)
  return { url: link.href, expiresAt: expiryOf(link, askedAt), mediaType: null }
}
