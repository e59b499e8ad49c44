import type { MappedColumns } from '../domain/recording-row.ts'
import type { Session } from '../warehouse/session.ts'

/** A stored row, as far as the portfolio map reads it. */
export interface MappedRow extends MappedColumns {
  readonly portfolio_id: string | null
  readonly is_deleted: boolean
}

const find = `
  select
    portfolio_id, stated_portfolio_id, phone_number, number_dialed_by_user, message_direction, map_keys,
    deleted_at is not null as is_deleted
  from reelhouse.call_recordings
  join reelhouse.connections using (connection_key)
  where connection_id = $1 and message_id = $2`

/** Null when there is no such row. */
export const findMappedRow = async (
  session: Session,
  connectionId: string,
  messageId: string,
): Promise<MappedRow | null> => (await session.client.query<MappedRow>(find, [connectionId, messageId])).rows[0] ?? null
