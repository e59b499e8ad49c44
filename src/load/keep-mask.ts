import type { PlacedRow } from '../domain/recording-row.ts'

/**
 * Bits of `keep_mask`: a set bit says that the source did not state the column (`undefined`), so that what is stored is
 * kept; of a portfolio, what is written beside a set bit is what the row gets if it is new. The upsert in upsert-sql.ts reads
 * them by these numbers. Of `source_version` it says that the version is the
 * file's and not the record's: a row that is the same in a later file is not written to be given it.
 */
export const keepBit = {
  portfolio_id: 1,
  message_text: 2,
  first_name: 4,
  last_name: 8,
  sender_ext_ref: 16,
  phone_number: 32,
  email_address: 64,
  message_direction: 128,
  number_dialed_by_user: 256,
  call_duration_in_sec: 512,
  recording_url: 1024,
  recording_status: 2048,
  recording_expires_at: 4096,
  map_keys: 8192,
  stated_portfolio_id: 16384,
  deleted_at: 32768,
  source_version: 65536,
} as const

type Keepable = keyof typeof keepBit

const keepable: readonly Exclude<Keepable, 'map_keys' | 'source_version'>[] = [
  'portfolio_id',
  'message_text',
  'first_name',
  'last_name',
  'sender_ext_ref',
  'phone_number',
  'email_address',
  'message_direction',
  'number_dialed_by_user',
  'call_duration_in_sec',
  'recording_url',
  'recording_status',
  'recording_expires_at',
  'stated_portfolio_id',
  'deleted_at',
]

/** `fileVersion`: of the file that the row was read from; null = of none, or it has none. */
export const keepMask = (row: PlacedRow, fileVersion: number | null = null): number => {
  let mask = fileVersion !== null && row.source_version === fileVersion ? keepBit.source_version : 0
  for (const column of keepable) if (row[column] === undefined) mask |= keepBit[column]
  for (const key in row.map_keys) if (row.map_keys[key] === undefined) mask |= keepBit.map_keys
  return mask
}
