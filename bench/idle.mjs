// What a sync costs that finds nothing new: 20 connections (three of each simulated platform, five of dump files) over a
// warehouse of so many rows. Prints wall, CPU of Node, statements and sessions, and WAL: full_page_writes is off on the bench's
// server while it is measured, so that no image of a page is among it; the sync before it has written the same pages.
//
//   npm run bench:idle -- --rows 10000000 --runs 5 [--json]
//
// Statements are counted in one more run, by the server's log. Nothing is asserted: machines differ.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDump } from './dump.mjs'
import { median, options, table } from './options.mjs'
import { main, query, run, startWarehouse } from './warehouse.mjs'

const { rows, runs, json } = options({ rows: 10_000_000, runs: 5, json: false })

const key = 'KEY-of-the-bench'
const days = 10
const platforms = ['telnyx', 'voipbin', 'genesys', 'vapi', 'dotdo']
const ofEach = 3
const dumps = 5

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const canTime = spawnSync('/usr/bin/time', ['--version']).status === 0

const settingsOf = {
  telnyx: ({ url }) => [`api_key: \${BENCH_KEY}`, `base_url: ${url}`],
  voipbin: ({ url }) => [`access_key: \${BENCH_KEY}`, `base_url: ${url}`],
  genesys: ({ url }) => [
    'client_id: bench',
    `client_secret: \${BENCH_KEY}`,
    'region: mypurecloud.com',
    `base_url: ${url}`,
    `login_url: ${url}`,
    'requests_per_minute: 60000',
    'recordings_per_minute: 30000',
  ],
  vapi: ({ url }) => [`api_key: \${BENCH_KEY}`, `base_url: ${url}`, 'retention: 400d'],
  dotdo: ({ url, path }) => [`api_key: \${BENCH_KEY}`, `base_url: ${url}`, `path: ${path}`],
}

const startAccount = async (source) => {
  const given = JSON.stringify({ source, key, count: 200, days, latencyMs: 0, limit: null })
  const child = fork(fileURLToPath(new URL('account.mjs', import.meta.url)), [given])
  const [account] = await once(child, 'message')
  return { source, ...account, close: () => child.kill() }
}

const connectionOf = (id, lines) => `  - id: ${id}\n${lines.map((line) => `    ${line}\n`).join('')}`

/** Budgets are out of the way: the platforms are on this machine, and asked for a page or two. */
const apis = (accounts) =>
  accounts.flatMap((account) =>
    Array.from({ length: ofEach }, (_, n) => {
      const budget = account.source === 'genesys' ? [] : ['requests_per_second: 1000']
      const lines = [
        `source: ${account.source}`,
        `start: ${account.start}`,
        ...settingsOf[account.source](account),
        ...budget,
      ]
      return connectionOf(`${account.source}-${n}`, lines)
    }),
  )

const files = async () => {
  const connections = []
  for (let n = 0; n < dumps; n += 1) {
    await writeDump(join(folder, `dump-${n}.csv`), { count: 200, from: n * 200 })
    connections.push(connectionOf(`files-${n}`, ['source: files', `paths: [dump-${n}.csv]`, 'shape: travtus']))
  }
  return connections
}

const reelhouse = async (url, ...args) => {
  const command = [process.execPath, main, '--log-level', 'warn', '--config', 'bench.yaml', ...args]
  const [program, ...rest] = canTime ? ['/usr/bin/time', '-f', '%M %U %S', ...command] : command
  const env = { ...process.env, DATABASE_URL: url, BENCH_KEY: key }
  const began = performance.now()
  const { stdout, stderr } = await run(program, rest, { cwd: folder, env, maxBuffer: 1e9 })
  const seconds = (performance.now() - began) / 1000
  const none = [Number.NaN, Number.NaN, Number.NaN]
  const [rss, user, system] = canTime ? stderr.trim().split('\n').at(-1).split(' ').map(Number) : none
  return { stdout, seconds, cpu: user + system, rss: rss / 1024 }
}

const sync = async (url) => {
  const { stdout, ...cost } = await reelhouse(url, 'sync', '--json')
  const { connections } = JSON.parse(stdout)
  const failed = connections.filter(({ state }) => state !== 'succeeded')
  if (failed.length > 0) throw new Error(`it failed: ${JSON.stringify(failed)}`)
  return { ...cost, inserted: connections.reduce((sum, each) => sum + each.rows.inserted, 0), connections }
}

