import type { EpochMicros } from './instant.ts'
import type { RecordingRow } from './recording-row.ts'

/** Why a record cannot become a row: a value, not an exception. */
export interface RejectReason {
  /** Machine-readable, kebab-case, stable: `missing-id`, `time-in-dst-gap`. Operators count and filter by it. */
  readonly code: string
  /** Where in the record: a column name, a dotted JSON path; null when it is the record as a whole. */
  readonly path: string | null
  /** For the operator: what was found and what is allowed. Shows at most a short excerpt of the value. */
  readonly detail: string
}

/**
 * What flatten makes of one record. `notes` count what was accepted but is worth knowing, by kebab-case code
 * (`time-in-dst-overlap`, `signed-link-dropped`); they are added to the run's tallies.
 */
export type Flattened =
  | {
      readonly kind: 'rows'
      readonly rows: readonly RecordingRow[]
      readonly notes: readonly string[]
      /** A row whose join is still open. Absent: nothing is waited for. */
      readonly followUp?: Waiting
    }
  | {
      readonly kind: 'reject'
      /** Null when the record's id could not be read. */
      readonly recordId: string | null
      /** The version that the record states; absent when it states none that could be read. */
      readonly version?: number | null
      readonly reason: RejectReason
    }
  | { readonly kind: 'skip'; readonly recordId?: string; readonly code: string }
  /** No row yet (in progress, transcoding). Never when the context says that waiting has ended (`final`). */
  | { readonly kind: 'pending'; readonly recordId: string; readonly waiting: Waiting }

/** What is waited for, and how long. */
export interface Waiting {
  /** Kebab-case: `status-processing`, `transcript-in-progress`. */
  readonly reason: string
  /** Asking again before it is useless; null = at any time. */
  readonly notBefore: EpochMicros | null
  /** From then on what is there is all there will be. */
  readonly giveUpAt: EpochMicros
}

export const reject = (
  recordId: string | null,
  code: string,
  path: string | null,
  detail: string,
): Flattened & { readonly kind: 'reject' } => ({ kind: 'reject', recordId, reason: { code, path, detail } })
