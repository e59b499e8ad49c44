// Whether a table holds the rows of the dump: all 14 columns of every row. Types may differ (an instant with or without
// zone, any integer); what they say may not.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { columns } from '../dump.mjs'
import { query } from '../warehouse.mjs'
import { createTable } from './psql.mjs'

const typesOf = async (url, table) => {
  const rows = await query(
    url,
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped`,
  )
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]))
}

const asText = (name, types) => {
  if (name !== 'created_at') return `${name}::text`
  const instant = types[name] === 'timestamp without time zone' ? `${name} at time zone 'UTC'` : `${name}::timestamptz`
  return `to_char((${instant}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

/** { rows, digest } of the 14 columns, in the order of the keys. */
export const written = async (url, table) => {
  const types = await typesOf(url, table)
  const [found] = await query(
    url,
    `select count(*)::int as rows,
      md5(string_agg(md5(row (${columns.map((name) => asText(name, types)).join(', ')})::text), '' order by message_id collate "C")) as digest
    from ${table}`,
  )
  return found
}

/** The names of the columns that are not as in `expected`, for a table with the wrong digest. */
export const differing = async (url, table, expected) => {
  const digests = async (at, of) => {
    const types = await typesOf(at, of)
    const parts = columns.map(
      (name) =>
        `md5(string_agg(coalesce(${asText(name, types)}, '\\N'), ',' order by message_id collate "C")) as ${name}`,
    )
    return (await query(at, `select ${parts.join(', ')} from ${of}`))[0]
  }
  const [ours, theirs] = [await digests(expected, 'bench.call_recordings'), await digests(url, table)]
  return columns.filter((name) => ours[name] !== theirs[name])
}

/** Fills the table of an empty database with the rows of a file by COPY: what everyone else is compared with. */
export const fill = async (url, csv) => {
  await createTable(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await pipeline(
    createReadStream(csv),
    client.query(copyFrom('copy bench.call_recordings from stdin with (format csv, header)')),
  )
  await client.end()
  return written(url, 'bench.call_recordings')
}
