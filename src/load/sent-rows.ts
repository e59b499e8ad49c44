import type { Session } from '../warehouse/session.ts'
import { foundRows } from './forget-tables.ts'

/** Deliveries have tables of their own. */
const hasDeliveries = async ({ client }: Session): Promise<boolean> =>
  (await client.query("select to_regclass('reelhouse.exported_rows') is not null as has")).rows[0]?.has === true

const files = `
  select distinct x.object_key as file
  from (${foundRows}) t
  join reelhouse.exported_rows e on e.connection_key = t.connection_key and e.message_id = t.message_id
  join reelhouse.exports x on x.export_id = e.export_id
  order by 1`

/** Delivered files that have rows of the person, by what findRecords left in the transaction. */
export const sentFiles = async (session: Session): Promise<readonly string[]> =>
  (await hasDeliveries(session))
    ? (await session.client.query<{ readonly file: string }>(files)).rows.map(({ file }) => file)
    : []

const erase = `
  delete from reelhouse.exported_rows e
  using unnest($1::integer[], $2::text[]) as d (connection_key, message_id)
  where e.connection_key = d.connection_key and e.message_id = d.message_id`

/** What the ledger of deliveries has of these rows. */
export const eraseSentRows = async (
  session: Session,
  rows: readonly { readonly rows_of: number; readonly record_id: string }[],
): Promise<number> => {
  if (!(await hasDeliveries(session))) return 0
  const values = [rows.map(({ rows_of }) => rows_of), rows.map(({ record_id }) => record_id)]
  return (await session.client.query(erase, values)).rowCount ?? 0
}
