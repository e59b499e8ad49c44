import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { usualWaits } from '../support/short-waits.ts'
import { rowVersions } from '../support/table-state.ts'
import { createVapiCase, day, hour, type VapiCase } from '../support/vapi-case.ts'

const runsOf = (document: unknown): readonly unknown[] => Object(document).connections

const ids = async ({ rows }: VapiCase) =>
  (await rows('select message_id from reelhouse.call_recordings order by 1')).map(({ message_id }) => message_id)

/** Whether some of the time in which these calls were created is covered, though they are not stored. */
const holes = async ({ rows, simulator }: VapiCase): Promise<readonly unknown[]> => {
  const created = simulator.account.ids().map((id) => ({ id, at: String(simulator.account.get(id)?.createdAt) }))
  return rows(
    `select c.id from jsonb_to_recordset($1::jsonb) as c (id text, at timestamptz), reelhouse.coverage v
     where v.axis = 'createdAt' and c.at <@ v.covered
       and not exists (select from reelhouse.call_recordings r where r.message_id = c.id)`,
    [JSON.stringify(created)],
  )
}

test.each(['unauthorized', 'server-error'] as const)(
  'after an answer (%s) in the middle of a window no time is covered that was not read, and the next run has no hole',
  async (fault) => {
    const place = await createVapiCase({ startDaysAgo: 2, settings: '    calls_per_request: 50' })
    const { account } = place.simulator
    const made = account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 400, plain: true })
    let listings = 0
    place.simulator.onRequest = ({ query }) => {
      if (query.some(([name]) => name === 'createdAtGe')) listings += 1
      if (listings === 12) place.simulator.traps.everyRequest = fault
    }
    const failed = await place.json(['sync'])
    expect(failed.code).toBe(fault === 'unauthorized' ? 2 : 1)
    expect((await ids(place)).length).toBeLessThan(400)
    expect(await holes(place)).toEqual([])

    place.simulator.onRequest = undefined
    place.simulator.traps.everyRequest = null
    expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
    expect(await ids(place)).toEqual([...made].sort())
    const range = ['--from', formatInstant(place.began - 2 * day), '--to', formatInstant(place.began - hour)]
    expect(await place.json(['verify', ...range])).toMatchObject({ code: 0, log: [] })
  },
  120_000,
)

test('two connections of one organisation load it all under its one limit, and the next run writes nothing', async () => {
  const place = await createVapiCase({
    settings: '    calls_per_request: 20',
    simulator: { traps: { rateLimit: { requests: 8, seconds: 1 } } },
    env: usualWaits,
  })
  const config = await readFile(`${place.folder}/config/reelhouse.yaml`, 'utf8')
  const [, one = ''] = config.split('connections:')
  await place.write('config/reelhouse.yaml', `${config}${one.replace('assistant', 'assistant-again')}`)
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 60, plain: true })
  const first = await place.json(['sync'])
  expect(first.code).toBe(0)
  expect(runsOf(first.document)).toMatchObject([{ rows: { inserted: 60 } }, { rows: { inserted: 60 } }])
  expect(place.simulator.requests.filter(({ status }) => status === 429)).not.toEqual([])
  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await rowVersions(place.database)).toEqual(before)
}, 120_000)

test('hostile calls are each a row, a reject or pending, and cost no other call anything', async () => {
  const place = await createVapiCase()
  const { account } = place.simulator
  const createdAt = formatInstant(place.began - 5 * hour)
  const good = account.add({ createdAt })
  const odd: readonly Readonly<Record<string, unknown>>[] = [
    { customer: [], artifact: [], phoneNumber: 'text', assistant: 7 },
    {
      customer: { number: { deep: 1 }, name: ['Jo'], email: true },
      artifact: { recording: 'text', transcript: { a: 1 } },
    },
    { artifact: { recordingUrl: 'https://a.example.test/a', transcript: 'x'.repeat(3_000_000) } },
    { artifact: { recordingUrl: 'https://a.example.test/a', transcript: 'nul \0 and \ud800 alone' } },
    { startedAt: 1e300, endedAt: -1 },
    { updatedAt: formatInstant(place.began - hour), startedAt: '', endedAt: '9999-12-31T00:00:00Z' },
    { type: { a: 1 }, status: ['ended'], phoneNumberId: '../../call', customer: { number: '+1'.repeat(5000) } },
    JSON.parse(
      '{"__proto__": {"status": "deletion-failed"}, "constructor": 1, "toString": null, "customer": {"__proto__": {"name": "x"}}}',
    ),
  ]
  for (const call of odd) account.add({ createdAt, ...call })
  account.add({ createdAt, id: 'x'.repeat(5000) })
  account.add({ createdAt, id: 'nul\0' })
  const { code, document } = await place.json(['sync'])
  expect(code).toBe(0)
  const [run] = runsOf(document).map(Object)
  const { listed, flattened, rejected, skipped, pending } = run.records
  expect(listed).toBe(flattened + rejected + skipped + pending)
  expect(await ids(place)).toContain(good)
  const [counted] = await place.rows<{ readonly count: number }>(
    'select count(*)::integer as count from reelhouse.source_records',
  )
  expect(counted?.count).toBe(account.ids().length)
  expect(await place.rows('select * from reelhouse.call_recordings where deleted_at is not null')).toEqual([])
  const before = await rowVersions(place.database)
  expect((await place.json(['sync'])).code).toBe(0)
  expect(await rowVersions(place.database)).toEqual(before)
}, 120_000)
