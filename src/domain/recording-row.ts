import type { EpochMicros } from './instant.ts'

/**
 * A value of a row: a string or number, `null` = the source says there is none (clears what is stored), `undefined` = the
 * source did not say, or the join that would say was not made or failed (keeps what is stored).
 */
export type Stated<T> = T | null | undefined

export type Direction = 'inbound' | 'outbound'
export type Media = 'audio' | 'chat' | 'email' | 'message'
export type RecordingStatus = 'processing' | 'available' | 'archived' | 'failed' | 'deleted'

/** The 14 Travtus fields in their documented order: columns of `call_recordings` and of every delivery. */
export const travtusFields = [
  'conversation_id',
  'message_id',
  'created_at',
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
] as const

export type TravtusField = (typeof travtusFields)[number]

/**
 * What the portfolio map may match besides the row's own numbers, by attribute name (`queue_id`,
 * `telnyx_connection_id`). The row's numbers are matched from its columns and never repeated here. `undefined` keeps,
 * `null` clears, as in the row.
 */
export type MapKeys = Readonly<Record<string, Stated<string>>>

/**
 * One row of `call_recordings` as flatten makes it: the Travtus fields under their own names, plus provenance. Every key
 * is always present, so that all rows have one shape.
 */
export interface RecordingRow {
  /** The chain: call session, conversation. */
  readonly conversation_id: string
  /** The recording, or the message: the key within its connection. */
  readonly message_id: string
  /** When the recording or message began. */
  readonly created_at: EpochMicros
  /** Stated by the source itself (a Travtus dump); otherwise undefined, and the portfolio map fills it. */
  readonly portfolio_id: Stated<string>
  readonly message_text: Stated<string>
  readonly first_name: Stated<string>
  readonly last_name: Stated<string>
  readonly sender_ext_ref: Stated<string>
  /** The calling party, E.164. */
  readonly phone_number: Stated<string>
  readonly email_address: Stated<string>
  readonly message_direction: Stated<Direction>
  /** The called party, E.164. */
  readonly number_dialed_by_user: Stated<string>
  /** Whole seconds >= 0; null = unknown, never 0 for unknown. */
  readonly call_duration_in_sec: Stated<number>
  /** A stable address; signed links are never stored. */
  readonly recording_url: Stated<string>

  readonly media: Media
  /** The record this row came of (`source_records.record_id`). */
  readonly record_id: string
  readonly recording_status: Stated<RecordingStatus>
  readonly recording_expires_at: Stated<EpochMicros>
  /**
   * Proof that the source deleted the recording; null for a living one. Undefined where that cannot be known (a dump): what
   * was proved stays, with its status.
   */
  readonly deleted_at: Stated<EpochMicros>
  /** What the source states as the version (microseconds when it is an instant); null = it states none. */
  readonly source_version: number | null
  /** Order among equal versions: when the record was read, in microseconds, plus its number within its file. */
  readonly source_ordinal: number
  readonly map_keys: MapKeys
}

/**
 * A row with its portfolio. `portfolio_id` is undefined when the row leaves unstated what the portfolio map reads: then a
 * new row gets `portfolio_if_new`, and a stored one is mapped as a whole once it is merged.
 */
export interface PlacedRow extends RecordingRow {
  /** What the source itself stated: it wins over the map. */
  readonly stated_portfolio_id: Stated<string>
  readonly portfolio_if_new: string | null
}

/** What the portfolio map reads of a stored row. */
export interface MappedColumns {
  readonly stated_portfolio_id: string | null
  readonly phone_number: string | null
  readonly number_dialed_by_user: string | null
  readonly message_direction: Direction | null
  readonly map_keys: Readonly<Record<string, string>> | null
}

/** The portfolio of a stored row by today's map. */
export type PortfolioOf = (row: MappedColumns) => string | null
