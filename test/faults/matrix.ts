import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, openBench } from './bench.ts'
import { budgetOf, timeoutOf } from './budget.ts'
import { everyFault } from './every-fault.ts'
import { play } from './play.ts'
import { type Schedule, scheduleOf } from './schedule.ts'
import { isWhole, seed, tally } from './tally.ts'
import type { Vendor } from './vendor.ts'

/** Of the whole budget, what one vendor takes: there are five of them. */
const share = 0.2

/** Without a budget: what two cores do in a few seconds. */
const inSlice = 5
const mostInSlice = isWhole ? Number.POSITIVE_INFINITY : 8000

/** Of as many random schedules the smallest that fails is looked for from one seed. */
const perRound = 5

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

const all = ({ name }: Pick<Vendor, 'name'>): string => `${name}: all schedules`

const report = (vendor: Vendor, counts: ReadonlyMap<string, Count>): void => {
  for (const [fault, count] of counts) tally(fault, count, fault === all(vendor) ? undefined : 'counted elsewhere')
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
  let tried = 0
  const played = async (schedule: Schedule): Promise<void> => {
    const met = new Set([all(bench.vendor)])
    const isFirst = failed === null
    tried += 1
    try {
      await play(bench, schedule, met)
    } catch (error) {
      failed = { schedule, met, error, until: failed?.until ?? performance.now() + shrinkingMs }
      throw error
    } finally {
      if (isFirst) count(counts, met, 'schedules')
    }
  }
  const isBeyond = ({ deadline, schedules }: Limit) => tried >= schedules || performance.now() > deadline
  return { played, counts, isBeyond, failed: (): Failed | null => failed }
}

type Player = ReturnType<typeof createPlayer>

interface Limit {
  /** Milliseconds of `performance.now()`. */
  readonly deadline: number
  readonly schedules: number
}

/** Each fault alone, in an order of the seed's. */
const playAlone = async ({ played, isBeyond }: Player, vendor: Vendor, limit: Limit): Promise<void> => {
  const each = everyFault(vendor)
  const [schedules = []] = fc.sample(fc.shuffledSubarray([...each], { minLength: each.length }), { seed, numRuns: 1 })
  for (const schedule of schedules) {
    if (isBeyond(limit)) return
    await played(schedule)
  }
}

const playRandom = async (player: Player, vendor: Vendor, limit: Limit): Promise<void> => {
  const property = fc.asyncProperty(scheduleOf(vendor), async (schedule) => {
    const failed = player.failed()
    if (failed === null ? player.isBeyond(limit) : performance.now() > failed.until) return
    await player.played(schedule)
  })
  for (let round = 0; player.failed() === null && !player.isBeyond(limit); round += 1) {
    await fc.check(property, { seed: seed + round, numRuns: perRound })
  }
}

/** Schedules until the budget is spent; of one that fails, the smallest that fails so is printed. */
const runMatrix = async (bench: Bench): Promise<void> => {
  const player = createPlayer(bench)
  const { numRuns, interruptAfterTimeLimit = mostInSlice } = budgetOf(inSlice, share)
  const limitOf = (part: number): Limit => ({
    deadline: performance.now() + interruptAfterTimeLimit * part,
    schedules: numRuns * part,
  })
  const whole = limitOf(1)
  if (isWhole) await playAlone(player, bench.vendor, limitOf(0.5)).catch(() => undefined)
  await playRandom(player, bench.vendor, whole)
  const failed = player.failed()
  if (failed !== null) count(player.counts, failed.met, 'violations')
  report(bench.vendor, player.counts)
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

  const timeout = 60_000 + timeoutOf(share)
  test.runIf(one === undefined)(
    `${vendor.name}: whatever happens on the way, the tables are what the account is`,
    { timeout },
    () => runMatrix(bench),
  )
  test.runIf(one !== undefined)(`${vendor.name}: the one schedule that was asked for`, { timeout }, () =>
    play(bench, JSON.parse(one ?? '{}')),
  )
}
