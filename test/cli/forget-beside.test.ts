import { describe, expect, test, vi } from 'vitest'
import { forgetSteps } from '../../src/domain/step.ts'
import { barRows, until } from '../support/blocked.ts'
import { type CliCase, callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'
import { privacyEnv, privacySection } from '../support/forget-case.ts'
import { tablesWith } from '../support/person-net.ts'

/** Each has several processes, and a busy machine takes seconds for one. */
vi.setConfig({ testTimeout: 240_000 })

const person = '+15125550142'
const ours = '+15125550100'

/** Every third call is the person's. */
const dump = csv(
  ...Array.from({ length: 60 }, (_, n) => {
    const caller = n % 3 === 0 ? person : `+1512555${String(1000 + n)}`
    return `c${n},2026-01-05 10:00:${String(n).padStart(2, '0')},60,${caller},${ours},inbound,text ${n}`
  }),
)

const smallBatches = { ...privacyEnv, REELHOUSE_BATCH_ROWS: '10' }

const createCase = (): Promise<CliCase> =>
  createCliCase({
    config: callsConfig(`    records: payloads\n${privacySection}`),
    files: { 'dumps/a.csv': dump },
  })

const forget = ['forget', '--phone', person, '--yes']

const left = async (place: CliCase) => ({
  rows: await place.rows('select count(*)::int as rows from reelhouse.call_recordings'),
  tables: await tablesWith(place, '5125550142'),
  requests: await place.rows(
    'select rows, records, erased_at is not null as erased from reelhouse.forget_requests order by 1',
  ),
})

describe('a forget that is killed, and run again, ends as one that is not:', () => {
  test.each(forgetSteps)('%s', async (step) => {
    const place = await createCase()
    expect(await place.reelhouse(['sync'], privacyEnv)).toMatchObject({ code: 0 })
    const killed = await place.reelhouse(forget, { ...privacyEnv, REELHOUSE_FAULT: `kill@${step}` })
    expect(killed).toMatchObject({ code: null, signal: 'SIGKILL' })
    // Whatever it got to, the person stays out from its first commit on.
    expect(await place.reelhouse(['sync', '--force'], privacyEnv)).toMatchObject({ code: 0 })
    const again = await place.reelhouse(forget, privacyEnv)
    expect(ended(again)).toEqual({ code: 0, log: [] })
    // What is out of reach was told of by one of them at least, before its traces were erased.
    expect(killed.stderr + again.stdout).toContain('dumps/a.csv')
    expect(await left(place)).toMatchObject({ rows: [{ rows: 40 }], tables: [] })
    const requests = await place.rows('select from reelhouse.forget_requests where erased_at is null')
    expect(requests).toEqual([])
    expect(await place.reelhouse(['sync', '--force'], privacyEnv)).toMatchObject({ code: 0 })
    expect(await left(place)).toMatchObject({ rows: [{ rows: 40 }], tables: [] })
  })
})

test('a sync that stands in the middle of a batch is waited for, and the rest of its batches leave the person out', async () => {
  const place = await createCase()
  const barrier = await barRows(place.database)
  const sync = place.start(['sync', '--json'], smallBatches)
  await barrier.reached()
  const forgetting = place.start(forget, privacyEnv)
  await until('the forget waits for the batch', async () => {
    const waiting = await place.rows(
      "select from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'reelhouse forget' and datname = current_database()",
    )
    return waiting.length > 0
  })
  await barrier.open()
  expect(ended(await forgetting.ended)).toEqual({ code: expect.any(Number), log: [] })
  const synced = await sync.ended
  expect(synced).toMatchObject({ code: 0 })
  const [{ records }] = JSON.parse(synced.stdout).connections
  expect(records.flattened + records.skipped).toBe(60)
  expect(await left(place)).toMatchObject({ rows: [{ rows: 40 }], tables: [] })
})

test('syncs and replays that run beside several forgets bring nobody back', async () => {
  const place = await createCase()
  expect(await place.reelhouse(['sync'], smallBatches)).toMatchObject({ code: 0 })
  const [synced, replayed, ...forgot] = await Promise.all([
    place.reelhouse(['sync', '--force'], smallBatches),
    place.reelhouse(['replay'], smallBatches),
    place.reelhouse(forget, privacyEnv),
    place.reelhouse(forget, privacyEnv),
  ])
  expect([synced.code, replayed.code]).toEqual([0, 0])
  // The one that comes after the other has erased all may find nothing, and says so.
  const codes = forgot.map(({ code, stdout }) => (stdout.startsWith('Nothing is stored') ? 'nothing' : code))
  expect(codes).toContain(0)
  expect(codes.filter((code) => code !== 0 && code !== 'nothing')).toEqual([])
  expect(await left(place)).toMatchObject({ rows: [{ rows: 40 }], tables: [] })
})

test('a sync that is killed at any step of a batch beside a forget goes on without the person', async () => {
  for (const step of ['batch-begun', 'batch-staged', 'batch-before-commit', 'batch-committed']) {
    const place = await createCase()
    const killed = await place.reelhouse(['sync'], { ...smallBatches, REELHOUSE_FAULT: `kill@${step}#3` })
    expect(killed.signal).toBe('SIGKILL')
    expect(await place.reelhouse(forget, privacyEnv)).toMatchObject({ code: 0 })
    expect(await place.reelhouse(['sync'], smallBatches)).toMatchObject({ code: 0 })
    expect(await left(place)).toMatchObject({ rows: [{ rows: 40 }], tables: [] })
  }
})
