import type { FollowUp } from '../domain/batch.ts'
import type { Waiting } from '../domain/flattened.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { Due } from './record-place.ts'

const minute = 60_000_000
const hour = 60 * minute

/** From one attempt to the next, by how many there were: two minutes, doubling, six hours at the most. */
const backoff = (attempts: number): number => Math.min(2 * minute * 2 ** attempts, 6 * hour)

/** How long a record is asked for that the source has and will not show. */
export const unavailableFor = 7 * 24 * hour

/** What it takes to wait: which record, for what, and how often it was read again already. */
export type Waited = Pick<FollowUp, 'recordId' | 'parentId' | 'kind' | 'attempts'> & { readonly waiting: Waiting }

/** For what, and until when. */
export type Waits = Pick<Waited, 'kind' | 'waiting'>

/** A record without a time of its own is given a new end of waiting at each look: the first one counts. */
export const untilDue = ({ kind, waiting }: Waits, due: Due | null): Waits =>
  due === null || due.kind !== kind || due.reason !== waiting.reason
    ? { kind, waiting }
    : { kind, waiting: { ...waiting, giveUpAt: Math.min(waiting.giveUpAt, due.giveUpAt) } }

/** The last attempt is made when waiting ends, not up to six hours later. */
export const followUpOf = ({ waiting, ...record }: Waited, now: EpochMicros): FollowUp => {
  const next = Math.max(waiting.notBefore ?? now, now + backoff(record.attempts))
  return {
    ...record,
    reason: waiting.reason,
    nextAttemptAt: Math.max(now, Math.min(next, waiting.giveUpAt)),
    giveUpAt: waiting.giveUpAt,
    gaveUpAt: null,
  }
}

/** Waiting has ended without success. */
export const gaveUpOn = (waited: Waited, now: EpochMicros): FollowUp => ({
  ...followUpOf(waited, now),
  nextAttemptAt: now,
  gaveUpAt: now,
})
