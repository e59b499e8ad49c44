import type { Session } from '../warehouse/session.ts'

export interface SampleRow {
  readonly connection_id: string
  readonly began: string
  readonly message_direction: string | null
  readonly customer_phone_number: string | null
  readonly call_duration_in_sec: number | null
  readonly portfolio_id: string | null
}

/** A few of the newest recordings of every connection. */
export const sampleRecordings = async (session: Session, perConnection: number): Promise<readonly SampleRow[]> => {
  const { rows } = await session.client.query<SampleRow>(
    `
    select connection_id, began, message_direction, customer_phone_number, call_duration_in_sec, portfolio_id
    from (
      select
        *,
        to_char(created_at, 'YYYY-MM-DD HH24:MI:SS') as began,
        row_number() over (partition by connection_id order by created_at desc, message_id) as place
      from reelhouse.recordings
    ) r
    where place <= $1
    order by connection_id, place`,
    [perConnection],
  )
  return rows
}
