// npm run faults -- --schedules 2000 --seed 7 (or --seconds 600): so much of the matrix, and what it tried. Exits 1 when
// anything was violated.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'

const usage = () => {
  console.error('npm run faults -- [--schedules <number> | --seconds <number>] [--seed <integer>]')
  process.exit(2)
}

const read = () => {
  const text = { type: 'string' }
  try {
    return parseArgs({ options: { schedules: text, seconds: text, seed: text } }).values
  } catch {
    return usage()
  }
}

const { schedules, seconds = schedules === undefined ? '300' : undefined, seed: stated } = read()
const seed = Number(stated ?? Math.floor(Math.random() * 1_000_000_000))
const amount = Number(schedules ?? seconds)
if (!(amount > 0) || !Number.isSafeInteger(seed) || (schedules !== undefined && seconds !== undefined)) usage()

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
const began = Date.now()
const limit = schedules === undefined ? { FAULTS_SECONDS: seconds } : { FAULTS_SCHEDULES: schedules }
const status = run('npx', ['vitest', 'run', 'test/faults'], {
  ...limit,
  FAULTS_SEED: String(seed),
  FAULTS_REPORT: report,
})

const lines = linesOf()
const table = new Table({
  head: ['fault', 'schedules', 'violations'],
  colAligns: ['left', 'right', 'right'],
  style: { head: [], border: [] },
})
for (const [fault, { schedules, violations }] of totalsOf(lines)) table.push([fault, schedules, violations])
console.log(table.toString())
const sum = (what) => lines.reduce((total, line) => total + (line.whole ? line[what] : 0), 0)
const violated = sum('violations') > 0 || status !== 0
console.log(
  `seed ${seed}, ${sum('schedules')} schedules in ${Math.round((Date.now() - began) / 1000)} s: ` +
    (violated ? 'see above what was violated' : 'nothing was violated'),
)
rmSync(folder, { recursive: true, force: true })
process.exit(violated ? 1 : 0)
