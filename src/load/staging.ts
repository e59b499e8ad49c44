import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { RecordingRow, Stated } from '../domain/recording-row.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { copyNull, copyPieces, copyText } from './copy-text.ts'

/**
 * Bits of `keep_mask`: a set bit says that the source did not state the column (`undefined`), so that what is stored is
 * kept. The upsert in call-recordings.ts reads them by these numbers.
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
} as const

type Keepable = keyof typeof keepBit

const createStage = `
  create temporary table if not exists stage_call_recordings (
    conversation_id       text collate "C" not null,
    message_id            text collate "C" not null,
    created_at            timestamptz not null,
    portfolio_id          text,
    message_text          text,
    first_name            text,
    last_name             text,
    sender_ext_ref        text,
    phone_number          text,
    email_address         text,
    message_direction     text,
    number_dialed_by_user text,
    call_duration_in_sec  integer,
    recording_url         text,
    media                 text not null,
    record_id             text collate "C" not null,
    recording_status      text,
    recording_expires_at  timestamptz,
    deleted_at            timestamptz,
    source_version        bigint,
    source_ordinal        bigint not null,
    map_keys              jsonb,
    keep_mask             integer not null
  ) on commit delete rows`

/** The staging table lives as long as its session and is empty outside a transaction. */
export const prepareStaging = async (session: Session): Promise<void> => {
  await session.client.query(createStage)
}

/** Copies rows into the staging table, inside the caller's transaction. */
export const stageRows = async (session: Session, rows: readonly RecordingRow[]): Promise<void> => {
  const copy = session.client.query(copyFrom('copy stage_call_recordings from stdin'))
  await pipeline(Readable.from(copyPieces(rows, encodeRow)), copy)
}

const textOrNull = (value: Stated<string>): string => (value == null ? copyNull : copyText(value))
const instantOrNull = (value: Stated<number>): string => (value == null ? copyNull : formatInstant(value))

/** One COPY line, in the column order of the staging table. */
export const encodeRow = (row: RecordingRow): string =>
  `${copyText(row.conversation_id)}\t${copyText(row.message_id)}\t${formatInstant(row.created_at)}\t` +
  `${textOrNull(row.portfolio_id)}\t${textOrNull(row.message_text)}\t${textOrNull(row.first_name)}\t` +
  `${textOrNull(row.last_name)}\t${textOrNull(row.sender_ext_ref)}\t${textOrNull(row.phone_number)}\t` +
  `${textOrNull(row.email_address)}\t${row.message_direction ?? copyNull}\t${textOrNull(row.number_dialed_by_user)}\t` +
  `${row.call_duration_in_sec ?? copyNull}\t${textOrNull(row.recording_url)}\t${row.media}\t${copyText(row.record_id)}\t` +
  `${row.recording_status ?? copyNull}\t${instantOrNull(row.recording_expires_at)}\t${instantOrNull(row.deleted_at)}\t` +
  `${row.source_version ?? copyNull}\t${row.source_ordinal}\t${encodeMapKeys(row.map_keys)}\t${keepMask(row)}\n`

const keepable: readonly Exclude<Keepable, 'map_keys'>[] = [
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
]

export const keepMask = (row: RecordingRow): number => {
  let mask = 0
  for (const column of keepable) if (row[column] === undefined) mask |= keepBit[column]
  for (const key in row.map_keys) if (row.map_keys[key] === undefined) mask |= keepBit.map_keys
  return mask
}

/**
 * Stated keys as JSON: an unstated key is left out and kept from what is stored, a key stated as null clears it and is
 * only written while others are kept.
 */
const encodeMapKeys = (keys: RecordingRow['map_keys']): string => {
  let some = false
  let unstated = false
  for (const key in keys) {
    if (keys[key] === undefined) unstated = true
    else if (keys[key] !== null) some = true
  }
  if (!some && !unstated) return copyNull
  const replacer = (key: string, value: unknown): unknown =>
    key !== '' && typeof value === 'string'
      ? value.toWellFormed().replaceAll('\0', '\ufffd')
      : value === null && !unstated
        ? undefined
        : value
  return copyText(JSON.stringify(keys, replacer))
}
