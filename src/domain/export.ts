import type { EpochMicros } from './instant.ts'
import type { TravtusField } from './recording-row.ts'
import type { Secret } from './secret.ts'
import type { Window } from './window.ts'

/** What is delivered: rows that changed since they were sent, all rows, or those of a range of created_at. */
export type ExportRequest = { readonly kind: 'changes' | 'full' } | { readonly kind: 'range'; readonly range: Window }

export type ExportFormat = 'csv' | 'json' | 'json.gz'

/** What becomes of a column: written, replaced by a keyed digest, or left empty. */
export type ColumnPolicy = 'keep' | 'hash' | 'drop'

/** How a row becomes cells. */
export interface ShapeSettings {
  readonly direction: 'lower' | 'title'
  /** Fields without which a row is withheld. */
  readonly require: readonly TravtusField[]
  readonly defaultPortfolioId: string | null
  readonly prefixMessageId: boolean
  readonly formulaCells: 'keep' | 'strip'
  readonly columns: Readonly<Partial<Record<TravtusField, ColumnPolicy>>>
  /** Null when no column is hashed. */
  readonly hashSecret: Secret | null
}

/** How cells become a file, and what it is called. */
export interface FileSettings {
  readonly format: ExportFormat
  readonly delimiter: string
  /** Folders below that of the deliveries, as Travtus expects them. */
  readonly keyPrefix: string
  /** Without extension; with `<from>`, `<to>` and `<export_id>`. */
  readonly fileName: string
  readonly rowsPerFile: number
}

export interface ExportSettings extends ShapeSettings, FileSettings {
  /** Milliseconds for which a row must have stayed as it is. */
  readonly settlingDelayMs: number
}

/** The Travtus fields of a row as text, as the view travtus_call_recordings has them. */
export type TravtusRow = Readonly<Record<TravtusField, string | null>>

/** A row that is to be sent. */
export interface DueRow extends TravtusRow {
  /** By which the ledger knows the row and its version, for this export. */
  readonly place: number
  readonly message_id: string
  readonly connectionId: string
}

/** How many rows are not sent, by why: `settling`, `processing`, `lacks portfolio_id`, `unusable message_id`. */
export type Withheld = Readonly<Record<string, number>>

/** What an export finds to send. */
export interface Due {
  /** Until when changes are settled. */
  readonly settled: EpochMicros
  /** created_at of the oldest row that is due; null when none is. */
  readonly oldest: EpochMicros | null
  readonly withheld: Withheld
}

/** One file of an export, as the ledger has it. */
export interface ExportFile {
  readonly exportId: number
  readonly attempt: number
  readonly request: ExportRequest
  /** The first file of its delivery. */
  readonly firstExportId: number
  readonly from: EpochMicros
  readonly to: EpochMicros
  readonly key: string
}

/** A row that was sent and is deleted since. */
export interface DeletedRow {
  readonly connection: string
  readonly message_id: string
  readonly export_id: number
}
