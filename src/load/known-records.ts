import type { EpochMicros } from '../domain/instant.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import type { RecordRef } from '../domain/record-ref.ts'
import type { Run } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'
import type { Session } from '../warehouse/session.ts'
import { storable } from './copy-text.ts'

type Scope = Pick<Run, 'connectionKey' | 'stream'>

const known = `
  select record_id, version, joined_version as "joinedVersion", fingerprint, outcome
  from reelhouse.source_records
  where connection_key = $1 and stream = $2 and record_id = any ($3::text[])`

/** What is stored of these records, by the id that the caller gave; unknown ones are absent. */
export const knownRecords = async (
  session: Session,
  { connectionKey, stream }: Scope,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, KnownRecord>> => {
  if (recordIds.length === 0) return new Map()
  const values = [connectionKey, stream, recordIds.map(storable)]
  const { rows } = await session.client.query<KnownRecord & { readonly record_id: string }>(known, values)
  const stored = new Map(rows.map(({ record_id, ...record }) => [record_id, record]))
  return new Map(
    recordIds.flatMap((recordId) => {
      const record = stored.get(storable(recordId))
      return record === undefined ? [] : [[recordId, record] as const]
    }),
  )
}

const rowless = `
  select s.record_id
  from reelhouse.source_records s
  where s.connection_key = $1 and s.stream = $2 and s.record_id = any ($3::text[]) and s.outcome = 'row'
    and not exists (
      select
      from reelhouse.call_recordings t
      where t.connection_key = $4 and t.message_id = s.record_id
    )
    and not exists (
      select
      from reelhouse.call_recordings t
      where t.connection_key = $4 and t.record_id = s.record_id and t.record_id <> t.message_id
    )`

/** Of these records those that were made rows of which none is there: somebody deleted them, or restored an old backup. */
export const recordsWithoutRows = async (
  session: Session,
  { connectionKey, stream, rowConnectionKey }: Scope & Pick<Run, 'rowConnectionKey'>,
  recordIds: readonly string[],
): Promise<readonly string[]> => {
  if (recordIds.length === 0) return []
  const values = [connectionKey, stream, recordIds, rowConnectionKey]
  const { rows } = await session.client.query<{ readonly record_id: string }>(rowless, values)
  return rows.map(({ record_id }) => record_id)
}

/** $5, $6: the last of the page before. */
const inWindow = `
  select record_id as "recordId", parent_id as "parentId", window_at
  from reelhouse.source_records
  where connection_key = $1 and stream = $2 and window_at >= $3 and window_at <= $4
    and (window_at, record_id) > ($5::timestamptz, $6::text)
    and outcome not in ('deleted', 'forgotten')
  order by window_at, record_id
  limit $7`

/** Of the records whose time lies in the closed interval [from, to], page by page. */
export async function* recordsIn(
  session: Session,
  { connectionKey, stream }: Scope,
  window: Window,
  pageSize: number,
): AsyncGenerator<readonly RecordRef[], void, undefined> {
  const scope = [connectionKey, stream, formatInstant(window.from), formatInstant(window.to)]
  let after = ['-infinity', '']
  for (;;) {
    const { rows } = await session.client.query<RecordRef & { readonly window_at: string }>(inWindow, [
      ...scope,
      ...after,
      pageSize,
    ])
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ recordId, parentId }) => ({ recordId, parentId }))
    after = [last.window_at, last.recordId]
  }
}

const newest = `
  select record_id as "recordId", parent_id as "parentId"
  from reelhouse.source_records
  where connection_key = $1 and stream = $2 and window_at >= coalesce($4::timestamptz, '-infinity')
    and outcome not in ('deleted', 'forgotten')
  order by window_at desc
  limit $3`

/** The records with the latest times, none before `since`, that are not deleted. */
export const newestRecords = async (
  session: Session,
  { connectionKey, stream }: Scope,
  limit: number,
  since: EpochMicros | null,
): Promise<readonly RecordRef[]> =>
  (
    await session.client.query<RecordRef>(newest, [
      connectionKey,
      stream,
      limit,
      since === null ? null : formatInstant(since),
    ])
  ).rows
