import type { Waiting } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'
import type { JsonObject } from '../../transform/json-object.ts'
import type { Envelope } from './envelope.ts'
import { hasLinks } from './links.ts'
import { transcriptCreatedAt, unfinishedTranscript } from './transcripts.ts'

const minute = 60_000_000
const day = 24 * 60 * minute

/** Call events come late: within it, nothing that they lack proves anything. */
export const callEventsDelay = 15 * minute

const statusGiveUp = 7 * day
const linksGiveUp = day
const transcriptGiveUp = 2 * day
const directionGiveUp = day

/** A recording that is no row yet. */
export const waitForStatus = (status: string, createdAt: EpochMicros): Waiting => ({
  reason: `status-${status.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)}`,
  notBefore: null,
  giveUpAt: createdAt + statusGiveUp,
})

const waitForLinks = (recording: JsonObject, createdAt: EpochMicros): Waiting | null =>
  hasLinks(recording) ? null : { reason: 'no-links', notBefore: null, giveUpAt: createdAt + linksGiveUp }

const waitForTranscript = (transcripts: Envelope['transcripts'], createdAt: EpochMicros): Waiting | null => {
  const unfinished = unfinishedTranscript(transcripts ?? [])
  if (unfinished === null) return null
  const begun = transcriptCreatedAt(unfinished) ?? createdAt
  return { reason: 'transcript-in-progress', notBefore: null, giveUpAt: begun + transcriptGiveUp }
}

const waitForCallEvents = (createdAt: EpochMicros): Waiting => ({
  reason: 'direction-unknown',
  notBefore: createdAt + callEventsDelay,
  giveUpAt: createdAt + directionGiveUp,
})

/**
 * What a row still waits for. Reading a recording again brings all of it, so the longest wait stands for the others.
 * `createdAt`: of the resource.
 */
export const rowWaitsFor = (envelope: Envelope, createdAt: EpochMicros, asksCallEvents: boolean): Waiting | null => {
  const waits = [
    waitForTranscript(envelope.transcripts, createdAt),
    waitForLinks(envelope.recording, createdAt),
    asksCallEvents && envelope.events === undefined ? waitForCallEvents(createdAt) : null,
  ].filter((wait) => wait !== null)
  return waits.reduce<Waiting | null>(
    (longest, wait) => (longest === null || wait.giveUpAt > longest.giveUpAt ? wait : longest),
    null,
  )
}
