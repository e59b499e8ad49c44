import type { Session } from '../warehouse/session.ts'
import { foundRows } from './forget-tables.ts'

const files = `
  select distinct x.object_key as file
  from (${foundRows}) t
  join reelhouse.exported_rows e on e.connection_key = t.connection_key and e.message_id = t.message_id
  join reelhouse.exports x on x.export_id = e.export_id
  order by 1`

/** Delivered files that have rows of the person, by what findRecords left in the transaction. */
export const sentFiles = async ({ client }: Session): Promise<readonly string[]> =>
  (await client.query<{ readonly file: string }>(files)).rows.map(({ file }) => file)

const erase = `
  delete from reelhouse.exported_rows e
  using unnest($1::integer[], $2::text[]) as d (connection_key, message_id)
  where e.connection_key = d.connection_key and e.message_id = d.message_id`

/** What the ledger of deliveries has of these rows. */
export const eraseSentRows = async (
  { client }: Session,
  rows: readonly { readonly rows_of: number; readonly record_id: string }[],
): Promise<number> => {
  const values = [rows.map(({ rows_of }) => rows_of), rows.map(({ record_id }) => record_id)]
  return (await client.query(erase, values)).rowCount ?? 0
}
