import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { PlacedRow, Stated } from '../domain/recording-row.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { copyNull, copyPieces, copyText, storable } from './copy-text.ts'
import { keepMask } from './keep-mask.ts'
import { passesOf } from './passes.ts'

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
    stated_portfolio_id   text,
    portfolio_if_new      text,
    keep_mask             integer not null,
    pass                  integer not null
  ) on commit delete rows`

/** The staging table lives as long as its session and is empty outside a transaction. */
export const prepareStaging = async (session: Session): Promise<void> => {
  await session.client.query(createStage)
}

/** Copies rows into the staging table, inside the caller's transaction; returns the number of passes their merge takes. */
export const stageRows = async (
  session: Session,
  rows: readonly PlacedRow[],
  fileVersion: number | null,
): Promise<number> => {
  const passes = passesOf(rows)
  const copy = session.client.query(copyFrom('copy stage_call_recordings from stdin'))
  await pipeline(Readable.from(copyPieces(rows, (row, place) => encodeRow(row, passes[place], fileVersion))), copy)
  return passes.reduce((most, pass) => Math.max(most, pass), 0) + 1
}

const textOrNull = (value: Stated<string>): string => (value == null ? copyNull : copyText(value))
const instantOrNull = (value: Stated<number>): string => (value == null ? copyNull : formatInstant(value))

/** One COPY line, in the column order of the staging table. */
export const encodeRow = (row: PlacedRow, pass = 0, fileVersion: number | null = null): string =>
  `${copyText(row.conversation_id)}\t${copyText(row.message_id)}\t${formatInstant(row.created_at)}\t` +
  `${textOrNull(row.portfolio_id)}\t${textOrNull(row.message_text)}\t${textOrNull(row.first_name)}\t` +
  `${textOrNull(row.last_name)}\t${textOrNull(row.sender_ext_ref)}\t${textOrNull(row.phone_number)}\t` +
  `${textOrNull(row.email_address)}\t${row.message_direction ?? copyNull}\t${textOrNull(row.number_dialed_by_user)}\t` +
  `${row.call_duration_in_sec ?? copyNull}\t${textOrNull(row.recording_url)}\t${row.media}\t${copyText(row.record_id)}\t` +
  `${row.recording_status ?? copyNull}\t${instantOrNull(row.recording_expires_at)}\t${instantOrNull(row.deleted_at)}\t` +
  `${row.source_version ?? copyNull}\t${row.source_ordinal}\t${encodeMapKeys(row.map_keys)}\t` +
  `${textOrNull(row.stated_portfolio_id)}\t${textOrNull(row.portfolio_if_new)}\t${keepMask(row, fileVersion)}\t${pass}\n`

/**
 * Stated keys as JSON: an unstated key is left out and kept from what is stored, a key stated as null clears it and is
 * only written while others are kept.
 */
const encodeMapKeys = (keys: PlacedRow['map_keys']): string => {
  let some = false
  let unstated = false
  for (const key in keys) {
    if (keys[key] === undefined) unstated = true
    else if (keys[key] !== null) some = true
  }
  if (!some && !(unstated && Object.values(keys).includes(null))) return copyNull
  const members = Object.entries(keys).filter(([, value]) => value !== undefined && (value !== null || unstated))
  const clean = members.map(([key, value]) => [storable(key), value == null ? null : storable(value)])
  return copyText(JSON.stringify(Object.fromEntries(clean)))
}
