import type { Batch, Reject, SourceRecord } from '../domain/batch.ts'

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

/** What is kept of a record without secrets and signed links. The hash of its payload stays that of what was read. */
export const redactRecord = (record: SourceRecord, redact: Redact): SourceRecord => {
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

/**
 * The batch without secrets and signed links in what is rejected, and why: a vendor may echo the key that it was asked with, and
 * a person may say it. Rows and records lose them when they are encoded.
 */
export const redactBatch = (batch: Batch, redact: Redact): Batch => ({
  ...batch,
  rejects: batch.rejects.map((reject) => redactReject(reject, redact)),
})
