import type { Waiting } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { Envelope } from './envelope.ts'
import { giveUpAt, statusOf } from './fields.ts'
import { createdAt, knownTime } from './times.ts'
import { isInProgress } from './transcribes.ts'

const day = 24 * 3_600_000_000

/** A recording that is no row yet. */
export const waitForStatus = ({ recording }: Envelope): Waiting => ({
  reason: `status-${statusOf(recording)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}`,
  notBefore: null,
  giveUpAt: giveUpAt(recording),
})

/** Each look for it may page through all conferences. */
const conferenceUntil = ({ recording }: Envelope): EpochMicros => giveUpAt(recording) - 5 * day

const transcriptUntil = ({ recording, transcribes }: Envelope): EpochMicros =>
  Math.max(giveUpAt(recording), ...(transcribes ?? []).map((one) => (knownTime(createdAt(one)) ?? 0) + 7 * day))

/** What a row still waits for. Reading a recording again brings all of it, so the longest wait stands for the others. */
export const rowWaitsFor = (envelope: Envelope): Waiting | null => {
  const { recording, call, conference, transcribes, transcript } = envelope
  const waits = [
    call === null ? { reason: 'call-missing', notBefore: null, giveUpAt: giveUpAt(recording) } : null,
    conference === null ? { reason: 'conference-missing', notBefore: null, giveUpAt: conferenceUntil(envelope) } : null,
    isInProgress(transcribes ?? [])
      ? { reason: 'transcript-in-progress', notBefore: null, giveUpAt: transcriptUntil(envelope) }
      : null,
    transcript === null ? { reason: 'transcript-missing', notBefore: null, giveUpAt: transcriptUntil(envelope) } : null,
  ].filter((wait) => wait !== null)
  return waits.reduce<Waiting | null>(
    (longest, wait) => (longest === null || wait.giveUpAt > longest.giveUpAt ? wait : longest),
    null,
  )
}
