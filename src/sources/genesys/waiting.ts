import type { Waiting } from '../../domain/flattened.ts'
import type { EpochMicros } from '../../domain/instant.ts'

const minute = 60_000_000
const hour = 60 * minute
const day = 24 * hour

/** Recordings appear some time after a conversation has ended: until then none is no answer. */
const recordingsDelay = 2 * hour

const stateGiveUp = 7 * day

/** `end`: of the conversation. */
export const waitForRecordings = (end: EpochMicros): Waiting => ({
  reason: 'no-recordings-yet',
  notBefore: null,
  giveUpAt: end + recordingsDelay,
})

export const waitForUpload = (end: EpochMicros): Waiting => ({
  reason: 'recording-uploading',
  notBefore: null,
  giveUpAt: end + stateGiveUp,
})

/** From the archive. */
export const waitForRestoring = (end: EpochMicros): Waiting => ({
  reason: 'recording-restoring',
  notBefore: null,
  giveUpAt: end + stateGiveUp,
})

/** Days after the stated date on which it is asked whether the recording is gone; the last ends the waiting. */
const deletionDays = [1, 2, 4, 8, 16, 32] as const

/** Null when the date has passed so long ago that waiting is over. */
export const waitForDeletion = (deleteDate: EpochMicros, readAt: EpochMicros): Waiting | null => {
  const next = deletionDays.map((days) => deleteDate + days * day).find((at) => at > readAt)
  if (next === undefined) return null
  return { reason: 'deletion-due', notBefore: next, giveUpAt: deleteDate + 32 * day }
}

/**
 * What comes next: reading a conversation again shows all of it, and then what is still waited for. When nothing is, the
 * waiting that ended last: that it ended without success is noted.
 */
export const nextWait = (waits: readonly (Waiting | null)[], readAt: EpochMicros): Waiting | null => {
  const stated = waits.filter((wait) => wait !== null)
  const open = stated.filter(({ giveUpAt }) => giveUpAt > readAt)
  const dueAt = ({ notBefore }: Waiting) => notBefore ?? readAt
  const [next] = open.toSorted((a, b) => dueAt(a) - dueAt(b))
  return next ?? stated.toSorted((a, b) => b.giveUpAt - a.giveUpAt)[0] ?? null
}
