import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import type { ReadContext, WindowStream } from '../sources/source.ts'
import { formatInstant } from '../transform/instant.ts'

/** Since when the source keeps records; it has kept none of older time. */
export const keptSince = ({ retention }: Pick<WindowStream, 'retention'>, now: EpochMicros): EpochMicros =>
  retention === undefined ? Number.NEGATIVE_INFINITY : Math.floor(now - retention)

/** A source that keeps records for a time only may forget them that much sooner. */
const forgetting = 24 * 3_600_000_000

/** Since when a record that the source does not show was deleted, and not forgotten; null = whenever it was made. */
export const provesSince = (stream: Pick<WindowStream, 'retention'>, now: EpochMicros): EpochMicros | null =>
  stream.retention === undefined ? null : keptSince(stream, now) + forgetting

/** Where the stream begins now: its start, or later where the source keeps nothing so old. */
export const startOf = (stream: Pick<WindowStream, 'start' | 'retention'>, now: EpochMicros): EpochMicros =>
  Math.max(stream.start, keptSince(stream, now))

export interface Retained {
  readonly stream: Pick<WindowStream, 'retention'>
  readonly context: Pick<ReadContext, 'notice'>
  readonly now: () => EpochMicros
}

/** What of a range can still be read; tells the operator when that is not all of it. */
export const retained = ({ stream, context, now }: Retained, range: Window): Window => {
  const since = keptSince(stream, now())
  if (range.from >= since) return range
  const kept = { from: Math.min(since, range.to), to: range.to }
  context.notice?.(
    `the source keeps records since ${formatInstant(since)} only: ${formatInstant(range.from)} to ` +
      `${formatInstant(kept.from)} cannot be read any more`,
  )
  return kept
}
