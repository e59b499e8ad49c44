// Peak memory (RSS) of `reelhouse sync`: of dumps of 100 thousand, 1 and 10 million rows, and of an API whose pages hold
// transcripts of 10 MB.
//
//   npm run bench:memory -- --rows 10000000 --transcripts 30 [--json]
//
// `--rows`: the largest dump; those before it have a tenth each. 10 million rows take 15 GB of disk for a while.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDump } from './dump.mjs'
import { options, table } from './options.mjs'
import { timedReelhouse, timedSync } from './timed-reelhouse.mjs'
import { startWarehouse } from './warehouse.mjs'

const { rows, transcripts, json } = options({ rows: 10_000_000, transcripts: 30, json: false })

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const results = []

const measure = async (what, warehouse, config, env, counts) => {
  await writeFile(join(folder, 'bench.yaml'), config)
  const withUrl = { ...env, DATABASE_URL: await warehouse.create('memory') }
  await timedReelhouse(folder, withUrl, 'migrate')
  const { counted, rss, cpu } = await timedSync(folder, withUrl)
  if (counted.inserted !== counts) throw new Error(`${what}: ${JSON.stringify(counted)}`)
  results.push({ what, rss, cpu })
  say(`  ${what}: ${rss.toFixed(0)} MB`)
}

const ofFiles = 'connections:\n  - { id: bench, source: files, paths: [dump.csv], shape: travtus }\n'

const ofApi = ({ url, start }) => `connections:
  - { id: bench, source: telnyx, api_key: "\${BENCH_KEY}", base_url: "${url}", start: "${start}" }
`

const measureApi = async (warehouse) => {
  const account = fork(fileURLToPath(new URL('transcripts-account.mjs', import.meta.url)), [String(transcripts)])
  try {
    const [served] = await once(account, 'message')
    const what = `API, ${transcripts} transcripts of 10 MB`
    await measure(what, warehouse, ofApi(served), { BENCH_KEY: 'bench' }, transcripts)
  } finally {
    account.kill()
  }
}

let warehouse
try {
  warehouse = await startWarehouse(folder)
  say(`${cpus().length} cores, Node ${process.version}`)
  for (const count of [rows / 100, rows / 10, rows].map(Math.round)) {
    await writeDump(join(folder, 'dump.csv'), { count })
    await measure(`files, ${count} rows`, warehouse, ofFiles, {}, count)
  }
  await measureApi(warehouse)
  const shown = results.map(({ what, rss, cpu }) => [what, rss.toFixed(0), cpu.toFixed(1)])
  say(`\n${table([['case', 'RSS MB', 'Node CPU s'], ...shown])}`)
  if (json) process.stdout.write(`${JSON.stringify({ node: process.version, results })}\n`)
} finally {
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
