import { travtusFields } from '../domain/recording-row.ts'

/** What a source says of a row, in the order in which it is written as COPY text. */
export const saidColumns: readonly string[] = [
  ...travtusFields,
  'media',
  'record_id',
  'recording_status',
  'recording_expires_at',
  'deleted_at',
  'map_keys',
  'stated_portfolio_id',
]

/** What the loader adds to that, in order. */
export const notedColumns: readonly string[] = ['source_version', 'source_ordinal', 'row_digest']

/** What rows that go straight into call_recordings have behind that: whose they are. */
export const ownerColumns: readonly string[] = ['connection_key', 'source', 'run_id']

/** What staged rows have in front of it: how they are merged. */
export const mergeColumns: readonly string[] = ['place', 'keep_mask']
