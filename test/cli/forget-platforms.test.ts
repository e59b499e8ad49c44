import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { logged } from '../support/cli-case.ts'
import { privacyEnv, privacySection } from '../support/forget-case.ts'
import { createGenesysCase } from '../support/genesys-case.ts'
import { tablesWith } from '../support/person-net.ts'
import { createTelnyxCase, day, hour, minute, type TelnyxCase } from '../support/telnyx-case.ts'

/** Each has a dozen processes, and a busy machine takes seconds for one. */
vi.setConfig({ testTimeout: 240_000 })

const person = '+15125550142'
const digits = '5125550142'

/** Re-reads that look at everything at every run: a test has no six hours. */
const allAgain = '    rereads: [{ depth: 10d, every: run }]'

type Place = Pick<TelnyxCase, 'reelhouse'>

const run = async ({ reelhouse }: Place, args: readonly string[]) => {
  const { code, stdout, stderr } = await reelhouse([...args, '--json'], privacyEnv)
  return { code, log: logged(stderr), document: stdout === '' ? null : JSON.parse(stdout) }
}

const range = (place: TelnyxCase, fromDays: number): readonly string[] => [
  '--from',
  formatInstant(place.began - fromDays * day),
  '--to',
  formatInstant(place.began - 10 * minute),
]

const dumpOf = (id: string, began: number): string =>
  `id,at,from\n${id},${formatInstant(began)},${person}\nz1,${formatInstant(began)},${person}\n`

test('a person of a Telnyx account, with a dump of it, survives no re-read, backfill, replay or forced load', async () => {
  const dumped = `
  - id: history
    source: files
    into: front-desk
    records: keys
    paths: [../dumps/*.csv]
    columns: { message_id: id, created_at: at, phone_number: from }`
  const place = await createTelnyxCase({
    settings: `${allAgain}${dumped}`,
    more: privacySection,
  })
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day, to: place.began - 2 * hour, count: 20, plain: true })
  const [own = ''] = account.ownNumbers
  const at = (ago: number) => ({ created_at: formatInstant(place.began - ago), from: person, to: own })
  const called = account.add(at(5 * hour))
  account.transcribe(called, { transcription_text: 'It leaks in the kitchen.', status: 'completed' })
  const waiting = account.add({ ...at(4 * hour), status: 'processing' as never })
  const history = account.add(at(9 * day))
  await place.write('dumps/a.csv', dumpOf(called, place.began - 5 * hour))
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  const before = await place.rows('select count(*)::int as rows from reelhouse.call_recordings')
  expect(before).toEqual([{ rows: 22 }])

  expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({
    code: 0,
    document: {
      out_of_reach: {
        files: [{ connection: 'history', file: '../dumps/a.csv' }],
        platforms: ['front-desk'],
      },
      erased: { rows: 2, follow_ups: 1 },
    },
  })
  expect(await tablesWith(place, digits, [called, waiting, history, 'kitchen'])).toEqual([])

  place.simulator.forgetRequests()
  for (const args of [['sync', '--force'], ['backfill', 'front-desk', ...range(place, 12), '--again'], ['replay']]) {
    expect({ args, ...(await run(place, args)) }).toMatchObject({ code: 0, log: [] })
    expect(await tablesWith(place, digits, [called, waiting, history, 'kitchen'])).toEqual([])
  }
  const verified = await run(place, ['verify', 'front-desk', ...range(place, 12), '--ids'])
  expect(verified).toMatchObject({ code: 0, log: [] })
  expect(await place.rows('select count(*)::int as rows from reelhouse.call_recordings')).toEqual([{ rows: 20 }])
  expect(place.requests()['/recordings/{id}'] ?? 0).toBe(0)
})

test('a later call of the same number loads, and is not taken for what was erased', async () => {
  const place = await createTelnyxCase({ settings: '    settling_delay: 1s', more: privacySection })
  const { account } = place.simulator
  const [own = ''] = account.ownNumbers
  account.add({ created_at: formatInstant(place.began - hour), from: person, to: own })
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({ document: { erased: { rows: 1 } } })
  const began = Date.now() * 1000
  const later = account.add({
    created_at: formatInstant(began + 1_000_000),
    recording_started_at: formatInstant(began),
    recording_ended_at: formatInstant(began + 1_000_000),
    from: person,
    to: own,
  })
  await sleep(2500)
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  expect(await place.rows('select message_id, phone_number from reelhouse.call_recordings')).toEqual([
    { message_id: later, phone_number: person },
  ])
})

test('a conversation of Genesys Cloud is erased with all its rows, and stays out by number, by address and by id', async () => {
  const place = await createGenesysCase({ settings: `${allAgain}\n${privacySection}`, startDaysAgo: 6 })
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day, to: place.began - 5 * hour, count: 10 })
  const contact = account.addContact({
    id: '00000000-0000-4000-8000-00000000c0de',
    firstName: 'Jo',
    lastName: 'Doe',
    workEmail: 'Jo.Doe@example.test',
  })
  const called = account.add({ start: place.began - 6 * hour, ani: `tel:${person}` })
  account.addRecording(called, {})
  const mailed = account.add({ start: place.began - 7 * hour, contact })
  const named = account.add({ start: place.began - 8 * hour })
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  const rows = () => place.rows('select distinct record_id from reelhouse.call_recordings order by 1')
  expect(await rows()).toHaveLength(13)

  expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({
    code: 0,
    document: { erased: { rows: 2, records: 1 } },
  })
  expect(await run(place, ['forget', '--email', 'JO.DOE@example.test', '--yes'])).toMatchObject({
    code: 0,
    document: { erased: { rows: 1, records: 1 } },
  })
  expect(await run(place, ['forget', '--conversation', named, '--connection', 'front-desk', '--yes'])).toMatchObject({
    code: 0,
    document: { erased: { rows: 1, records: 1 } },
  })
  const gone = [called, mailed, named, 'doe@example.test', 'Doe@example.test']
  expect(await tablesWith(place, digits, gone)).toEqual([])
  const span = ['--from', formatInstant(place.began - 5 * day), '--to', formatInstant(place.began - hour)]
  for (const args of [['sync', '--force'], ['backfill', ...span, '--again'], ['replay']]) {
    expect({ args, ...(await run(place, args)) }).toMatchObject({ code: 0, log: [] })
    expect(await tablesWith(place, digits, gone)).toEqual([])
  }
  expect(await rows()).toHaveLength(10)
  expect(await run(place, ['verify', ...span, '--ids'])).toMatchObject({ code: 0 })
  expect(
    await place.rows(`select sum(skipped)::int as skipped from reelhouse.windows w where w.run_id =
      (select max(run_id) from reelhouse.runs where command = 'backfill')`),
  ).toEqual([{ skipped: 3 }])
})
