import type { MappedColumns } from './recording-row.ts'

/** A stored row, as far as mapping it again goes. */
export interface StoredRow extends MappedColumns {
  readonly message_id: string
  readonly portfolio_id: string | null
  readonly last_changed_at: string
}

/** The portfolio that a stored row is to get. */
export interface Placement {
  readonly messageId: string
  readonly after: string | null
  /** `last_changed_at` of the row that was mapped: one that another run changed meanwhile is left to that run. */
  readonly lastChangedAt: string
}
