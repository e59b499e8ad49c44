import type { RowRef } from '../domain/record-ref.ts'
import type { Session } from '../warehouse/session.ts'

/** Where a row is looked for. */
export interface RecordPlaces {
  /** The connection that has the rows. */
  readonly rowsOf: string
  /** The connection that reads the records, and its streams. */
  readonly readBy: string
  readonly streams: readonly string[]
}

const find = `
  select
    t.message_id as "messageId",
    t.record_id as "recordId",
    (
      select s.parent_id
      from reelhouse.connections r
      join reelhouse.source_records s on s.connection_key = r.connection_key
      where r.connection_id = $3 and s.stream = any ($4::text[]) and s.record_id = t.record_id
      limit 1
    ) as "parentId"
  from reelhouse.connections c
  join reelhouse.call_recordings t on t.connection_key = c.connection_key
  where c.connection_id = $1 and t.message_id = $2`

/** The record that a row was made of; null when there is no such row. */
export const findRecord = async (
  session: Session,
  { rowsOf, readBy, streams }: RecordPlaces,
  messageId: string,
): Promise<RowRef | null> =>
  (await session.client.query<RowRef>(find, [rowsOf, messageId, readBy, streams])).rows[0] ?? null
