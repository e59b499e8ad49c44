// Sling in mode incremental with a primary key and no update key: every record of the file is upserted. Types are stated,
// as it would make numbers of phone numbers. It creates no unique index unless told to, and is faster without.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { columns } from '../dump.mjs'
import { installed, versionOf } from './contender.mjs'

const binary = () => process.env.SLING_BINARY ?? installed('sling', 'bin/sling')

const typeOf = (name) => ({ created_at: 'timestampz', call_duration_in_sec: 'bigint' })[name] ?? 'text'

const replication = (csv) => `source: LOCAL
target: BENCH
streams:
  file://${csv}:
    mode: incremental
    primary_key: [message_id]
    object: bench.call_recordings
    source_options: { format: csv, header: true }
    columns: { ${columns.map((name) => `${name}: ${typeOf(name)}`).join(', ')} }
`

export const sling = {
  name: 'sling',
  table: 'bench.call_recordings',
  upserts: true,
  version: () => versionOf(binary(), '--version'),
  prepare: ({ folder, csv }) => writeFile(join(folder, 'replication.yaml'), replication(csv)),
  command: ({ url, folder }) => ({
    command: [binary(), 'run', '-r', 'replication.yaml'],
    env: { BENCH: url, SLING_HOME_DIR: join(folder, 'sling') },
  }),
}
