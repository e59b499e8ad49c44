import type { Batch, Reject, SourceRecord } from '../domain/batch.ts'
import type { MapKeys, PlacedRow, Stated } from '../domain/recording-row.ts'

type Redact = (text: string) => string

/** A text that is to be parsed again must still be JSON: a secret of digits may have stood where a number does. */
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const redactRecord = (record: SourceRecord, redact: Redact): SourceRecord => {
  if (record.payload === null) return record
  const payload = redact(record.payload)
  if (payload === record.payload) return record
  return { ...record, payload: isJson(payload) ? payload : null }
}

const redactPayload = ({ payload, payloadKind }: Reject, redact: Redact): string => {
  const redacted = redact(payload)
  return redacted === payload || payloadKind !== 'record' || isJson(redacted) ? redacted : JSON.stringify(redacted)
}

const redactReject = (reject: Reject, redact: Redact): Reject => ({
  ...reject,
  reason: { ...reject.reason, detail: redact(reject.reason.detail) },
  payload: redactPayload(reject, redact),
})

/** Too short for a key, or for a link with a signature. */
const shortest = 12

const redactText = <T extends Stated<string>>(text: T, redact: Redact): T | string =>
  typeof text === 'string' && text.length >= shortest ? redact(text) : text

const redactKeys = (keys: MapKeys, redact: Redact): MapKeys =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, redactText(value, redact)]))

/** Texts that a person or a vendor may have put anything into. Addresses are judged when they are read (stableUrl). */
const redactRow = (row: PlacedRow, redact: Redact): PlacedRow => ({
  ...row,
  conversation_id: redactText(row.conversation_id, redact),
  message_text: redactText(row.message_text, redact),
  first_name: redactText(row.first_name, redact),
  last_name: redactText(row.last_name, redact),
  sender_ext_ref: redactText(row.sender_ext_ref, redact),
  email_address: redactText(row.email_address, redact),
  map_keys: redactKeys(row.map_keys, redact),
})

/**
 * The batch without secrets and signed links in its rows, in what is kept of records as they were read, and in why they
 * were rejected: a vendor may echo the key that it was asked with, and a person may say it. The hash of a payload stays that of what was read.
 */
export const redactBatch = (batch: Batch, redact: Redact): Batch => ({
  ...batch,
  rows: batch.rows.map((row) => redactRow(row, redact)),
  records: batch.records.map((record) => redactRecord(record, redact)),
  rejects: batch.rejects.map((reject) => redactReject(reject, redact)),
})
