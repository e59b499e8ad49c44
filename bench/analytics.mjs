// What the indexes of the warehouse gain analysts, and what they cost the loader, on rows made by SQL.
//
//   npm run bench:analytics -- --rows 1000000 --runs 3 [--folder DIR] [--only generate|queries|loader]
//
// Times each query of docs/analytics.md by sequential scans, with the indexes, without each that it uses and with each
// candidate beside them; and a stream of staged batches into the filled table without any index but the key, with each alone
// and with all that are kept. Ratios are within one call. With --folder the warehouse stays there, and the next call goes on
// with it: ten million rows take ten minutes and 8 GB to make.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { measureLoader } from './analytics-loader.mjs'
import { measureQueries } from './analytics-queries.mjs'
import { generation } from './analytics-rows.mjs'
import { median, options, table } from './options.mjs'
import { main, query, run, startWarehouse } from './warehouse.mjs'

const { rows, runs, batches, folder, only } = options({ rows: 1_000_000, runs: 3, batches: 10, folder: '', only: '' })

const customer = `case message_direction when 'inbound' then phone_number when 'outbound' then number_dialed_by_user end`

/** Indexes that were weighed and not taken. */
const candidates = {
  bench_created_at: '(created_at)',
  bench_day: "(((created_at at time zone 'UTC')::date))",
  bench_customer_alone: `((${customer}))`,
  bench_portfolio: '(portfolio_id)',
  bench_portfolio_time: '(portfolio_id, created_at)',
  bench_conversation: '(conversation_id)',
  bench_unmapped: '(connection_key) where portfolio_id is null and deleted_at is null',
}

const say = (text) => process.stdout.write(`${text}\n`)

const generate = async (url) => {
  for (const [name, sql] of generation(rows)) {
    const began = performance.now()
    await query(url, sql)
    say(`  ${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
}

/** A database that is filled: by an earlier call, or now. */
const filled = async (warehouse, where) => {
  const [found] = await query(warehouse.url, "select from pg_database where datname = 'bench'")
  const url = new URL(warehouse.url)
  url.pathname = '/bench'
  if (found !== undefined) return url.href
  // A checkpoint for every gigabyte of WAL would be measured, too.
  await query(warehouse.url, "alter system set max_wal_size = '8GB'")
  await query(warehouse.url, 'select pg_reload_conf()')
  await warehouse.create('bench')
  await writeFile(
    join(where, 'bench.yaml'),
    'connections: [{ id: bench, source: files, paths: [none.csv], shape: travtus }]\n',
  )
  await run(process.execPath, [main, 'migrate', '--config', 'bench.yaml'], {
    cwd: where,
    env: { ...process.env, DATABASE_URL: url.href },
  })
  await generate(url.href)
  return url.href
}

const sizes = `
  select c.relname as name, pg_relation_size(c.oid)::float8 / 1e6 as mb
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = 'reelhouse.call_recordings'::regclass and not i.indisprimary and c.relname <> 'call_recordings_by_record'
  order by 1`

const prepareCandidates = async (client) => {
  for (const [name, definition] of Object.entries(candidates))
    await client.query(`create index if not exists ${name} on reelhouse.call_recordings ${definition}`)
  await client.query('analyze reelhouse.call_recordings')
  const found = (await client.query(sizes)).rows
  return { found, kept: found.map(({ name }) => name).filter((name) => !(name in candidates)) }
}

const milliseconds = (ms) => (Number.isFinite(ms) ? ms.toFixed(ms < 10 ? 1 : 0) : '> 60000')
const ratio = (one, other) => {
  if (!Number.isFinite(one)) return '-'
  return Number.isFinite(other) ? (one / other).toFixed(one / other < 0.1 ? 4 : 2) : `< ${(one / 60_000).toFixed(4)}`
}

const showQueries = (figures) => {
  const others = ({ without, instead, ms }) =>
    [
      ...Object.entries(without).map(([name, other]) => `without ${name} ${milliseconds(other)}`),
      ...Object.entries(instead)
        .filter(([, other]) => other < ms * 0.8)
        .map(([name, other]) => `with ${name} ${milliseconds(other)}`),
    ].join(', ')
  say(
    table([
      ['query', 'seq ms', 'ms', 'ratio'],
      ...figures.map((one) => [
        one.name,
        milliseconds(one.sequential),
        milliseconds(one.ms),
        ratio(one.ms, one.sequential),
      ]),
    ]),
  )
  for (const one of figures) say(`${one.name}\n   ${one.shape}\n   ${others(one)}`)
}

const showLoader = (figures, found) => {
  const of = (name, kind, key) =>
    median(figures.filter((one) => one.name === name && one.kind === kind).map((one) => one[key]))
  const mb = (name) => found.find((one) => one.name === name)?.mb.toFixed(1) ?? '-'
  const against = (name, kind, key) => (of(name, kind, key) / of('no index but the key', kind, key)).toFixed(2)
  const line = (name) => [
    name,
    mb(name),
    ...['new', 'changed'].flatMap((kind) => [
      of(name, kind, 'seconds').toFixed(2),
      against(name, kind, 'seconds'),
      against(name, kind, 'wal'),
    ]),
  ]
  const head = ['index', 'MB', 'new s', 'time', 'WAL', 'changed s', 'time', 'WAL']
  say(table([head, ...[...new Set(figures.map(({ name }) => name))].map(line)]))
}

const measure = async (client) => {
  const { found, kept } = await prepareCandidates(client)
  if (only !== 'loader') {
    const figures = await measureQueries(client, { runs, kept, candidates: Object.keys(candidates) }, say)
    showQueries(figures)
  }
  if (only === 'queries') return
  const all = found.map(({ name }) => name)
  const sets = {
    'no index but the key': [],
    ...Object.fromEntries(all.map((name) => [name, [name]])),
    'all that are kept': kept,
  }
  showLoader(await measureLoader(client, { batches, runs, sets, all }, say), found)
}

const where = folder === '' ? await mkdtemp(join(tmpdir(), 'reelhouse-bench-')) : folder
let warehouse
try {
  warehouse = await startWarehouse(where)
  const [{ version }] = await query(warehouse.url, 'select version()')
  say(`${rows} rows; ${cpus().length} cores, Node ${process.version}, ${version.split(' on ')[0]}`)
  const url = await filled(warehouse, where)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  if (only !== 'generate') await measure(client)
  await client.end()
} finally {
  await warehouse?.close()
  if (folder === '') await rm(where, { recursive: true, force: true })
}
