import type { PlacedRow, PortfolioOf, Stated } from '../domain/recording-row.ts'
import { formatInstant } from '../transform/instant.ts'
import { copyNull, copyText, instantOrNull, storable, textOrNull } from './copy-text.ts'

/** What the rows of a batch are encoded with. */
export interface RowEncoding {
  /** Of the file that the rows were read from; null = of none, or it has none. */
  readonly fileVersion: number | null
  /** Takes secrets and signed queries out of a text. */
  readonly redact: (text: string) => string
  /** For lines of a dump that are taken as they are; absent: none is. */
  readonly holdsSecret?: (bytes: Buffer) => boolean
  readonly portfolioOf?: PortfolioOf
  /** Whose the rows are, when all are thought to be new: then they are written as call_recordings has them. */
  readonly owner?: RowOwner | null
}

export interface RowOwner {
  readonly connectionKey: number
  readonly source: string
  readonly runId: number
}

/** Too short for a key, or for a link with a signature. */
const shortest = 12

type Redact = RowEncoding['redact']

/** A text that a person or a vendor may have put anything into. */
const spoken = (text: string, redact: Redact): string => copyText(text.length < shortest ? text : redact(text))

const spokenOrNull = (text: Stated<string>, redact: Redact): string => (text == null ? copyNull : spoken(text, redact))

/** Where the source did not state what its portfolio depends on, what is stored wins over that. */
const portfolioIfNew = (row: PlacedRow): Stated<string> =>
  row.portfolio_id === undefined ? row.portfolio_if_new : row.portfolio_id

/**
 * What a row says as COPY text, in the order of saidColumns (row-columns.ts): without secrets and signed links in what a
 * person or a vendor may have put there. Addresses are judged when they are read (stableUrl).
 */
export const encodeRow = (row: PlacedRow, redact: Redact): string =>
  `${spoken(row.conversation_id, redact)}\t${copyText(row.message_id)}\t${formatInstant(row.created_at)}\t` +
  `${textOrNull(portfolioIfNew(row))}\t${spokenOrNull(row.message_text, redact)}\t` +
  `${spokenOrNull(row.first_name, redact)}\t${spokenOrNull(row.last_name, redact)}\t` +
  `${spokenOrNull(row.sender_ext_ref, redact)}\t${textOrNull(row.phone_number)}\t` +
  `${spokenOrNull(row.email_address, redact)}\t${row.message_direction ?? copyNull}\t` +
  `${textOrNull(row.number_dialed_by_user)}\t${row.call_duration_in_sec ?? copyNull}\t` +
  `${textOrNull(row.recording_url)}\t${row.media}\t${copyText(row.record_id)}\t` +
  `${row.recording_status ?? copyNull}\t${instantOrNull(row.recording_expires_at)}\t${instantOrNull(row.deleted_at)}\t` +
  `${encodeMapKeys(row.map_keys, redact)}\t${textOrNull(row.stated_portfolio_id)}`

/**
 * Stated keys as JSON: an unstated key is left out and kept from what is stored, a key stated as null clears it and is
 * only written while others are kept.
 */
const encodeMapKeys = (keys: PlacedRow['map_keys'], redact: Redact): string => {
  let some = false
  let unstated = false
  for (const key in keys) {
    if (keys[key] === undefined) unstated = true
    else if (keys[key] !== null) some = true
  }
  if (!some && !(unstated && Object.values(keys).includes(null))) return copyNull
  const members = Object.entries(keys).filter(([, value]) => value !== undefined && (value !== null || unstated))
  const clean = members.map(([key, value]) => [storable(key), value == null ? null : cleanValue(value, redact)])
  return copyText(JSON.stringify(Object.fromEntries(clean)))
}

const cleanValue = (value: string, redact: Redact): string => storable(value.length < shortest ? value : redact(value))
