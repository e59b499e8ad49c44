// Loads a dump of invented recordings by Reelhouse, by hand with psql, and by other tools, each into a database of its own
// on the same server. Cases: first (no rows yet), again (identical), changed (1 %). A time counts when the table then
// holds the rows of the dump, all 14 columns of them. See bench/peers/README.md.
//
//   bash bench/peers/install.sh                        once
//   npm run bench:peers -- --rows 1000000 [--peers dlt,sling] [--limit-seconds 400] [--json]
//   npm run bench:peers -- --habits [--peers dlt]      no times: what becomes of late files, equal rows, empty cells
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { options } from './options.mjs'
import { peers } from './peers/all.mjs'
import { habits } from './peers/habits.mjs'
import { cases, race } from './peers/race.mjs'
import { reelhouse, unforced } from './peers/reelhouse.mjs'
import { report } from './peers/report.mjs'
import { stopTools } from './peers/timed.mjs'
import { query, startWarehouse } from './warehouse.mjs'

const given = options({ rows: 1_000_000, peers: '', 'limit-seconds': 400, habits: false, json: false })
const { rows, 'limit-seconds': limitSeconds, json } = given
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)

if (!Number.isInteger(rows) || rows < 1) throw new Error('--rows: a whole number from 1')
const names = peers.map(({ name }) => name)
const asked = given.peers === '' ? names : given.peers.split(',')
const unknown = asked.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`--peers: there is no ${unknown.join(', ')}; there are ${names.join(', ')}`)

const withVersion = (contender) => {
  try {
    return { contender, version: contender.version() }
  } catch (error) {
    return { contender, absent: error.message }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
let warehouse
const clear = async () => {
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    stopTools()
    await clear()
    process.exit(130)
  })

try {
  const own = given.habits ? [reelhouse] : [reelhouse, unforced]
  const found = [...own, ...peers.filter(({ name }) => asked.includes(name))].map(withVersion)
  warehouse = await startWarehouse(folder)
  const [{ version }] = await query(warehouse.url, 'select version()')
  const machine = `${cpus().length} cores, Node ${process.version}, ${version.split(' on ')[0]}`
  const date = new Date().toISOString()
  say(`${date}; ${given.habits ? 'habits' : `${rows} rows`}; ${machine}`)
  const setting = { warehouse, folder, found, limitSeconds, say }
  const results = given.habits ? await habits(setting) : await race({ ...setting, rows })
  if (!given.habits) say(`\n${report(results, cases)}`)
  if (json) process.stdout.write(`${JSON.stringify({ date, machine, rows, limitSeconds, results })}\n`)
} finally {
  await clear()
}
