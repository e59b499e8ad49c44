// dlt with write disposition merge, strategy upsert, in its two fast set-ups:
//   dlt        the file is imported as it is and copied into staging by COPY: the fastest, and checks nothing
//   dlt-arrow  read and typed by pyarrow, copied as Parquet through ADBC: what its page on Postgres advises for tables
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed, versionOf } from './contender.mjs'

const script = fileURLToPath(new URL('merge-by-dlt.py', import.meta.url))
const python = () => installed('dlt', 'bin/python')

const contender = (name, how) => ({
  name,
  table: 'bench.call_recordings',
  upserts: true,
  version: () => versionOf(python(), '-c', 'import dlt; print(dlt.__version__)'),
  command: ({ url, folder, input }) => ({ command: [python(), script, how, url, input, join(folder, 'pipelines')] }),
})

export const dlt = contender('dlt', 'import')
export const dltArrow = contender('dlt-arrow', 'arrow')
