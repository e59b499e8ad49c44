import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Draw, drawFor } from '../../../src/simulator/draw.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { rowVersions, runStates } from '../../support/table-state.ts'
import { createTelnyxCase, day, hour, minute, type TelnyxCase } from '../../support/telnyx-case.ts'
import { budgetOf, timeoutOf } from '../budget.ts'
import { budget, seed, tally } from '../tally.ts'

/** Of the time a quarter; of schedules few, for each takes several processes. */
const share = budget.schedules === null ? 0.25 : 0.01
const settings = '    max_window: 6h\n    rereads: [{ depth: 10d, every: run }]'
const batches = { REELHOUSE_BATCH_ROWS: '5' }

const sync = ['sync']
const rangeOf = ({ began }: TelnyxCase) => [
  '--from',
  formatInstant(began - 4 * day),
  '--to',
  formatInstant(began - 2 * day),
]

/** Commands that run at the same time. */
const together = (place: TelnyxCase): readonly (readonly (readonly string[])[])[] => [
  [sync],
  [sync, sync],
  [sync, ['backfill', ...rangeOf(place)]],
  [sync, ['replay']],
  [sync, ['replay', '--map']],
  [sync, ['migrate']],
  [
    ['backfill', ...rangeOf(place)],
    ['backfill', ...rangeOf(place)],
  ],
  [['backfill', ...rangeOf(place), '--again'], ['replay'], sync],
]

/** What befalls each of them at its moment. */
const fates = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'its locks are cut', 'nothing'] as const

const befall = async (place: TelnyxCase, args: readonly string[], draw: Draw): Promise<string> => {
  const fate = draw.pick(fates, 'nothing')
  const delay = 200 + draw.below(1_500)
  const running = place.start(args, batches)
  await Promise.race([sleep(delay), running.ended])
  if (fate === 'its locks are cut') {
    await place.rows(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'reelhouse locks'",
    )
  } else if (fate !== 'nothing') running.kill(fate)
  const { code, signal, stderr } = await running.ended
  const end = `${args.join(' ')}: ${fate} after ${delay} ms: ${signal ?? code}`
  expect([0, 1, 75, 143, null], `${end}\n${stderr}`).toContain(code)
  return end
}

/** What was missed meanwhile, old and new. */
const change = ({ began, simulator: { account } }: TelnyxCase, draw: Draw): void => {
  account.generate({ from: began - 4 * day + hour, to: began - 10 * minute, count: 3 })
  const ids = account.ids()
  account.change(draw.pick(ids, ''), { duration_millis: 1000 * (1 + draw.below(900)) })
  if (draw.below(3) === 0) account.remove(draw.pick(ids, ''))
}

const stored = async (place: TelnyxCase) => ({
  living: (
    await place.rows<{ record_id: string }>(
      "select record_id from reelhouse.source_records where outcome <> 'deleted' order by 1",
    )
  ).map(({ record_id }) => record_id),
  running: (await runStates(place.database)).filter((run) => run.endsWith('running')),
  ranges: (await place.rows('select count(*)::integer as n from reelhouse.coverage, unnest(covered)'))[0],
})

test('whatever befalls commands that run at once: the next runs end with what the account has', {
  timeout: timeoutOf(share),
}, async () => {
  const place = await createTelnyxCase({ startDaysAgo: 2, settings, simulator: { seed: 13 } })
  place.simulator.account.generate({ from: place.began - 4 * day + hour, to: place.began - hour, count: 60 })
  const draw = drawFor(seed, 1)
  const { numRuns, interruptAfterTimeLimit = Number.POSITIVE_INFINITY } = budgetOf(1, share)
  const until = performance.now() + interruptAfterTimeLimit
  let tried = 0
  const history: string[] = []
  try {
    do {
      tried += 1
      change(place, draw)
      const commands = draw.pick(together(place), [sync])
      history.push(...(await Promise.all(commands.map((args) => befall(place, args, draw)))))
      for (const args of [sync, ['backfill', ...rangeOf(place), '--again']]) {
        const next = await place.reelhouse(args, batches)
        expect(next.code, next.stderr).toBe(0)
      }
      const state = await stored(place)
      expect(state).toEqual({ living: [...place.simulator.account.ids()].sort(), running: [], ranges: { n: 1 } })
      const before = await rowVersions(place.database)
      expect((await place.reelhouse(sync, batches)).code).toBe(0)
      expect(await rowVersions(place.database)).toEqual(before)
      expect((await place.json(['verify', ...rangeOf(place), '--ids'])).code).toBe(0)
    } while (tried < numRuns && performance.now() < until)
    tally('SIGKILL, SIGTERM, cut locks at random instants; commands at once', { schedules: tried, violations: 0 })
  } catch (error) {
    tally('SIGKILL, SIGTERM, cut locks at random instants; commands at once', { schedules: tried, violations: 1 })
    console.error(`FAULTS_SEED=${seed}, round ${tried}:\n${history.slice(-6).join('\n')}`)
    throw error
  }
})
