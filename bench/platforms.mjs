// What became of so many recordings at every platform, the requests that took, and those that the default budgets allowed
// meanwhile. Nothing is asserted. Run it as `npm run bench:platforms -- [recordings]`: a thousand take ten minutes, as Genesys
// Cloud is asked for a hundred recordings a minute.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDotdoSimulator } from '../dist/simulator/dotdo/simulator.js'
import { startGenesysSimulator } from '../dist/simulator/genesys/simulator.js'
import { startTelnyxSimulator } from '../dist/simulator/telnyx/simulator.js'
import { startVapiSimulator } from '../dist/simulator/vapi/simulator.js'
import { startVoipbinSimulator } from '../dist/simulator/voipbin/simulator.js'
import { renderTable } from '../dist/terminal/table.js'

const [count = 1000] = process.argv.slice(2).map(Number)
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const key = 'the-key-of-the-bench'
const now = Date.now() * 1000
const day = 86_400_000_000
const range = { from: now - 3 * day + 60_000_000, to: now - day / 8, count }
const start = new Date((now - 4 * day) / 1000).toISOString()

const telnyx = await startTelnyxSimulator({ apiKey: key })
const voipbin = await startVoipbinSimulator({ accessKey: key, traps: { dialect: 'mixed' } })
const genesys = await startGenesysSimulator({ clientId: 'bench', clientSecret: key })
const vapi = await startVapiSimulator({ apiKey: key })
const dotdo = await startDotdoSimulator({ apiKey: key })
for (const { account } of [telnyx, voipbin, genesys, vapi]) account.generate(range)
dotdo.generate(range)

/** What each may ask in a second by default; of Genesys Cloud's four, 100 a minute may be for recordings. */
const budgets = { telnyx: 5, voipbin: 5, genesys: 240 / 60, vapi: 2, dotdo: 2 }

const connection = (id, lines) =>
  `  - id: ${id}\n    source: ${id}\n    start: ${start}\n${lines.map((line) => `    ${line}\n`).join('')}`
const config = `reading: { connections_at_a_time: 5 }
connections:
${[
  connection('telnyx', [`api_key: \${BENCH_KEY}`, `base_url: ${telnyx.baseUrl}`]),
  connection('voipbin', [`access_key: \${BENCH_KEY}`, `base_url: ${voipbin.baseUrl}`]),
  connection('genesys', [
    `client_id: bench`,
    `client_secret: \${BENCH_KEY}`,
    'region: mypurecloud.com',
    `base_url: ${genesys.url}`,
    `login_url: ${genesys.url}`,
  ]),
  connection('vapi', [`api_key: \${BENCH_KEY}`, `base_url: ${vapi.baseUrl}`]),
  connection('dotdo', [`api_key: \${BENCH_KEY}`, `base_url: ${dotdo.baseUrl}`, `path: ${dotdo.path}`]),
].join('')}`

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
await writeFile(join(folder, 'reelhouse.yaml'), config)

const reelhouse = (...args) =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [main, '--config', 'reelhouse.yaml', ...args], {
      cwd: folder,
      env: { ...process.env, BENCH_KEY: key },
    })
    const [out, log] = [[], []]
    child.stdout.on('data', (part) => out.push(part))
    child.stderr.on('data', (part) => log.push(part))
    child.on('error', fail)
    child.on('close', (code) => done({ code, out: Buffer.concat(out).toString(), log: Buffer.concat(log).toString() }))
  })

const table = async (title) => {
  const { code, out, log } = await reelhouse('sync', '--json')
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const read = new Map(lines.filter(({ msg }) => msg === 'connection read').map((line) => [line.connection, line]))
  const rows = JSON.parse(out).connections.map(({ connection: id, state, records, rows, requests }) => {
    const { seconds } = read.get(id)
    const budget = Math.floor(budgets[id] * seconds) + 1
    const { listed, flattened, rejected, skipped, pending } = records
    return [
      id,
      state,
      listed,
      flattened,
      rows.rows,
      rows.inserted,
      rejected,
      skipped,
      pending,
      requests,
      seconds,
      budget,
    ]
  })
  const head = [
    'connection',
    'state',
    'listed',
    'flattened',
    'rows',
    'inserted',
    'rejected',
    'skipped',
    'pending',
    'requests',
    'seconds',
    'allowed',
  ]
  console.log(`${title} (exit code ${code})\n${renderTable(head, rows)}`)
  for (const { level, msg } of lines) if (level !== 'info') console.log(level, msg)
}

try {
  await reelhouse('migrate')
  await table(`first sync, ${count} recordings each, at the default budgets`)
  await table('the next one, with nothing new')
} finally {
  await Promise.all([telnyx, voipbin, genesys, vapi, dotdo].map((simulator) => simulator.close()))
  await rm(folder, { recursive: true, force: true })
}
