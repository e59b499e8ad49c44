// Reads simulated platforms as `reelhouse sync` does: rows a second, requests per thousand recordings, and what of the time and
// of the budget is used. Cases: `fast` (answers at once), `late` (every answer takes 100 ms; nothing limits the requests) and
// `limit` (a budget by which the run takes a minute or so, kept by the platform: more is answered 429).
//
//   npm run bench:api -- --rows 100000 --runs 1 [--sources telnyx,vapi] [--cases fast,late,limit] [--days 20] [--json]
//
// Platforms that are asked for each recording by itself are read with fewer of them where time or budget bind: see `shares`.
// `of back-to-back`: what as many requests take one after the other, with nothing else at work, beside what the run took. Nothing is asserted: machines differ.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, options, table } from './options.mjs'
import { main, query, run, startWarehouse } from './warehouse.mjs'

const {
  rows,
  runs,
  days,
  seconds: wanted,
  sources,
  cases,
  json,
} = options({
  rows: 100_000,
  runs: 1,
  days: 20,
  seconds: 60,
  sources: 'telnyx,voipbin,genesys,vapi,dotdo',
  cases: 'fast,late,limit',
  json: false,
})

const key = 'KEY-of-the-bench'
const latencyMs = 100
/** More is not asked for, whatever the case. */
const unlimited = 1000
/** In so many seconds the platform counts the requests of its budget. */
const counted = 10

/** What of the recordings is read, by case: those platforms are asked for each one by itself. */
const shares = { voipbin: { fast: 0.2, late: 0.05, limit: 0.2 }, genesys: { fast: 0.25, late: 0.05, limit: 0.2 } }

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const canTime = spawnSync('/usr/bin/time', ['--version']).status === 0

/** `perSecond`: requests, of Genesys Cloud those for recordings, which are the scarce ones. */
const settingsOf = {
  telnyx: (url, perSecond) => [`api_key: \${BENCH_KEY}`, `base_url: ${url}`, `requests_per_second: ${perSecond}`],
  voipbin: (url, perSecond) => [`access_key: \${BENCH_KEY}`, `base_url: ${url}`, `requests_per_second: ${perSecond}`],
  genesys: (url, perSecond) => [
    'client_id: bench',
    `client_secret: \${BENCH_KEY}`,
    'region: mypurecloud.com',
    `base_url: ${url}`,
    `login_url: ${url}`,
    `requests_per_minute: ${Math.min(60_000, perSecond * 120)}`,
    `recordings_per_minute: ${Math.min(30_000, perSecond * 60)}`,
  ],
  vapi: (url, perSecond) => [
    `api_key: \${BENCH_KEY}`,
    `base_url: ${url}`,
    `requests_per_second: ${perSecond}`,
    `retention: ${days + 2}d`,
  ],
  dotdo: (url, perSecond, path) => [
    `api_key: \${BENCH_KEY}`,
    `base_url: ${url}`,
    `path: ${path}`,
    `requests_per_second: ${perSecond}`,
  ],
}

const startAccount = async (given) => {
  const child = fork(fileURLToPath(new URL('account.mjs', import.meta.url)), [JSON.stringify({ key, days, ...given })])
  const [account] = await once(child, 'message')
  const asked = async () => {
    const answer = once(child, 'message')
    child.send('requests')
    return (await answer)[0]
  }
  return { ...account, asked, close: () => child.kill() }
}

const reelhouse = async (url, ...args) => {
  const command = [process.execPath, main, '--log-level', 'warn', '--config', 'bench.yaml', ...args]
  const [program, ...rest] = canTime ? ['/usr/bin/time', '-f', '%M %U', ...command] : command
  const env = { ...process.env, DATABASE_URL: url, BENCH_KEY: key }
  const began = performance.now()
  const { stdout, stderr } = await run(program, rest, { cwd: folder, env, maxBuffer: 1e9 })
  const seconds = (performance.now() - began) / 1000
  const lines = stderr.trim().split('\n')
  const [rss, cpu] = canTime ? lines.pop().split(' ').map(Number) : [Number.NaN, Number.NaN]
  for (const line of lines) if (line !== '') say(`  ${line}`)
  return { stdout, seconds, rss: rss / 1024, cpu }
}

const credentialsOf = {
  telnyx: () => ({ authorization: `Bearer ${key}` }),
  vapi: () => ({ authorization: `Bearer ${key}` }),
  dotdo: () => ({ authorization: `Bearer ${key}` }),
  voipbin: () => ({ cookie: `accesskey=${key}` }),
  genesys: async (url) => {
    const authorization = `Basic ${Buffer.from(`bench:${key}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`${url}/oauth/token`, { method: 'POST', headers, body: 'grant_type=client_credentials' })
    if (!answer.ok) throw new Error(`genesys: a login is answered ${answer.status}`)
    return { authorization: `Bearer ${(await answer.json()).access_token}` }
  },
}

