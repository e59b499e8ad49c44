// Whether loading slows down as the table grows: ten dumps of new rows, one after the other, into one table. Prints the time
// per row of the first, the fifth and the tenth, and what the last costs of the first.
//
//   npm run bench:growth -- --rows 1000000 [--json]
//
// `--rows`: of each dump. 10 times 1,000,000 take 10 GB of disk for a while.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDump } from './dump.mjs'
import { options, table } from './options.mjs'
import { timedReelhouse, timedSync } from './timed-reelhouse.mjs'
import { measured, startWarehouse } from './warehouse.mjs'

const { rows, json } = options({ rows: 1_000_000, json: false })
const steps = 10

const folder = await mkdtemp(join(tmpdir(), 'reelhouse-bench-'))
const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`)
const results = []

let warehouse
try {
  const config = 'connections:\n  - { id: bench, source: files, paths: [dump.csv], shape: travtus }\n'
  await writeFile(join(folder, 'bench.yaml'), config)
  warehouse = await startWarehouse(folder)
  const url = await warehouse.create('growth')
  const env = { DATABASE_URL: url }
  await timedReelhouse(folder, env, 'migrate')
  say(`${steps} times ${rows} rows; ${cpus().length} cores, Node ${process.version}`)
  for (let step = 0; step < steps; step += 1) {
    await writeDump(join(folder, 'dump.csv'), { count: rows, from: step * rows })
    const { seconds, result } = await measured(url, () => timedSync(folder, env))
    if (result.counted.inserted !== rows) throw new Error(JSON.stringify(result.counted))
    results.push({ step: step + 1, microsPerRow: (seconds * 1e6) / rows })
    say(`  ${step + 1}: ${((seconds * 1e6) / rows).toFixed(2)} us a row`)
  }
  const of = (step) => results[step - 1].microsPerRow
  const shown = [1, 5, steps].map((step) => [String(step), of(step).toFixed(2), (of(step) / of(1)).toFixed(2)])
  say(`\n${table([[`dump of ${rows}`, 'us a row', 'of the first'], ...shown])}`)
  if (json) process.stdout.write(`${JSON.stringify({ node: process.version, rows, results })}\n`)
} finally {
  await warehouse?.close()
  await rm(folder, { recursive: true, force: true })
}
