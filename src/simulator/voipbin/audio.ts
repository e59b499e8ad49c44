import { createHmac } from 'node:crypto'
import type { EpochMicros } from '../../domain/instant.ts'
import { microsPerSecond } from '../../transform/calendar.ts'
import { formatInstant } from '../../transform/instant.ts'
import { type Answer, answerOf } from '../answer.ts'
import { instantOf } from '../written-instant.ts'
import { Refused } from './answer.ts'
import type { Served } from './endpoints.ts'
import type { VoipbinRecording } from './resources.ts'

const secondsToLive = 86_400

/** Files are stored so long after the recording has ended (trap 13). */
const storedAfter = 60 * microsPerSecond

const signatureOf = (unsigned: string): string =>
  createHmac('sha256', 'simulated storage').update(unsigned).digest('hex')

const compact = (now: EpochMicros): string => `${formatInstant(now).slice(0, 19).replaceAll(/[-:]/g, '')}Z`

const signed = (storageUrl: string, path: string, now: EpochMicros): string => {
  const date = compact(now)
  const unsigned = `${path}?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=simulated%2F${date.slice(0, 8)}&X-Goog-Date=${date}&X-Goog-Expires=${secondsToLive}&X-Goog-SignedHeaders=host`
  return `${storageUrl}${unsigned}&X-Goog-Signature=${signatureOf(unsigned)}`
}

/** 307 to storage, with a page of HTML beside it as Go writes one. */
export const audioAnswer = ({ account, storageUrl, traps }: Served, recording: VoipbinRecording): Answer => {
  const { tm_end } = recording
  const end = typeof tm_end === 'number' ? tm_end : instantOf(tm_end)
  const isEarly = end === null || account.now() < end + storedAfter
  if (isEarly && traps.earlyAudio === 'refused') throw new Refused(404)
  const name = isEarly ? 'without-audio.zip' : `recording.${traps.audio}`
  const location = signed(storageUrl, `/voipbin-sim/tmp/${recording.id}/${name}`, account.now())
  return answerOf(307, `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n`, {
    'content-type': 'text/html; charset=utf-8',
    location,
  })
}

const issuedAt = (target: string): EpochMicros | null => {
  const [, year, month, day, hour, minute, second] =
    /[?&]X-Goog-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z&/.exec(target) ?? []
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

/** What the storage host answers: it refuses all credentials but its own. `target` is path and query as they were sent. */
export const storageAnswer = (target: string, hasCredentials: boolean, now: EpochMicros): Answer => {
  const [unsigned = '', signature] = target.split('&X-Goog-Signature=')
  const issued = issuedAt(target)
  const isValid =
    issued !== null && signature === signatureOf(unsigned) && now <= issued + secondsToLive * microsPerSecond
  if (hasCredentials || !isValid)
    return answerOf(hasCredentials ? 400 : 403, '<?xml version="1.0"?><Error/>', { 'content-type': 'application/xml' })
  const body = unsigned.includes('.wav?') ? 'RIFF\u0024\u0000\u0000\u0000WAVEfmt ' : 'PK\u0003\u0004simulated'
  // Neither the name nor the type is to be trusted (trap 13).
  return answerOf(200, body, { 'content-type': 'application/octet-stream' })
}
