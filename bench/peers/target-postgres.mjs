// Meltano's target-postgres, fed with Singer messages that were written beforehand: no CSV is read and no tap runs in its
// time, which is in its favour. COPY instead of INSERT, no metadata columns, no validation of records: the fastest of it.
import { createReadStream, createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import { columns } from '../dump.mjs'
import { installed, versionOf } from './contender.mjs'

const target = () => installed('target-postgres', 'bin/target-postgres')
const stream = 'call_recordings'

const propertyOf = (name) =>
  ({
    created_at: { type: ['string', 'null'], format: 'date-time' },
    call_duration_in_sec: { type: ['integer', 'null'] },
  })[name] ?? { type: ['string', 'null'] }

const schema = {
  type: 'SCHEMA',
  stream,
  schema: { type: 'object', properties: Object.fromEntries(columns.map((name) => [name, propertyOf(name)])) },
  key_properties: ['message_id'],
}

async function* messages(records) {
  yield `${JSON.stringify(schema)}\n`
  for await (const record of records) {
    record.call_duration_in_sec = Number(record.call_duration_in_sec)
    yield `${JSON.stringify({ type: 'RECORD', stream, record })}\n`
  }
}

const settings = (url) => ({
  sqlalchemy_url: url.replace(/^postgres(ql)?:/, 'postgresql+psycopg:'),
  default_target_schema: 'bench',
  load_method: 'upsert',
  use_copy: true,
  add_record_metadata: false,
  activate_version: false,
  validate_records: false,
})

export const targetPostgres = {
  name: 'target-postgres',
  table: `bench.${stream}`,
  upserts: true,
  version: () => versionOf(target(), '--version'),
  prepare: ({ url, folder }) => writeFile(join(folder, 'target.json'), JSON.stringify(settings(url))),
  input: async (csv) => {
    await pipeline(createReadStream(csv), parse({ columns: true }), messages, createWriteStream(`${csv}.singer`))
    return `${csv}.singer`
  },
  command: ({ input }) => ({ command: [target(), '--config', 'target.json'], stdin: input }),
}
