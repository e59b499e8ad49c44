import type { FilePlace } from '../domain/batch.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { KeptRecord } from '../domain/kept-record.ts'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { micros } from './sql-instant.ts'

interface KeptRow {
  readonly key: string
  readonly version: number | null
  readonly ordinal: number
  readonly payload: string
  readonly parent_id: string | null
  readonly window_at: EpochMicros | null
  readonly joined_version: number | null
  readonly fingerprint: string | null
  readonly content_hash: string | null
  readonly file_ordinal: number | null
  readonly file_name: string | null
  readonly line: number | null
}

/** What was rejected is kept in quarantine, too, and read from there; what is waited for, was deleted or forgotten is not read. */
const nextRecords = `
  select record_id as key, version, ordinal, payload, parent_id, ${micros('window_at')} as window_at, joined_version, fingerprint,
    null as content_hash, null::bigint as file_ordinal, null as file_name, null::bigint as line
  from reelhouse.source_records
  where connection_key = $1 and stream = $2 and payload is not null and outcome in ('row', 'skip') and record_id > $3
  order by record_id
  limit $4`

/** Records in quarantine that could be read and whose payload has not aged out. */
const nextRejects = `
  select r.reject_key as key, r.version, r.ordinal, r.payload, s.parent_id, ${micros('s.window_at')} as window_at,
    s.joined_version, s.fingerprint, r.content_hash, r.file_ordinal, r.file_name, r.line
  from reelhouse.rejected_records r
  left join reelhouse.source_records s
    on s.connection_key = r.connection_key and s.stream = r.stream and s.record_id = r.reject_key
  where r.connection_key = $1 and r.stream = $2 and r.resolved_at is null and r.payload_kind = 'record' and r.payload is not null
    and r.reject_key > $3
  order by r.reject_key
  limit $4`

/**
 * Bytes of payloads a page at the most, but for its last record: bounds memory on 10 MB transcripts. octet_length tells the
 * size that a compressed payload will have and does not look at it, so that only payloads of the page are fetched.
 */
const maxPageBytes = 4_000_000

const withinBytes = (page: string): string => `
  select *
  from (
    select page.*, sum(octet_length(payload)) over (order by key) - octet_length(payload) as bytes_before
    from (${page}) page
  ) p
  where bytes_before < ${maxPageBytes}
  order by key`

type Pages = AsyncGenerator<readonly KeptRecord[], void, undefined>

export const keptRecords = (session: Session, run: Pick<Run, 'connectionKey' | 'stream'>, pageSize: number): Pages =>
  pages(session, nextRecords, run, pageSize)

export const keptRejects = (session: Session, run: Pick<Run, 'connectionKey' | 'stream'>, pageSize: number): Pages =>
  pages(session, nextRejects, run, pageSize)

async function* pages(
  session: Session,
  next: string,
  { connectionKey, stream }: Pick<Run, 'connectionKey' | 'stream'>,
  pageSize: number,
): Pages {
  let after = ''
  for (;;) {
    const { rows } = await session.client.query<KeptRow>(withinBytes(next), [connectionKey, stream, after, pageSize])
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(asKeptRecord)
    after = last.key
  }
}

const asKeptRecord = (row: KeptRow): KeptRecord => ({
  key: row.key,
  payload: row.payload,
  parentId: row.parent_id,
  windowAt: row.window_at,
  joinedVersion: row.joined_version,
  fingerprint: row.fingerprint,
  place: { version: row.version, ordinal: row.ordinal, fallbackKey: row.key, file: filePlaceOf(row) },
})

const filePlaceOf = ({ file_name: name, content_hash, file_ordinal: ordinal, line }: KeptRow): FilePlace | null =>
  name === null || content_hash === null || ordinal === null || line === null
    ? null
    : { name, contentHash: content_hash, ordinal, line }
