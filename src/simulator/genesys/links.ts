import type { IncomingMessage } from 'node:http'
import type { EpochMicros } from '../../domain/instant.ts'
import { formatInstant } from '../../transform/instant.ts'
import type { Answer } from '../answer.ts'
import { hashOf } from '../draw.ts'
import { instantOf } from '../written-instant.ts'
import { answerOf } from './answer.ts'

/** Signed links, each good for an hour. */
export interface Links {
  sign(path: string, now: EpochMicros): string
}

const life = 3600

const signatureOf = (path: string, date: string): string =>
  hashOf(`${path} ${date} invented`).toString(16).padStart(8, '0')

const compact = (at: EpochMicros): string => formatInstant(at - (at % 1_000_000)).replaceAll(/[-:]/g, '')

export const createLinks = (mediaUrl: string): Links => ({
  sign: (path, now) => {
    const date = compact(now)
    return `${mediaUrl}${path}?X-Amz-Date=${date}&X-Amz-Expires=${life}&X-Amz-Signature=${signatureOf(path, date)}`
  },
})

const instantIn = (date: string): EpochMicros =>
  instantOf(date.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z')) ?? 0

/** What a link leads to: it needs no credentials, and refuses them. `content`: of a path. */
export const mediaAnswer = (request: IncomingMessage, now: EpochMicros, content: (path: string) => string): Answer => {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const parameters = new URLSearchParams(query)
  const date = parameters.get('X-Amz-Date') ?? ''
  const plain = { 'content-type': 'application/octet-stream' }
  if (request.headers.authorization !== undefined) return answerOf(400, 'only one auth mechanism is allowed', plain)
  if (parameters.get('X-Amz-Signature') !== signatureOf(path, date)) return answerOf(403, 'not signed so', plain)
  if (now > instantIn(date) + life * 1_000_000) return answerOf(403, 'Request has expired', plain)
  return answerOf(200, content(path), plain)
}
