// pgloader: COPY in batches into a table that is there already. It has no upsert: a row whose key is there is rejected, so
// only the first case is run. Indexes are dropped before and made again after the load, as its page on CSV has it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installed, versionOf } from './contender.mjs'
import { createTable } from './psql.mjs'

const binary = () => installed('pgloader', 'usr/bin/pgloader')

const load = (url, csv) => `LOAD CSV
  FROM '${csv}'
  INTO ${url.replace(/^postgres:/, 'postgresql:')}
  TARGET TABLE bench.call_recordings
  WITH skip header = 1, fields optionally enclosed by '"', fields terminated by ',', drop indexes;
`

export const pgloader = {
  name: 'pgloader',
  table: 'bench.call_recordings',
  upserts: false,
  version: () => versionOf(binary(), '--version'),
  prepare: async ({ url, folder, csv }) => {
    await createTable(url)
    await writeFile(join(folder, 'csv.load'), load(url, csv))
  },
  command: ({ folder }) => ({ command: [binary(), '--quiet', '--root-dir', join(folder, 'pgloader'), 'csv.load'] }),
}
