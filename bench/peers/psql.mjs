// What one writes by hand instead of using a tool: \copy into a temporary table, and one INSERT ... ON CONFLICT that
// leaves equal rows alone. The same 14 columns with a key, no other index and no provenance.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { columns } from '../dump.mjs'
import { query } from '../warehouse.mjs'
import { versionOf } from './contender.mjs'

const typeOf = (name) => ({ created_at: 'timestamptz', call_duration_in_sec: 'integer' })[name] ?? 'text'

export const definition = columns.map((name) => `${name} ${typeOf(name)}`).join(', ')

const list = columns.join(', ')
const others = columns.filter((name) => name !== 'message_id')
const rowOf = (alias) => `row (${others.map((name) => `${alias}.${name}`).join(', ')})`

const script = (csv) => `begin;
create temp table stage (${definition}) on commit drop;
\\copy stage (${list}) from '${csv}' with (format csv, header)
insert into bench.call_recordings as t (${list}) select ${list} from stage on conflict (message_id) do update set ${others
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')} where ${rowOf('t')} is distinct from ${rowOf('excluded')};
commit;
`

/** The table that a tool without one of its own loads into. */
export const createTable = (url) =>
  query(url, `create schema bench; create table bench.call_recordings (${definition}, primary key (message_id))`)

export const psql = {
  name: 'psql',
  table: 'bench.call_recordings',
  upserts: true,
  version: () => versionOf('psql', '--version'),
  prepare: async ({ url, folder, csv }) => {
    await createTable(url)
    await writeFile(join(folder, 'upsert.sql'), script(csv))
  },
  command: ({ url }) => ({ command: ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-f', 'upsert.sql'] }),
}
