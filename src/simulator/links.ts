import { createHmac } from 'node:crypto'
import type { EpochMicros } from '../domain/instant.ts'
import { microsPerSecond } from '../transform/calendar.ts'
import { formatInstant } from '../transform/instant.ts'
import { instantOf } from './written-instant.ts'

/** Links to the storage host, signed as S3 presigns them. */
export interface Links {
  /** Never the same twice, not even within one second: what stores or compares links is found out. */
  issue(path: string, now: EpochMicros): string
}

const secondsToLive = 600

const signatureOf = (unsigned: string): string =>
  createHmac('sha256', 'simulated storage').update(unsigned).digest('hex')

const compact = (now: EpochMicros): string => `${formatInstant(now).slice(0, 19).replaceAll(/[-:]/g, '')}Z`

export const createLinks = (storageUrl: string): Links => {
  let issued = 0
  return {
    issue: (path, now) => {
      issued += 1
      const date = compact(now)
      const credential = `SIMULATED${issued}%2F${date.slice(0, 8)}%2Fus-east-1%2Fs3%2Faws4_request`
      const unsigned = `${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${date}&X-Amz-Expires=${secondsToLive}&X-Amz-SignedHeaders=host`
      return `${storageUrl}${unsigned}&X-Amz-Signature=${signatureOf(unsigned)}`
    },
  }
}

/** `20260714T151000Z` */
const compactDate = /[?&]X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z&/

const issuedAt = (target: string): EpochMicros | null => {
  const [, year, month, day, hour, minute, second] = compactDate.exec(target) ?? []
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

/** Why the storage host refuses a link, as S3 names it; null = it plays. */
export const linkProblem = (target: string, now: EpochMicros): 'SignatureDoesNotMatch' | 'AccessDenied' | null => {
  const [unsigned = '', signature] = target.split('&X-Amz-Signature=')
  const issued = issuedAt(target)
  if (issued === null || signature !== signatureOf(unsigned)) return 'SignatureDoesNotMatch'
  return now > issued + secondsToLive * microsPerSecond ? 'AccessDenied' : null
}
