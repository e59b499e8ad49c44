import { type Bench, start } from './bench.ts'
import { hour, minute } from './clock.ts'
import { happen, noteRemoved, type World } from './happen.ts'
import { Model } from './model.ts'
import { judge, strangers } from './oracle.ts'
import { type Ended, type Performing, perform } from './perform.ts'
import { type Action, batchRowsOf, namesOf, type Run, type Schedule } from './schedule.ts'
import { endServerErrors, planServerError } from './server-errors.ts'
import type { VendorAccount } from './vendor.ts'
import { lookAt, type Stored, tablesWith, unfinishedRanges, untilGone, versionsOf, wrongSums } from './warehouse.ts'

/** The tables are not what they should be. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

const require = (when: string, problems: readonly string[]): void => {
  if (problems.length > 0) throw new Violation(`${when}:\n  ${problems.slice(0, 12).join('\n  ')}`)
}

interface Playing extends Omit<World, 'windows'> {
  readonly bench: Bench
  readonly schedule: Schedule
  /** What befell it, by the names of the table. */
  readonly met: Set<string>
  /** Names of runs. */
  runs: number
  stored: Stored
}

type RunAction = Extract<Action, { readonly do: 'run' }>

const isRefusal = (ended: Ended): boolean =>
  ended.kind === 'failed' && ended.message.includes('none of the newest records that are stored')

/** Of a backfill that ends where the clock of the platform has not come to. */
const isEarly = (ended: Ended): boolean =>
  ended.kind === 'failed' && ended.message.includes('the clock of the source has not reached')

/** Runs that begin at once; the fault befalls the first. */
const runAll = async (
  playing: Playing,
  { runs, fault, trap }: RunAction,
  accept = false,
): Promise<readonly Ended[]> => {
  const { bench, account, schedule } = playing
  const { database, postgres, http } = bench
  account.trap(trap)
  http.aim(account.origin, fault?.kind === 'http' ? fault : null)
  if (fault?.kind === 'error') await planServerError(database, fault.state, fault.nth)
  const names = runs.map(() => {
    playing.runs += 1
    return `run${playing.runs}`
  })
  const ended = await Promise.all(
    runs.map((run, index) => {
      const isFirst = index === 0
      const name = names[index] ?? ''
      postgres.expect(name, isFirst && fault?.kind === 'cut' ? fault : null)
      const performing: Performing = {
        name,
        maxWindow: schedule.maxWindow,
        batchRows: batchRowsOf(schedule),
        acceptAccount: accept,
        kill: isFirst && fault?.kind === 'kill' ? fault : null,
        mayBeCut: isFirst && (fault?.kind === 'kill' || fault?.kind === 'cut'),
      }
      return perform(bench, run, performing)
    }),
  )
  await untilGone(
    database,
    names.flatMap((name) => postgres.backends(name)),
  )
  const isMet = {
    kill: ended[0]?.kind === 'killed',
    cut: postgres.met(names[0] ?? ''),
    error: fault?.kind === 'error' && (await endServerErrors(database)),
    http: http.met(),
  }[fault?.kind ?? 'kill']
  for (const name of namesOf(schedule.vendor, { do: 'run', runs, fault, trap }, isMet)) playing.met.add(name)
  account.trap(null)
  return ended
}

/** Nothing is settled yet that the clock of the platform has not come to, unless it lied about it. */
const coveredTooFar = ({ schedule, stored, now, bench }: Playing): readonly string[] => {
  const lies = schedule.actions.some((action) => action.do === 'run' && action.trap?.includes('clock') === true)
  const until = lies ? bench.clock.now() : Math.min(now(), bench.clock.now())
  return stored.covered
    .filter(({ to }) => to > until)
    .map(({ axis, to }) => `${axis} is covered until ${to}, and it is ${until} there`)
}

/** What was read completely since must be what it was when that began; what a trap removed meanwhile is left out. */
const checkRead = async (playing: Playing, when: string): Promise<void> => {
  const { bench, model } = playing
  const gone = noteRemoved({ ...playing, windows: [] })
  const before = playing.stored.lastRun
  const stored = await lookAt(bench.database)
  playing.stored = stored
  const read = stored.windows.filter(({ run, state }) => run > before && state === 'complete')
  const judging = { vendor: bench.vendor, stored, now: bench.clock.now(), isSettled: false }
  const problems = model.recordings
    .filter((recording) => !gone.has(recording))
    .filter((recording) =>
      read.some(({ axis, from, to }) => {
        const at = bench.vendor.placeOn(axis, recording)
        return at >= from && at < to && (axis === bench.vendor.axis || recording.state !== 'removed')
      }),
    )
    .flatMap((recording) => judge(judging, recording))
  require(when, [
    ...problems,
    ...strangers(judging, model.recordings),
    ...(await wrongSums(bench.database)),
    ...coveredTooFar(playing),
  ])
}

