import type { FilePlace } from '../domain/batch.ts'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'

/** A record whose payload was kept, to be flattened again. */
export interface KeptRecord {
  /** Id of the record, or its key in quarantine. */
  readonly key: string
  /** Canonical JSON. */
  readonly payload: string
  readonly place: {
    readonly version: number | null
    readonly ordinal: number
    readonly fallbackKey: string
    readonly file: FilePlace | null
  }
}

interface KeptRow {
  readonly key: string
  readonly version: number | null
  readonly ordinal: number
  readonly payload: string
  readonly content_hash: string | null
  readonly file_ordinal: number | null
  readonly file_name: string | null
  readonly line: number | null
}

const nextRecords = `
  select record_id as key, version, ordinal, payload,
    null as content_hash, null as file_ordinal, null as file_name, null as line
  from reelhouse.source_records
  where connection_key = $1 and stream = $2 and payload is not null and outcome in ('row', 'reject', 'skip')
    and record_id > $3
  order by record_id
  limit $4`

/** Records in quarantine that could be read and whose payload has not aged out. */
const nextRejects = `
  select reject_key as key, version, ordinal, payload, content_hash, file_ordinal, file_name, line
  from reelhouse.rejected_records
  where connection_key = $1 and stream = $2 and resolved_at is null and payload_kind = 'record' and payload is not null
    and reject_key > $3
  order by reject_key
  limit $4`

/**
 * Bytes of payloads a page at the most, but for its last record: bounds memory on 10 MB transcripts. octet_length tells the
 * size that a compressed payload will have and does not look at it, so that only payloads of the page are fetched.
 */
const maxPageBytes = 4_000_000

const withinBytes = (page: string): string => `
  select key, version, ordinal, payload, content_hash, file_ordinal, file_name, line
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
  place: { version: row.version, ordinal: row.ordinal, fallbackKey: row.key, file: filePlaceOf(row) },
})

const filePlaceOf = ({ file_name: name, content_hash, file_ordinal: ordinal, line }: KeptRow): FilePlace | null =>
  name === null || content_hash === null || ordinal === null || line === null
    ? null
    : { name, contentHash: content_hash, ordinal, line }