/** Seconds that one of its requests takes when nothing else is done: the machine adds to the latency. */
const roundTrip = async (source, url, { path, query: asked }) => {
  const headers = await credentialsOf[source](url)
  const took = []
  for (let n = 0; n < 31; n += 1) {
    const began = performance.now()
    const answer = await fetch(`${new URL(url).origin}${path}?${new URLSearchParams(asked)}`, { headers })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${source}: ${path} is answered ${answer.status}`)
    took.push((performance.now() - began) / 1000)
  }
  return median(took)
}

/** One sync of a new account into an empty database. */
const read = async (warehouse, source, name, perSecond, count) => {
  const requests = Math.floor(perSecond * counted)
  const limit = name === 'limit' ? { requests: source === 'genesys' ? 2 * requests : requests, seconds: counted } : null
  const account = await startAccount({ source, count, latencyMs: name === 'late' ? latencyMs : 0, limit })
  try {
    const url = await warehouse.create('bench')
    const settings = settingsOf[source](account.url, perSecond, account.path)
    const lines = [`id: bench`, `source: ${source}`, `start: ${account.start}`, ...settings]
    await writeFile(join(folder, 'bench.yaml'), `connections:\n  - ${lines.join('\n    ')}\n`)
    await reelhouse(url, 'migrate')
    await account.asked()
    const { stdout, ...cost } = await reelhouse(url, 'sync', '--json')
    const asked = await account.asked()
    const [{ state, windows, rows: written }] = JSON.parse(stdout).connections
    const [{ stored }] = await query(url, 'select count(*)::int as stored from reelhouse.call_recordings')
    if (state !== 'succeeded' || stored < count) throw new Error(`${source}: ${state}, ${stored} of ${count} rows`)
    const each = name === 'late' ? await roundTrip(source, account.url, asked.typical) : Number.NaN
    return {
      source,
      case: name,
      each,
      count,
      perSecond,
      windows: windows.read,
      inserted: written.inserted,
      ...cost,
      asked,
    }
  } finally {
    account.close()
  }
}

const figuresOf = ({ source, case: name, each, perSecond, count, seconds, asked, cpu, rss }) => {
  const bound = source === 'genesys' ? asked.recordings : asked.requests
  return {
    source,
    case: name,
    recordings: count,
    seconds,
    'rows/s': count / seconds,
    'per thousand': (1000 * asked.requests) / count,
    'one alone, ms': 1000 * each,
    'of back-to-back %': (100 * asked.requests * each) / seconds,
    'budget/s': name === 'limit' ? perSecond : Number.NaN,
    'of budget %': name === 'limit' ? (100 * bound) / (perSecond * seconds) : Number.NaN,
    'while reading %': name === 'limit' ? (100 * bound) / (perSecond * asked.seconds) : Number.NaN,
    'answers 429': asked.refused,
    'Node CPU s': cpu,
    'RSS MB': rss,
  }
}

const shown = (value) => {
  if (typeof value !== 'number') return value
  if (Number.isNaN(value)) return ''
  return Number.isInteger(value) || value >= 1000 ? Math.round(value) : value.toFixed(1)
}

/** The budget by which the run takes as long as is wanted, from the requests that the first case took. */
const budgetOf = (source, requestsEach, count) => {
  const perSecond = Math.min(unlimited / (source === 'genesys' ? 2 : 1), (requestsEach * count) / wanted)
  return perSecond > 20 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10
}

const medians = (results) => {
  const names = Object.keys(results[0])
  return Object.fromEntries(
    names.map((name) => [
      name,
      typeof results[0][name] === 'number' ? median(results.map((result) => result[name])) : results[0][name],
    ]),
  )
}

let warehouse
try {
  warehouse = await startWarehouse(folder)
  const [{ version }] = await query(warehouse.url, 'select version()')
  const machine = `${cpus().length} cores, Node ${process.version}, ${version.split(' on ')[0]}`
  say(`${rows} recordings over ${days} days, ${runs} runs; ${machine}`)
  const results = []
  for (const source of sources.split(',')) {
    let requestsEach = 1
    for (const name of cases.split(',')) {
      const count = Math.max(100, Math.round(rows * (shares[source]?.[name] ?? 1)))
      const perSecond = name === 'limit' ? budgetOf(source, requestsEach, count) : unlimited
      const all = []
      for (let n = 1; n <= runs; n += 1) all.push(figuresOf(await read(warehouse, source, name, perSecond, count)))
      const figures = medians(all)
      requestsEach = figures['per thousand'] / 1000
      results.push(figures)
      say(`  ${source} ${name}: ${figures.seconds.toFixed(1)} s, ${Math.round(figures['rows/s'])} rows/s`)
    }
  }
  const lines = results.map((figures) => Object.values(figures).map(shown))
  say(`\n${table([Object.keys(results[0]), ...lines])}`)
  if (json) process.stdout.write(`${JSON.stringify({ machine, rows, days, runs, results })}\n`)
} finally {
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
