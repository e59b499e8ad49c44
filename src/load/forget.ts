import type { StepObserver } from '../domain/step.ts'
import type { DigestKey } from '../transform/digest-key.ts'
import type { Session } from '../warehouse/session.ts'
import type { ForgetRequest, Person } from './forget-requests.ts'
import { findRecords, type RowsOf } from './forget-search.ts'
import { foundRows, ofFound } from './forget-tables.ts'
import { keepDigests, lockForForget, recordDigest } from './forgotten.ts'
import { eraseSentRows } from './sent-rows.ts'
import { inReadCommitted } from './transaction.ts'

/** What was erased. */
export interface Erased {
  readonly rows: number
  readonly records: number
  readonly rejects: number
  readonly follow_ups: number
  /** Lines of the ledger of deliveries. */
  readonly sent_rows: number
}

interface ErasedId {
  readonly rows_of: number
  readonly record_id: string
}

const eraseRows = `
  delete from reelhouse.call_recordings t
  using (${foundRows}) d
  where t.connection_key = d.connection_key and t.message_id = d.message_id
  returning t.connection_key as rows_of, t.message_id as record_id`

const eraseRecords = `delete from reelhouse.source_records e using ${ofFound('e', 'record_id')}`

const eraseRejects = `delete from reelhouse.rejected_records r using ${ofFound('r', 'reject_key')}`

const eraseFollowUps = `delete from reelhouse.follow_ups w using ${ofFound('w', 'record_id')}`

const end = `
  update reelhouse.forget_requests
  set erased_at = now(), rows = $2, records = $3, rejects = $4, follow_ups = $5, sent_rows = $6
  where request_key = $1`

export interface Forgetting {
  readonly key: DigestKey
  readonly person: Person
  readonly rowsOf: RowsOf
  readonly reached: StepObserver
}

/**
 * Erases what is stored of a person, after their request was published, in one transaction. Searches while others load, and
 * keeps batches out only while it erases what it found: what comes in meanwhile is not the person's, but it may be of one of
 * the records.
 */
export const erasePerson = (
  session: Session,
  { key, person, rowsOf, reached }: Forgetting,
  request: ForgetRequest,
): Promise<Erased> =>
  inReadCommitted(session, async () => {
    const { client } = session
    await findRecords(session, person, rowsOf)
    await reached('forget-found')
    await client.query(lockForForget)
    const rows = (await client.query<ErasedId>(eraseRows)).rows
    await reached('forget-rows-erased')
    const records = (await client.query(eraseRecords)).rowCount ?? 0
    const rejects = (await client.query(eraseRejects)).rowCount ?? 0
    const followUps = (await client.query(eraseFollowUps)).rowCount ?? 0
    const sentRows = await eraseSentRows(session, rows)
    const found = (await client.query<ErasedId>('select rows_of, record_id from forget_found')).rows
    const digests = [...found, ...rows].map(({ rows_of, record_id }) => recordDigest(key, rows_of, record_id))
    await keepDigests(session, key, digests)
    await client.query(end, [request.requestKey, rows.length, records, rejects, followUps, sentRows])
    await reached('forget-before-commit')
    return { rows: rows.length, records, rejects, follow_ups: followUps, sent_rows: sentRows }
  })
