import type { ReadCounts } from './batch.ts'
import type { EpochMicros } from './instant.ts'

/** Half-open UTC interval [from, to) on the axis of a stream: the unit of reading, retrying, proving and checkpointing. */
export interface Window {
  readonly from: EpochMicros
  readonly to: EpochMicros
}

/** `sync` holds time that was never completely read; `reread` only time that was. */
export type WindowPurpose = 'sync' | 'reread' | 'backfill' | 'verify'

/** How completeness is shown: the source's exact total, a walk that ends by itself, or best effort with a later check. */
export type Proof = 'total' | 'walk' | 'best-effort'

/** A scheduled second look behind the cursor: what the vendor changes without telling shows only when it is read again. */
export interface Reread {
  readonly name: string
  /** Microseconds behind the end of what is read. */
  readonly depth: number
  /** Microseconds from the start of one to the next; null = every run. */
  readonly every: number | null
}

/** What of an axis is completely read, and when (our clock) each re-read was last begun that completed. */
export interface Coverage {
  /** Sorted, disjoint, not touching. */
  readonly covered: readonly Window[]
  readonly rereads: Readonly<Record<string, EpochMicros>>
}

/** How a window was completed. */
export interface WindowCompletion {
  readonly axis: string
  /** What was read: ends before the planned end when the vendor's clock is behind ours; from = to: nothing. */
  readonly read: Window
  readonly proof: Proof
  /** What the source said the window has; null = it does not say. */
  readonly sourceTotal: number | null
  /** Of the completing attempt. */
  readonly counts: ReadCounts
  /** Re-reads that are complete with this window, and when they began. */
  readonly rereads: Readonly<Record<string, EpochMicros>>
  /** False: it was looked at, not read (verify). */
  readonly grows: boolean
}

/** A window of a backfill, by its key in the ledger. */
export interface PlannedWindow {
  readonly windowKey: number
  readonly window: Window
}
