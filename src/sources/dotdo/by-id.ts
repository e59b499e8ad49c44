import { SourceProtocolError } from '../../domain/errors.ts'
import { pathSegment } from '../../transform/path-segment.ts'
import type { Fetched, PlayableLink, ReadContext } from '../source.ts'
import { isRefusal, readOne } from './answer.ts'
import type { DotdoApi } from './api.ts'
import { stubOf } from './stub.ts'
import { readTimestamp } from './times.ts'

/** Null for an id that no path can hold. */
const pathOf = ({ settings }: DotdoApi, id: string): string | null => {
  const segment = pathSegment(id)
  return segment === null ? null : `${settings.path}/${segment}`
}

/** The record of this id. A 404 proves that there is none only in the words of the API itself. */
export const retrieve = async (api: DotdoApi, recordId: string, context: ReadContext): Promise<Fetched> => {
  const path = pathOf(api, recordId)
  if (path === null) return { kind: 'unavailable', recordId, detail: 'no address can be made of its id' }
  const answer = await api.client.json({ path, accept: [403, 404] }, context)
  if (answer.status === 404 && isRefusal(answer.body)) return { kind: 'gone', recordId, readAt: answer.askedAt }
  if (answer.status >= 400) return { kind: 'unavailable', recordId, detail: `it is answered with ${answer.status}` }
  const what = `connection ${api.connectionId}: recording ${recordId}`
  const stub = stubOf(readOne(answer, what))
  if (stub.recordId !== recordId)
    throw new SourceProtocolError(`${what}: the answer is of ${stub.recordId ?? 'a record without id'}`)
  return { kind: 'record', stub: { ...stub, recordId }, readAt: answer.askedAt }
}

const mediaTypes: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
}

/** `generateSecureUrl`: a link that lives for a time. Throws SourceProtocolError when there is none. */
export const secureUrl = async (api: DotdoApi, recordId: string, context: ReadContext): Promise<PlayableLink> => {
  const what = `connection ${api.connectionId}: recording ${recordId}`
  const path = pathOf(api, recordId)
  if (path === null) throw new SourceProtocolError(`${what}: no address can be made of its id`)
  const request = { method: 'POST', path: `${path}/generateSecureUrl`, body: {}, accept: [403, 404] } as const
  const answer = await api.client.json(request, context)
  if (answer.status >= 400) throw new SourceProtocolError(`${what}: there is no link to it (${answer.status})`)
  const { url, expiresAt } = readOne(answer, what)
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new SourceProtocolError(`${what}: the answer has no web address in url`)
  const expiry = readTimestamp(String(expiresAt ?? 0))
  const extension = /\.([a-z0-9]+)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? ''
  return { url, expiresAt: expiry.kind === 'value' ? expiry.value : null, mediaType: mediaTypes[extension] ?? null }
}
