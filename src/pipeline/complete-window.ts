import type { EpochMicros } from '../domain/instant.ts'
import type { Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import { BatchWriter } from './batch-writer.ts'
import type { Listings } from './listings.ts'
import { readWindow } from './read-window.ts'
import { findVanished } from './vanished.ts'
import { windowText } from './window-failure.ts'
import type { WindowReading } from './window-reading.ts'

export interface Completing {
  readonly windowKey: number
  readonly window: Window
  /** Of the axis that the window lies on. */
  readonly listings: Listings
  /** The window that comes next, as far as it is known. */
  readonly following: Window | null
  /** Re-reads that are complete with this window, and when they began. */
  readonly rereads: Readonly<Record<string, EpochMicros>>
  /** After every batch. */
  committed(): Promise<void>
}

/**
 * Reads a window and marks it complete; returns what is covered by that. Throws WindowTooLarge when it must be halved, and
 * the reason of the signal when the run is stopped.
 */
export const completeWindow = async (reading: WindowReading, completing: Completing): Promise<Window> => {
  const { connectionId, stream, loader, run, reached, reporter } = reading
  const { windowKey, window, rereads, listings, following } = completing
  const writer = new BatchWriter(reading, () => completing.committed())
  const { counts, total, servedAt, isPresent } = await readWindow(reading, listings.pages(window, following), writer)
  const read = { from: window.from, to: provenEnd(window, servedAt, stream.settlingDelay) }
  if (stream.proof !== 'best-effort' && read.from < read.to) await findVanished(reading, read, isPresent, writer)
  reading.context.signal.throwIfAborted()
  await reached('window-read')
  const { axis } = stream
  const proof = stream.proof === 'total' && total === null ? 'walk' : stream.proof
  const isBehind = window.to - read.to > tolerable
  if (isBehind) {
    const told = `the clock of the source is behind: ${windowText(window)} is read until ${formatInstant(read.to)} only`
    reporter.warn(told, { connection: connectionId })
  }
  await loader.completeWindow(run, windowKey, {
    axis,
    read,
    proof,
    sourceTotal: total,
    counts,
    rereads: isBehind ? {} : rereads,
    grows: true,
  })
  return read
}

/** Microseconds by which the clock of a source may be behind ours without a word. */
const tolerable = 300_000_000

/** Where the vendor's clock is behind ours, it has not settled what lies before our end of the window. */
const provenEnd = (window: Window, servedAt: EpochMicros | null, settlingDelay: number): EpochMicros =>
  servedAt === null ? window.to : Math.max(window.from, Math.min(window.to, Math.floor(servedAt - settlingDelay)))
