// Reads a simulated Telnyx account as `reelhouse sync` does: requests per thousand recordings, rows a second, and what a
// run with nothing new costs. Nothing is asserted: machines differ. Run it as `npm run bench:telnyx -- [recordings]
// [days] [latency in ms] [requests per second]`, several times, and look at the ratios.
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const [recordings = 20_000, days = 30, latencyMs = 0, requestsPerSecond = 1000] = process.argv.slice(2).map(Number)
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const apiKey = 'KEY-of-the-bench'

const account = fork(fileURLToPath(new URL('telnyx-account.mjs', import.meta.url)), [
  JSON.stringify({ apiKey, recordings, days, latencyMs }),
])
const [{ baseUrl, now }] = await once(account, 'message')

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
await writeFile(
  join(folder, 'reelhouse.yaml'),
  `connections:
  - id: bench
    source: telnyx
    api_key: \${BENCH_API_KEY}
    base_url: ${baseUrl}
    start: ${new Date(now / 1000 - (days + 1) * 86_400_000).toISOString()}
    requests_per_second: ${requestsPerSecond}
`,
)

const reelhouse = async (...args) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, '--config', 'reelhouse.yaml', '--log-level', 'warn', ...args],
    { cwd: folder, env: { ...process.env, BENCH_API_KEY: apiKey }, maxBuffer: 1e9 },
  )
  return stdout
}

const measured = async (what, ...args) => {
  const startedAt = performance.now()
  const { connections } = JSON.parse(await reelhouse(...args, '--json'))
  const seconds = (performance.now() - startedAt) / 1000
  const [{ requests, windows, records, rows }] = connections
  console.log(
    `${what.padEnd(28)} ${seconds.toFixed(1)} s, ${windows.read} windows, ${requests} requests` +
      ` (${((1000 * requests) / recordings).toFixed(1)} per thousand recordings), listed ${records.listed},` +
      ` inserted ${rows.inserted}, updated ${rows.updated}, ${Math.round(records.listed / seconds)} records/s`,
  )
}

try {
  // Keeps the embedded Postgres up meanwhile, so that starting it is not measured.
  await reelhouse('migrate')
  console.log(
    `${recordings} recordings over ${days} days, ${latencyMs} ms latency, at most ${requestsPerSecond} requests/s`,
  )
  await measured('first sync', 'sync')
  await measured('nothing new', 'sync')
  await measured('nothing new, once more', 'sync')
} finally {
  account.kill()
  await rm(folder, { recursive: true, force: true })
}
