import type { DeletedRow } from '../domain/export.ts'
import type { Session } from '../warehouse/session.ts'

const claim = `
  insert into reelhouse.exported_rows (connection_key, message_id, row_hash, row_changed_at, export_id)
  select connection_key, message_id, row_hash, row_changed_at, $1
  from due_rows
  where place = any ($2::bigint[])
  on conflict (connection_key, message_id) do update
  set row_hash = excluded.row_hash, row_changed_at = excluded.row_changed_at, export_id = excluded.export_id`

/** Notes the versions that `dueRows` read last of these places, on the same session; inside the caller's transaction. */
export const claimRows = async (session: Session, exportId: number, places: readonly number[]): Promise<void> => {
  await session.client.query(claim, [exportId, places])
}

/** Nobody knows whether these versions were sent. */
export const forgetHashes = async (session: Session, exportId: number): Promise<void> => {
  await session.client.query(
    'update reelhouse.exported_rows set row_hash = null where export_id = $1 and row_hash is not null',
    [exportId],
  )
}

const deleted = `
  select c.connection_id as connection, e.message_id, e.export_id, count(*) over () as total
  from reelhouse.call_recordings t
  join reelhouse.exported_rows e on e.connection_key = t.connection_key and e.message_id = t.message_id
  join reelhouse.connections c on c.connection_key = t.connection_key
  where t.deleted_at is not null
  order by t.deleted_at desc, e.message_id
  limit $1`

export interface DeletedRows {
  readonly count: number
  /** The latest of them. */
  readonly rows: readonly DeletedRow[]
}

/** Rows that were sent and are deleted since. */
export const deletedAfterSending = async (session: Session, limit: number): Promise<DeletedRows> => {
  const { rows } = await session.client.query<DeletedRow & { readonly total: number }>(deleted, [limit])
  return { count: rows[0]?.total ?? 0, rows: rows.map(({ total: _, ...row }) => row) }
}