const playRuns = async (playing: Playing, action: RunAction, when: string): Promise<void> => {
  const ended = await runAll(playing, action)
  const problems = ended.flatMap((end) =>
    end.kind === 'defect' ? [`a defect: ${end.error instanceof Error ? end.error.stack : String(end.error)}`] : [],
  )
  const isClean = action.fault === null && action.trap === null && action.runs.length === 1
  if (isClean) {
    problems.push(
      ...ended.flatMap((end) =>
        end.kind === 'failed' && !isRefusal(end) && !isEarly(end)
          ? [`a run without a fault failed: ${end.message}`]
          : [],
      ),
    )
  }
  require(when, problems)
  await checkRead(playing, when)
}

const clean = async (playing: Playing, run: Run, when: string): Promise<void> => {
  const action: RunAction = { do: 'run', runs: [run], fault: null, trap: null }
  let [ended] = await runAll(playing, action)
  if (ended !== undefined && isRefusal(ended)) [ended] = await runAll(playing, action, true)
  if (ended?.kind === 'failed') require(when, [ended.message])
  if (ended?.kind === 'defect') throw ended.error
}

const wrongCoverage = ({ bench, stored }: Playing): readonly string[] => {
  const problems: string[] = []
  for (const axis of new Set(stored.covered.map((range) => range.axis))) {
    const ranges = stored.covered.filter((range) => range.axis === axis)
    if (ranges.length !== 1) problems.push(`${axis} has ${ranges.length} ranges of coverage`)
    const [first] = ranges
    if (first !== undefined && first.to < bench.clock.now() - 2 * hour)
      problems.push(`${axis} is covered until ${first.to} only`)
    if (axis === bench.vendor.axis && (first === undefined || first.from > start))
      problems.push(`${axis} is covered from ${first?.from} on`)
  }
  if (stored.covered.length === 0) problems.push('nothing is covered')
  const left = stored.windows.filter(
    ({ state, planned }) => state === 'running' || state === 'planned' || (planned && state !== 'complete'),
  )
  return [...problems, ...left.map(({ from, to, state }) => `the window from ${from} to ${to} is left as ${state}`)]
}

const secretsIn = async ({ bench }: Playing): Promise<readonly string[]> =>
  tablesWith(bench.database, [...bench.vendor.secrets, 'X-Amz-Signature', 'Signature='])

/** No faults any more: the same commands again until nothing is due; then everything is as the model has it. */
const settle = async (playing: Playing): Promise<void> => {
  const { bench, model } = playing
  bench.clock.advance(13 * hour)
  await clean(playing, { command: 'sync' }, 'the clean sync')
  playing.stored = await lookAt(bench.database)
  for (const range of await unfinishedRanges(bench.database)) {
    await clean(playing, { command: 'resume', ...range }, 'a backfill that goes on')
  }
  bench.clock.advance(13 * hour)
  await clean(playing, { command: 'sync' }, 'the second clean sync')
  playing.stored = await lookAt(bench.database)
  const judging = { vendor: bench.vendor, stored: playing.stored, now: bench.clock.now(), isSettled: true }
  require('after clean syncs', [
    ...model.recordings.flatMap((recording) => judge(judging, recording)),
    ...strangers(judging, model.recordings),
    ...wrongCoverage(playing),
    ...(await wrongSums(bench.database)),
    ...(await secretsIn(playing)),
  ])
  await checkQuiet(playing)
}

/** Nothing new writes nothing. */
const checkQuiet = async (playing: Playing): Promise<void> => {
  const { bench, model } = playing
  const waits = model.recordings.some(({ state }) => state === 'pending')
  const before = await versionsOf(bench.database)
  bench.clock.advance(waits ? minute : 13 * hour)
  await clean(playing, { command: 'sync' }, 'a sync with nothing new')
  const after = new Set((await versionsOf(bench.database)).map((version) => JSON.stringify(version)))
  const written = before.map((version) => JSON.stringify(version)).filter((version) => !after.has(version))
  require('a sync with nothing new', [
    ...written.map((version) => `it has written ${version}`),
    ...(after.size === before.length ? [] : [`there were ${before.length}, and are ${after.size} now`]),
  ])
}

/** `met`: is told what befell it. Throws Violation. */
export const play = async (bench: Bench, schedule: Schedule, met = new Set<string>()): Promise<void> => {
  await bench.clear()
  const now = (): number => bench.clock.now() + schedule.skew * minute
  const account: VendorAccount = await bench.vendor.open(now)
  if (schedule.skew !== 0) met.add(`the clock of the platform ${schedule.skew > 0 ? 'ahead' : 'behind'}`)
  const playing: Playing = {
    bench,
    schedule,
    account,
    clock: bench.clock,
    now,
    vendor: bench.vendor,
    model: new Model(),
    met,
    runs: 0,
    stored: await lookAt(bench.database),
  }
  try {
    for (const [index, action] of schedule.actions.entries()) {
      if (action.do === 'run') await playRuns(playing, action, `after action ${index + 1}, ${JSON.stringify(action)}`)
      else {
        for (const name of namesOf(schedule.vendor, action, true)) met.add(name)
        happen({ ...playing, windows: playing.stored.windows }, action)
      }
    }
    await settle(playing)
  } finally {
    await account.close()
  }
}
