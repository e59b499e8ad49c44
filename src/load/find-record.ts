import type { Session } from '../warehouse/session.ts'

interface FoundRecord {
  readonly recordId: string
  /** What it belongs to at the source, where that is needed to find it. */
  readonly parentId: string | null
}

const find = `
  select t.record_id as "recordId", s.parent_id as "parentId"
  from reelhouse.connections c
  join reelhouse.call_recordings t using (connection_key)
  left join reelhouse.source_records s on s.connection_key = c.connection_key and s.record_id = t.record_id
  where c.connection_id = $1 and t.message_id = $2
  limit 1`

/** The record that a row was made of; null when the connection has no such row. */
export const findRecord = async (
  session: Session,
  connectionId: string,
  messageId: string,
): Promise<FoundRecord | null> =>
  (await session.client.query<FoundRecord>(find, [connectionId, messageId])).rows[0] ?? null
