import type { Batch, ReadCounts, Reject, SourceRecord } from '../domain/batch.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { PlacedRow } from '../domain/recording-row.ts'
import type { ForgottenSet } from '../transform/forgotten-set.ts'
import { mentionsIn, partiesIn } from '../transform/number-notations.ts'

/** Whom a batch was looked through for, and whose rows it writes. */
interface Judging {
  readonly forgotten: ForgottenSet
  readonly connectionKey: number
}

export interface Judged {
  /** Without the records that stay out: those it counts as skipped. */
  readonly batch: Batch
  /** Ids of records that began before somebody was forgotten: what cannot say when it began may be another's tomorrow. */
  readonly erased: readonly string[]
}

/**
 * Takes out of a batch what belongs to a person who was forgotten, and what was erased before: a record with all its rows,
 * in whatever part of the batch it stands. Pure.
 */
export const withoutForgotten = (batch: Batch, judging: Judging): Judged => {
  const rows = batch.rows.filter((row) => isForgottenRow(row, judging))
  const beganAt = beginnings(batch)
  const records = batch.records.filter((one) => isForgottenRecord(one, beganAt.get(one.recordId) ?? null, judging))
  const rejects = batch.rejects.filter((one) => isForgottenReject(one, beganAt.get(one.rejectKey) ?? null, judging))
  const waits = batch.followUps.filter(({ recordId }) => judging.forgotten.holdsRecord(judging.connectionKey, recordId))
  const dated = records.filter(({ recordId }) => (beganAt.get(recordId) ?? null) !== null)
  const erased = new Set([...rows.map(({ record_id }) => record_id), ...dated.map(({ recordId }) => recordId)])
  const others = [...records, ...waits].map(({ recordId }) => recordId)
  const left = new Set([...erased, ...others, ...rejects.map(({ rejectKey }) => rejectKey)])
  return { batch: left.size === 0 ? batch : without(batch, left), erased: [...erased] }
}

/** When each record began: by the earliest of its rows, or else by its place on the axis of its stream. */
const beginnings = ({ rows, records }: Batch): ReadonlyMap<string, EpochMicros | null> => {
  const beganAt = new Map(records.map(({ recordId, windowAt }) => [recordId, windowAt]))
  const earliest = new Map<string, EpochMicros>()
  for (const { record_id, created_at } of rows) {
    earliest.set(record_id, Math.min(created_at, earliest.get(record_id) ?? created_at))
  }
  for (const [recordId, createdAt] of earliest) beganAt.set(recordId, createdAt)
  return beganAt
}

const isForgottenRow = (row: PlacedRow, { forgotten, connectionKey }: Judging): boolean => {
  const { record_id, message_id, created_at } = row
  const holds = (kind: 'phone' | 'email' | 'conversation', value: string | null | undefined): boolean =>
    value != null && forgotten.holds(kind, value, connectionKey, created_at)
  return (
    forgotten.holdsRecord(connectionKey, record_id) ||
    (message_id !== record_id && forgotten.holdsRecord(connectionKey, message_id)) ||
    holds('phone', row.phone_number) ||
    holds('phone', row.number_dialed_by_user) ||
    holds('email', row.email_address?.trim().toLowerCase()) ||
    holds('conversation', row.conversation_id)
  )
}

const isForgottenRecord = (
  { recordId, parentId, payload }: SourceRecord,
  beganAt: EpochMicros | null,
  judging: Judging,
): boolean => {
  const { forgotten, connectionKey } = judging
  return (
    forgotten.holdsRecord(connectionKey, recordId) ||
    [recordId, parentId].some((id) => id !== null && forgotten.holds('conversation', id, connectionKey, beganAt)) ||
    (payload !== null && namesForgotten(partiesIn(payload), beganAt, judging))
  )
}

/** What cannot be read as a record does not say either where in it a number is one of the parties. */
const isForgottenReject = (reject: Reject, beganAt: EpochMicros | null, judging: Judging): boolean => {
  const { rejectKey, payload, payloadKind } = reject
  if (judging.forgotten.holdsRecord(judging.connectionKey, rejectKey)) return true
  if (payloadKind === 'record') return namesForgotten(partiesIn(payload), beganAt, judging)
  return namesForgotten(mentionsIn(textOf(reject)), beganAt, judging)
}

/** Of bytes that are no text: digits are the same in every encoding, but for the zeros between them. */
export const textOf = ({ payload, payloadKind }: Pick<Reject, 'payload' | 'payloadKind'>): string =>
  payloadKind === 'base64' ? Buffer.from(payload, 'base64').toString('latin1').replaceAll('\0', '') : payload

const namesForgotten = (
  { digits, emails }: ReturnType<typeof partiesIn>,
  beganAt: EpochMicros | null,
  { forgotten, connectionKey }: Judging,
): boolean =>
  digits.some((number) => forgotten.holds('digits', number, connectionKey, beganAt)) ||
  emails.some((email) => forgotten.holds('email', email, connectionKey, beganAt))

const without = (batch: Batch, left: ReadonlySet<string>): Batch => {
  const rows = batch.rows.filter(({ record_id }) => left.has(record_id))
  const records = batch.records.filter(({ recordId }) => left.has(recordId))
  const rejected = batch.rejects.filter(({ rejectKey }) => left.has(rejectKey)).length
  const pending = records.filter(({ outcome }) => outcome === 'pending').length
  // One reading of a record is one ordinal, however many rows it makes.
  const flattened = new Set(rows.map(({ record_id, source_ordinal }) => `${source_ordinal} ${record_id}`)).size
  const unmapped = rows.filter(
    ({ portfolio_id, portfolio_if_new }) => portfolio_id == null && portfolio_if_new === null,
  )
  const ended = batch.followUps.filter(({ recordId }) => left.has(recordId)).map(({ recordId }) => recordId)
  return {
    ...batch,
    rows: batch.rows.filter(({ record_id }) => !left.has(record_id)),
    records: batch.records.filter(({ recordId }) => !left.has(recordId)),
    rejects: batch.rejects.filter(({ rejectKey }) => !left.has(rejectKey)),
    followUps: batch.followUps.filter(({ recordId }) => !left.has(recordId)),
    followedUp: [...batch.followedUp, ...ended],
    read: skipped(batch.read, { flattened, rejected, pending }),
    tallies: talliesOf(batch, flattened + rejected + pending, unmapped.length),
  }
}

const skipped = (
  read: ReadCounts,
  { flattened, rejected, pending }: Pick<ReadCounts, 'flattened' | 'rejected' | 'pending'>,
): ReadCounts => ({
  listed: read.listed,
  flattened: read.flattened - flattened,
  rejected: read.rejected - rejected,
  skipped: read.skipped + flattened + rejected + pending,
  pending: read.pending - pending,
})

const talliesOf = ({ tallies }: Batch, leftOut: number, unmapped: number): Batch['tallies'] => {
  const { 'portfolio-unmapped': counted = 0, ...others } = tallies
  return {
    ...others,
    ...(counted - unmapped > 0 ? { 'portfolio-unmapped': counted - unmapped } : {}),
    ...(leftOut > 0 ? { 'skip.forgotten': (tallies['skip.forgotten'] ?? 0) + leftOut } : {}),
  }
}
