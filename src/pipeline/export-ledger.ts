import type { DeletedRow, Due, DueRow, ExportFile, ExportRequest, ExportSettings } from '../domain/export.ts'
import type { EpochMicros } from '../domain/instant.ts'

export interface DueRequest {
  readonly request: ExportRequest
  readonly settings: Pick<ExportSettings, 'require' | 'defaultPortfolioId' | 'settlingDelayMs'>
  /** Rows that were sent by an export before this one are sent again; null = all; 0 = none. */
  readonly resendBefore: number | null
}

/** What an export needs of the warehouse. `load/` satisfies it; cli wires them. */
export interface ExportLedger {
  /** Files that were begun and not finished, the oldest first. */
  unfinished(): Promise<readonly ExportFile[]>
  /** The first file of the same full or range delivery that was stopped before its end; null: there is none. */
  openDelivery(request: ExportRequest): Promise<number | null>
  /** For names. */
  changesDeliveredUntil(): Promise<EpochMicros | null>
  /** Notes what is due; from then on `dueRows` reads it. */
  findDue(due: DueRequest): Promise<Due>
  dueRows(due: DueRequest): AsyncIterable<readonly DueRow[]>
  /** Commits the file before any of it is written. */
  begin(beginning: {
    readonly request: ExportRequest
    readonly firstExportId: number | null
    readonly from: EpochMicros
    readonly to: EpochMicros
    readonly keyOf: (exportId: number) => string
  }): Promise<ExportFile>
  /** The same file once more: its rows are due again. */
  reopen(file: ExportFile): Promise<ExportFile>
  /** Gives the file up: its rows are due again. */
  abandon(file: ExportFile): Promise<void>
  /** Notes the rows of a file; until `record` they count as perhaps sent. */
  claim(file: ExportFile, places: readonly number[]): Promise<void>
  record(file: ExportFile, bytes: number, completes: boolean): Promise<void>
  deletedAfterSending(): Promise<{ readonly count: number; readonly rows: readonly DeletedRow[] }>
}
