import { expect, test } from 'vitest'
import { formatInstant } from '../../../src/transform/instant.ts'
import { rowVersions, runStates } from '../../support/table-state.ts'
import { createTelnyxCase, day, hour, type TelnyxCase } from '../../support/telnyx-case.ts'
import { tallyEach } from '../tally-each.ts'
import { killPoints } from './kill-points.ts'

const settings = '    max_window: 12h\n    rereads: [{ depth: 10d, every: run }]'

/** Four windows of several batches; then two records more, one changed, one deleted. */
const createCase = async (): Promise<{ readonly place: TelnyxCase; goOn(): void }> => {
  const place = await createTelnyxCase({ startDaysAgo: 2, settings, simulator: { seed: 7 } })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day + hour, to: place.began - hour, count: 90 })
  return {
    place,
    goOn: () => {
      account.add({ created_at: formatInstant(place.began - 30 * hour) })
      account.add({ created_at: formatInstant(place.began - 2 * hour) })
      account.change(ids[10] ?? '', { duration_millis: 61_000 })
      account.remove(ids[20] ?? '')
    },
  }
}

/** What must be the same whatever happened on the way: of two cases only ids and times differ. */
const stateOf = async ({ rows, simulator }: TelnyxCase) => ({
  rows: await rows(`
    select message_id, message_direction, phone_number, number_dialed_by_user, call_duration_in_sec, recording_status,
      deleted_at is not null as deleted
    from reelhouse.call_recordings order by message_id`),
  records: await rows(
    'select record_id, outcome, reason, version, fingerprint from reelhouse.source_records order by record_id',
  ),
  rejects: await rows(
    'select reject_key, code, path, resolved_at is not null from reelhouse.rejected_records order by 1',
  ),
  followUps: await rows('select record_id, kind, reason from reelhouse.follow_ups order by 1'),
  ranges: await rows('select count(*)::integer as n from reelhouse.coverage, unnest(covered)'),
  living: simulator.account.ids().length,
})

tallyEach('SIGKILL at a step: sync of windows, backfill, verify')

test.each(killPoints('sync of windows'))(
  'a sync killed at %s the %i. time: the next one ends with the same tables',
  async (step, nth) => {
    const { place, goOn } = await createCase()
    const smallBatches = { REELHOUSE_BATCH_ROWS: '10' }
    const killed = await place.reelhouse(['sync'], { ...smallBatches, REELHOUSE_FAULT: `kill@${step}#${nth}` })
    expect(killed.signal).toBe('SIGKILL')
    goOn()
    const next = await place.reelhouse(['sync'], smallBatches)
    expect(next.code, next.stderr).toBe(0)
    const state = await stateOf(place)

    const before = await rowVersions(place.database)
    expect((await place.reelhouse(['sync'], smallBatches)).code).toBe(0)
    expect(await rowVersions(place.database)).toEqual(before)
    expect(await stateOf(place)).toEqual(state)

    const living = await place.rows(
      "select record_id from reelhouse.source_records where outcome <> 'deleted' order by 1",
    )
    expect(living.map(({ record_id }) => record_id)).toEqual([...place.simulator.account.ids()].sort())
    expect(state.ranges).toEqual([{ n: 1 }])
    const states = await runStates(place.database)
    expect(states.slice(0, 1)).toEqual([
      step === 'run-finished' ? 'front-desk sync succeeded' : 'front-desk sync abandoned',
    ])
  },
)

test.each(killPoints('backfill'))('a backfill killed at %s the %i. time goes on where it was', async (step, nth) => {
  const place = await createTelnyxCase({ startDaysAgo: 1, settings, simulator: { seed: 8 } })
  const { account } = place.simulator
  account.generate({ from: place.began - 4 * day, to: place.began - 2 * day, count: 60 })
  const range = ['--from', formatInstant(place.began - 4 * day), '--to', formatInstant(place.began - 2 * day)]
  const smallBatches = { REELHOUSE_BATCH_ROWS: '10' }
  const fault = `kill@${step}#${nth}`
  const killed = await place.reelhouse(['backfill', ...range], { ...smallBatches, REELHOUSE_FAULT: fault })
  expect(killed.signal).toBe('SIGKILL')
  const complete = await place.rows("select window_from from reelhouse.windows where state = 'complete' order by 1")

  place.simulator.forgetRequests()
  const resumed = await place.json(['backfill', ...range])
  expect(resumed).toMatchObject({ code: 0, log: [] })
  expect(Object(resumed.document).connections[0]).toMatchObject({ windows: { read: 4 - complete.length } })
  const ledger = await place.rows('select state, count(*)::integer as windows from reelhouse.windows group by 1')
  expect(ledger).toEqual([{ state: 'complete', windows: 4 }])
  const stored = await place.rows('select record_id from reelhouse.source_records order by 1')
  expect(stored.map(({ record_id }) => record_id)).toEqual([...account.ids()].sort())
  expect(await place.rows('select count(*)::integer as n from reelhouse.coverage, unnest(covered)')).toEqual([{ n: 1 }])
})

test('a sync stopped by SIGTERM in the middle of a window says so, and the next one reads the window', async () => {
  const { place } = await createCase()
  const { simulator } = place
  let listed = 0
  const running: { kill?: ((signal: NodeJS.Signals) => void) | undefined } = {}
  simulator.onRequest = ({ path }) => {
    if (path === '/v2/recordings') listed += 1
    if (listed !== 3) return
    running.kill?.('SIGTERM')
    running.kill = undefined
  }
  const started = place.start(['sync'])
  running.kill = started.kill
  const stopped = await started.ended
  expect(stopped.code, stopped.stderr).toBe(143)
  simulator.onRequest = undefined
  expect(await runStates(place.database)).toEqual(['front-desk sync stopped'])
  const next = await place.json(['sync'])
  expect(next).toMatchObject({ code: 0, log: [] })
  const stored = await place.rows('select record_id from reelhouse.source_records order by 1')
  expect(stored.map(({ record_id }) => record_id)).toEqual([...simulator.account.ids()].sort())
})

test.each(killPoints('verify'))(
  'a verify killed at %s the %i. time changes nothing, and the next one says the same',
  async (step, nth) => {
    const { place } = await createCase()
    expect((await place.reelhouse(['sync'])).code).toBe(0)
    const state = await stateOf(place)
    const before = await rowVersions(place.database)
    const range = ['--from', formatInstant(place.began - 2 * day), '--to', formatInstant(place.began - hour)]
    const killed = await place.reelhouse(['verify', ...range], { REELHOUSE_FAULT: `kill@${step}#${nth}` })
    expect(killed.signal).toBe('SIGKILL')
    expect(await place.json(['verify', ...range, '--ids'])).toMatchObject({ code: 0, log: [] })
    expect(await rowVersions(place.database)).toEqual(before)
    expect(await stateOf(place)).toEqual(state)
    expect((await runStates(place.database)).filter((run) => run.endsWith('running'))).toEqual([])
  },
)
