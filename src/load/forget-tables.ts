/** Rows of records that are one row each are found by their key, the others by the partial index of those. */
export const foundRows = `
  select t.*
  from forget_found f
  join reelhouse.call_recordings t on t.connection_key = f.rows_of and t.message_id = f.record_id
  where t.record_id = t.message_id
  union all
  select t.*
  from forget_found f
  join reelhouse.call_recordings t on t.connection_key = f.rows_of and t.record_id = f.record_id
  where t.record_id <> t.message_id`

/** What the tables of records hold of them: `alias` has a connection_key, `id` names its record. */
export const ofFound = (alias: string, id: string): string => `
  forget_readers g, forget_found f
  where g.reader = ${alias}.connection_key and f.rows_of = g.rows_of and f.record_id = ${alias}.${id}`
