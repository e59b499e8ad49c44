// ingestr with strategy merge. The types are stated for all columns, so that it need not infer them by reading the file
// once more, and it adds no column of its own: faster than its defaults.
import { columns } from '../dump.mjs'
import { installed, versionOf } from './contender.mjs'

const binary = () => process.env.INGESTR_BINARY ?? installed('ingestr', 'bin/ingestr')

const typeOf = (name) => ({ created_at: 'timestamp', call_duration_in_sec: 'bigint' })[name] ?? 'text'

export const ingestr = {
  name: 'ingestr',
  table: 'bench.call_recordings',
  upserts: true,
  version: () => versionOf(binary(), '--version'),
  command: ({ url, input }) => ({
    command: [
      binary(),
      'ingest',
      ...['--source-uri', `csv://${input}`, '--source-table', 'dump'],
      ...['--dest-uri', url, '--dest-table', 'bench.call_recordings'],
      ...['--incremental-strategy', 'merge', '--primary-key', 'message_id'],
      ...['--columns', columns.map((name) => `${name}:${typeOf(name)}`).join(','), '--no-inference'],
      ...['--no-load-timestamp', '--yes', '--progress', 'log'],
    ],
  }),
}
