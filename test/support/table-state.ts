import type { TestDatabase } from './database.ts'

/** The file that an ordinal belongs to, and the number of the record in it: what is left of it in another run. */
const placeOf = (ordinal: string, key: string): string => `
  (select f.file_name || '#' || ${ordinal} - f.ordinal_base
   from reelhouse.loaded_files f
   where f.connection_key = ${key} and f.ordinal_base <= ${ordinal}
   order by f.ordinal_base desc limit 1)`

/** With the name of its connection: two processes that begin together may leave a gap among their keys. */
const without = (alias: string, columns: readonly string[]): string =>
  `(to_jsonb(${alias}) - array[${['connection_key', ...columns].map((column) => `'${column}'`).join(', ')}])
      || jsonb_build_object('connection', c.connection_id)`

const statements = {
  call_recordings: `
    select ${without('t', ['run_id', 'first_loaded_at', 'last_changed_at', 'source_ordinal'])}
      || jsonb_build_object('place', ${placeOf('t.source_ordinal', 't.connection_key')}) as row
    from reelhouse.call_recordings t join reelhouse.connections c using (connection_key) order by c.connection_id, t.message_id`,
  source_records: `
    select ${without('t', ['run_id', 'read_at', 'ordinal'])}
      || jsonb_build_object('place', ${placeOf('t.ordinal', 't.connection_key')}) as row
    from reelhouse.source_records t join reelhouse.connections c using (connection_key) order by c.connection_id, t.record_id`,
  rejected_records: `
    select ${without('t', ['run_id', 'first_seen_at', 'last_changed_at', 'resolved_at', 'ordinal'])}
      || jsonb_build_object('place', ${placeOf('t.ordinal', 't.connection_key')}, 'resolved', t.resolved_at is not null) as row
    from reelhouse.rejected_records t join reelhouse.connections c using (connection_key) order by c.connection_id, t.reject_key`,
  loaded_files: `
    select ${without('t', ['run_id', 'file_key', 'ordinal_base', 'first_seen_at', 'loaded_at', 'forced'])}
      || jsonb_build_object('complete', t.loaded_at is not null) as row
    from reelhouse.loaded_files t join reelhouse.connections c using (connection_key) order by c.connection_id, t.ordinal_base`,
  seen_files: `
    select ${without('t', ['seen_at'])} as row
    from reelhouse.seen_files t join reelhouse.connections c using (connection_key) order by c.connection_id, t.file_name`,
} as const

export type Tables = Readonly<Record<keyof typeof statements, readonly unknown[]>>

/** Everything that must be the same whatever happened on the way: without run ids, times of loading and the ordinals' base. */
export const tablesOf = async (database: TestDatabase): Promise<Tables> => {
  const read = async (sql: string) => (await database.rows<{ row: unknown }>(sql)).map(({ row }) => row)
  return {
    call_recordings: await read(statements.call_recordings),
    source_records: await read(statements.source_records),
    rejected_records: await read(statements.rejected_records),
    loaded_files: await read(statements.loaded_files),
    seen_files: await read(statements.seen_files),
  }
}

/** Rows that only one of them has, some of them: of thousands a failed comparison shows none. */
export const differencesOf = (expected: Tables, found: Tables): readonly string[] => {
  const [inExpected, inFound] = [new Set(textsOf(expected)), new Set(textsOf(found))]
  const missing = [...inExpected].filter((row) => !inFound.has(row)).map((row) => `missing: ${row}`)
  const added = [...inFound].filter((row) => !inExpected.has(row)).map((row) => `not expected: ${row}`)
  return [...missing.slice(0, 10), ...added.slice(0, 10)]
}

const textsOf = (tables: Tables): readonly string[] =>
  Object.entries(tables).flatMap(([name, rows]) => rows.map((row) => `${name} ${JSON.stringify(row)}`))

/** The row versions of the data tables: they change with every write, even one of equal content. */
export const rowVersions = (database: TestDatabase): Promise<readonly object[]> =>
  database.rows(`
    select 'call_recordings' as in_table, connection_key || ' ' || message_id as key, ctid::text, xmin::text, xmax::text
    from reelhouse.call_recordings
    union all
    select 'source_records', connection_key || ' ' || record_id, ctid::text, xmin::text, xmax::text from reelhouse.source_records
    union all
    select 'rejected_records', connection_key || ' ' || reject_key, ctid::text, xmin::text, xmax::text from reelhouse.rejected_records
    order by 1, 2`)

const counters = [
  'listed',
  'flattened',
  'rejected',
  'skipped',
  'pending',
  'rows',
  'inserted',
  'updated',
  'unchanged',
] as const

/** What all runs of each connection counted together. */
export const countedByRuns = (database: TestDatabase): Promise<readonly object[]> =>
  database.rows(`
    select c.connection_id, ${[...counters, 'stale', 'duplicate'].map((name) => `sum(${name})::integer as ${name}`).join(', ')}
    from reelhouse.runs join reelhouse.connections c using (connection_key)
    group by 1 order by 1`)

/** Every run in the order of their beginnings: `calls sync succeeded`. */
export const runStates = async (database: TestDatabase): Promise<readonly string[]> =>
  (
    await database.rows<{ run: string }>(`
      select concat_ws(' ', c.connection_id, r.command, r.state) as run
      from reelhouse.runs r join reelhouse.connections c using (connection_key) order by r.run_id`)
  ).map(({ run }) => run)
