// npm run faults -- --seconds 600 --seed 7: the matrix for so long, and what it tried. Exits 1 when anything was violated.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } })
const seconds = Number(values.seconds ?? 300)
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000))
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error('npm run faults -- --seconds <number> --seed <integer>')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'reelhouse-faults-'))
const report = join(folder, 'report.jsonl')

const run = (command, args, env = {}) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1

const linesOf = () => {
  try {
    return readFileSync(report, 'utf8').split('\n').filter(Boolean).map(JSON.parse)
  } catch {
    return []
  }
}

/** A fault may have been met in several families. */
const totalsOf = (lines) => {
  const totals = new Map()
  for (const { fault, schedules, violations } of lines) {
    const before = totals.get(fault) ?? { schedules: 0, violations: 0 }
    totals.set(fault, { schedules: before.schedules + schedules, violations: before.violations + violations })
  }
  return [...totals].sort(([a], [b]) => a.localeCompare(b))
}

const built = run('npm', ['run', '--silent', 'build'])
if (built !== 0) process.exit(built)
const limits = { FAULTS_SECONDS: String(seconds), FAULTS_SEED: String(seed), FAULTS_REPORT: report }
const status = run('npx', ['vitest', 'run', 'test/faults'], limits)

const totals = totalsOf(linesOf())
const table = new Table({
  head: ['fault', 'schedules', 'violations'],
  colAligns: ['left', 'right', 'right'],
  style: { head: [], border: [] },
})
for (const [fault, { schedules, violations }] of totals) table.push([fault, schedules, violations])
console.log(table.toString())
const violated = totals.reduce((sum, [, { violations }]) => sum + violations, 0)
console.log(
  `seed ${seed}, ${seconds} s: ${violated === 0 && status === 0 ? 'nothing was violated' : 'see above what was violated'}`,
)
rmSync(folder, { recursive: true, force: true })
process.exit(violated > 0 || status !== 0 ? 1 : 0)