/** Rows of history, of every connection, older than what a sync looks at again; with the records that they were made of. */
const fill = async (url) => {
  const connections = 'array(select connection_key from reelhouse.connections order by 1)'
  const some = `
    from generate_series(1, ${rows}) n
    cross join lateral (select (${connections})[1 + n % ${platforms.length * ofEach + dumps}] as connection_key) c
    cross join lateral (select 'history-' || md5(n::text) as id, now() - interval '60 days' - n * interval '9 seconds' as at) r`
  const base = { call: 'reelhouse.call_recordings', record: 'reelhouse.source_records' }
  const recordings = query(
    url,
    `insert into ${base.call} (connection_key, conversation_id, message_id, created_at, phone_number, number_dialed_by_user,
       message_direction, call_duration_in_sec, message_text, source, media, record_id, recording_status, source_ordinal,
       first_loaded_at, last_changed_at, run_id)
     select c.connection_key, r.id, r.id, r.at, '+15125550100', '+15125550199', 'inbound', 60, 'hello this is about the apartment',
       'history', 'audio', r.id, 'available', 1, now(), now(), 1 ${some}`,
  )
  const records = query(
    url,
    `insert into ${base.record} (connection_key, stream, record_id, window_at, ordinal, outcome, read_at, run_id)
     select c.connection_key, 'recordings', r.id, r.at, 1, 'row', now(), 1 ${some}`,
  )
  await Promise.all([recordings, records])
  await query(url, 'vacuum (analyze)')
}

const setting = async (url, name, value) => {
  await query(url, `alter system set ${name} = '${value}'`)
  await query(url, 'select pg_reload_conf()')
}

const walOf = async (url, work) => {
  await query(url, 'checkpoint')
  await sync(url)
  const at = async () =>
    (await query(url, 'select pg_current_wal_lsn() as lsn, (select wal_fpi from pg_stat_wal) as images'))[0]
  const before = await at()
  const result = await work()
  const after = await at()
  const [{ wal }] = await query(url, `select pg_wal_lsn_diff('${after.lsn}', '${before.lsn}')::float8 as wal`)
  return { ...result, wal, images: after.images - before.images }
}

/** By the server's log, which one run fills. */
const statementsOf = async (url) => {
  const [{ path }] = await query(url, "select current_setting('data_directory') as path")
  const log = join(path, '..', 'postgres.log')
  const linesOf = async () => (await readFile(log, 'utf8')).split('\n')
  await setting(url, 'log_statement', 'all')
  await setting(url, 'log_connections', 'on')
  const before = (await linesOf()).length
  await sync(url)
  const lines = (await linesOf()).slice(before)
  await setting(url, 'log_statement', 'none')
  await setting(url, 'log_connections', 'off')
  const count = (pattern) => lines.filter((line) => pattern.test(line)).length
  return { statements: count(/LOG: {2}(?:statement|execute )/), sessions: count(/connection authorized/), lines }
}

const accounts = []
let warehouse
try {
  warehouse = await startWarehouse(folder)
  const url = await warehouse.create('bench')
  const [{ version }] = await query(url, 'select version()')
  const machine = `${cpus().length} cores, Node ${process.version}, ${version.split(' on ')[0]}`
  say(`${rows} rows, ${platforms.length * ofEach + dumps} connections; ${machine}`)
  for (const source of platforms) accounts.push(await startAccount(source))
  const connections = [...apis(accounts), ...(await files())]
  await writeFile(join(folder, 'bench.yaml'), `connections:\n${connections.join('')}`)
  await reelhouse(url, 'migrate')
  say(`  first sync: ${(await sync(url)).inserted} rows`)
  await fill(url)
  say('  filled')
  await sync(url)
  await setting(url, 'full_page_writes', 'off')
  const results = []
  for (let n = 1; n <= runs; n += 1) {
    const { connections: read, ...figures } = await walOf(url, () => sync(url))
    if (figures.inserted > 0) throw new Error(`it inserted ${figures.inserted} rows: ${JSON.stringify(read)}`)
    results.push(figures)
    say(`  ${figures.seconds.toFixed(2)} s, CPU ${figures.cpu.toFixed(2)} s, WAL ${(figures.wal / 1000).toFixed(0)} kB`)
  }
  const { lines, ...statements } = await statementsOf(url)
  if (process.env.BENCH_LOG !== undefined) await writeFile(process.env.BENCH_LOG, lines.join('\n'))
  const of = (name) => median(results.map((result) => result[name]))
  const shown = [
    [of('seconds').toFixed(2), of('cpu').toFixed(2), of('rss').toFixed(0), (of('wal') / 1000).toFixed(0), of('images')],
    [statements.statements, statements.sessions],
  ].flat()
  const head = ['wall s', 'Node CPU s', 'RSS MB', 'WAL kB', 'page images', 'statements', 'sessions']
  say(`\nmedians of ${runs}:\n${table([head, shown])}`)
  if (json) process.stdout.write(`${JSON.stringify({ machine, rows, runs, results, ...statements })}\n`)
} finally {
  for (const account of accounts) account.close()
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
