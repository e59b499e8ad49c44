import type { ColumnType, Generated } from 'kysely'
import type { PayloadKind } from '../domain/batch.ts'
import type { RunCommand, RunState } from '../domain/run.ts'

/** bigint columns are read as numbers (see session.ts): keys, counts and microseconds all stay below 2^53. */
type Timestamp = ColumnType<string, string | undefined, string>

export interface ConnectionsTable {
  connection_key: Generated<number>
  connection_id: string
  source: string
  account_fingerprint: string | null
  first_seen_at: Timestamp
}

export interface RunsTable {
  run_id: Generated<number>
  invocation_id: string
  connection_key: number
  stream: string
  command: RunCommand
  state: Generated<RunState>
  started_at: Timestamp
  finished_at: ColumnType<string | null, string | undefined, string | null>
  listed: Generated<number>
  flattened: Generated<number>
  rejected: Generated<number>
  skipped: Generated<number>
  pending: Generated<number>
  rows: Generated<number>
  inserted: Generated<number>
  updated: Generated<number>
  unchanged: Generated<number>
  stale: Generated<number>
  duplicate: Generated<number>
  tallies: ColumnType<Record<string, number>, string | undefined, string>
  error: ColumnType<string | null, string | undefined, string | null>
}

export interface RejectedRecordsTable {
  connection_key: number
  stream: string
  reject_key: string
  code: string
  path: string | null
  detail: string
  version: number | null
  ordinal: number
  payload_kind: PayloadKind
  payload: string | null
  content_hash: string | null
  file_ordinal: number | null
  file_name: string | null
  line: number | null
  first_seen_at: Timestamp
  last_changed_at: Timestamp
  resolved_at: ColumnType<string | null, string | undefined, string | null>
  run_id: number
}

export interface LoadedFilesTable {
  file_key: Generated<number>
  connection_key: number
  content_hash: string
  mapping_hash: string
  file_name: string
  content_bytes: number
  version: number | null
  ordinal_base: number
  state: 'loading' | 'loaded'
  forced: Generated<boolean>
  records_committed: Generated<number>
  records_total: ColumnType<number | null, number | undefined, number | null>
  flattened: Generated<number>
  rejected: Generated<number>
  skipped: Generated<number>
  first_seen_at: Timestamp
  loaded_at: ColumnType<string | null, string | undefined, string | null>
  run_id: number
}

export interface SeenFilesTable {
  connection_key: number
  file_name: string
  size_bytes: number
  modified_at: number
  content_hash: string
  content_bytes: number
  seen_at: Timestamp
}

/** The schema `reelhouse` as kysely sees it; only what is queried through kysely is listed. */
export interface Database {
  connections: ConnectionsTable
  runs: RunsTable
  rejected_records: RejectedRecordsTable
  loaded_files: LoadedFilesTable
  seen_files: SeenFilesTable
}
