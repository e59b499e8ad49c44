import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, openBench } from './bench.ts'
import { play } from './play.ts'
import { type Schedule, scheduleOf } from './schedule.ts'
import { budgetSeconds, seed, tally } from './tally.ts'
import type { Vendor } from './vendor.ts'

/** Of the seconds of the whole run, what one vendor takes: five of them, two at a time, beside the other families. */
const share = 0.25

/** Without a budget: what two cores do in a few seconds. */
const inEveryTest = 10
const mostInEveryTest = 20

/** How long a schedule that failed is shrunk. */
const shrinkingMs = 60_000

interface Count {
  schedules: number
  violations: number
}

interface Failed {
  readonly schedule: Schedule
  readonly met: ReadonlySet<string>
  readonly error: unknown
}

const report = (counts: ReadonlyMap<string, Count>): void => {
  for (const [fault, count] of counts) tally(fault, count)
}

const count = (counts: Map<string, Count>, met: Iterable<string>, what: keyof Count): void => {
  for (const fault of met) {
    const found = counts.get(fault) ?? { schedules: 0, violations: 0 }
    found[what] += 1
    counts.set(fault, found)
  }
}

const again = (schedule: Schedule): string =>
  `FAULTS_SCHEDULE='${JSON.stringify(schedule)}' npx vitest run test/faults/${schedule.vendor}.test.ts`

/** Runs random schedules until the budget is spent; of one that fails, the smallest that fails so is printed. */
const runMatrix = async (bench: Bench): Promise<void> => {
  const deadline = performance.now() + (budgetSeconds === null ? mostInEveryTest : budgetSeconds * share) * 1000
  const counts = new Map<string, Count>()
  let failing: (Failed & { readonly until: number }) | null = null
  const property = fc.asyncProperty(scheduleOf(bench.vendor), async (schedule) => {
    if (performance.now() > (failing?.until ?? deadline)) return
    const met = new Set([`${schedule.vendor}: all schedules`])
    const isFirst = failing === null
    try {
      await play(bench, schedule, met)
    } catch (error) {
      failing = { schedule, met, error, until: failing?.until ?? performance.now() + shrinkingMs }
      throw error
    } finally {
      if (isFirst) count(counts, met, 'schedules')
    }
  })
  for (let round = 0; failing === null && performance.now() < deadline; round += 1) {
    await fc.check(property, { seed: seed + round, numRuns: inEveryTest })
    if (budgetSeconds === null) break
  }
  const failed = failing as Failed | null
  if (failed !== null) count(counts, failed.met, 'violations')
  report(counts)
  if (failed === null) return
  const said = failed.error instanceof Error ? (failed.error.stack ?? failed.error.message) : String(failed.error)
  expect.fail(`seed ${seed}: ${said}\n\nthe same again:\n${again(failed.schedule)}\n`)
}

const one = process.env.FAULTS_SCHEDULE

export const matrixOf = (vendor: Vendor): void => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench(vendor)
  })
  afterAll(() => bench.close())

  const timeout = ((budgetSeconds ?? 60) + 120) * 1000
  test.runIf(one === undefined)(
    `${vendor.name}: whatever happens on the way, the tables are what the account is`,
    { timeout },
    () => runMatrix(bench),
  )
  test.runIf(one !== undefined)(`${vendor.name}: the one schedule that was asked for`, { timeout }, () =>
    play(bench, JSON.parse(one ?? '{}')),
  )
}
