import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, openBench } from './bench.ts'
import { everyFault } from './every-fault.ts'
import { play } from './play.ts'
import { type Schedule, scheduleOf } from './schedule.ts'
import { budgetSeconds, seed, tally } from './tally.ts'
import type { Vendor } from './vendor.ts'

/** Of the seconds of the whole run, what one vendor takes: five of them, two at a time, beside the other families. */
const share = 0.2

/** Without a budget: what two cores do in a few seconds. */
const inEveryTest = 5
const mostInEveryTest = 8

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
  /** For so long it is shrunk. */
  readonly until: number
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

/** Plays schedules, and keeps the one that failed last, which is the smallest. */
const createPlayer = (bench: Bench) => {
  const counts = new Map<string, Count>()
  let failed: Failed | null = null
  const played = async (schedule: Schedule): Promise<void> => {
    const met = new Set([`${schedule.vendor}: all schedules`])
    const isFirst = failed === null
    try {
      await play(bench, schedule, met)
    } catch (error) {
      failed = { schedule, met, error, until: failed?.until ?? performance.now() + shrinkingMs }
      throw error
    } finally {
      if (isFirst) count(counts, met, 'schedules')
    }
  }
  return { played, counts, failed: (): Failed | null => failed }
}

type Player = ReturnType<typeof createPlayer>

/** Each fault alone, in an order of the seed's, for the first half of the time. */
const playAlone = async ({ played }: Player, vendor: Vendor, deadline: number): Promise<void> => {
  const [schedules = []] = fc.sample(
    fc.shuffledSubarray([...everyFault(vendor)], { minLength: everyFault(vendor).length }),
    {
      seed,
      numRuns: 1,
    },
  )
  for (const schedule of schedules) {
    if (performance.now() > deadline) return
    await played(schedule)
  }
}

const playRandom = async (player: Player, vendor: Vendor, deadline: number): Promise<void> => {
  const property = fc.asyncProperty(scheduleOf(vendor), async (schedule) => {
    if (performance.now() > (player.failed()?.until ?? deadline)) return
    await player.played(schedule)
  })
  for (let round = 0; player.failed() === null && performance.now() < deadline; round += 1) {
    await fc.check(property, { seed: seed + round, numRuns: inEveryTest })
    if (budgetSeconds === null) return
  }
}

/** Schedules until the budget is spent; of one that fails, the smallest that fails so is printed. */
const runMatrix = async (bench: Bench): Promise<void> => {
  const player = createPlayer(bench)
  const [began, seconds] = [performance.now(), budgetSeconds === null ? mostInEveryTest : budgetSeconds * share]
  if (budgetSeconds !== null) await playAlone(player, bench.vendor, began + seconds * 500).catch(() => undefined)
  await playRandom(player, bench.vendor, began + seconds * 1000)
  const failed = player.failed()
  if (failed !== null) count(player.counts, failed.met, 'violations')
  report(player.counts)
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
