import { SourceProtocolError } from '../../domain/errors.ts'
import type { JsonAnswer } from '../http/http-client.ts'
import type { PlayableLink, ReadContext } from '../source.ts'
import { pathOf, type VapiApi } from './api.ts'
import { linkExpiry } from './link-expiry.ts'

/** In the order in which they are wanted. */
const recordings = ['mono-recording', 'stereo-recording'] as const

const redirects: readonly number[] = [301, 302, 303, 307, 308]

const mediaTypes: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' }

const mediaTypeOf = ({ pathname }: URL): string | null =>
  mediaTypes[/\.([a-z0-9]+)$/i.exec(pathname)?.[1]?.toLowerCase() ?? ''] ?? null

/** Where the answer leads; it is followed by whoever asked, without the key. */
const linkIn = ({ headers }: JsonAnswer, what: string): PlayableLink => {
  const location = headers.get('Location') ?? ''
  const url = URL.canParse(location) ? new URL(location) : null
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new SourceProtocolError(`${what}: the answer leads to no web address`)
  return { url: url.href, expiresAt: linkExpiry(url), mediaType: mediaTypeOf(url) }
}

/** A fresh link, by the redirect of its recording. Throws SourceProtocolError when there is none. */
export const resolveCall = async (api: VapiApi, recordId: string, context: ReadContext): Promise<PlayableLink> => {
  const what = `connection ${api.connectionId}: the recording of call ${recordId}`
  const call = pathOf('call', recordId)
  for (const recording of call === null ? [] : recordings) {
    const request = { path: `${call}/${recording}`, accept: [...redirects, 403, 404] }
    const answer = await api.client.json(request, context)
    if (redirects.includes(answer.status)) return linkIn(answer, what)
    if (answer.status === 403) throw new SourceProtocolError(`${what} is not open to api_key (403)`)
    if (answer.status !== 404)
      throw new SourceProtocolError(`${what}: the answer is no redirect to a link (${answer.status}); report it`)
  }
  throw new SourceProtocolError(`${what}: Vapi has none; it may still be made, was never made, or is kept no longer`)
}
