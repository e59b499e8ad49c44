import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { rowVersions } from '../support/table-state.ts'
import { apiKey, createVapiCase, day, hour, minute, type VapiCase } from '../support/vapi-case.ts'

const runOf = (document: unknown) => Object(document).connections[0]

const rowsOf = ({ rows }: VapiCase, where = 'true') =>
  rows(
    `select message_id, message_text, phone_number, number_dialed_by_user, message_direction, recording_url,
       recording_status, deleted_at is not null as deleted
     from reelhouse.call_recordings where ${where} order by message_id`,
  )

/** Follow-ups are due. */
const dueNow = ({ database }: VapiCase) =>
  database.rows(`update reelhouse.follow_ups set next_attempt_at = now() - interval '1 second'`)

test('a sync loads what Vapi lists; the next one, with nothing new, costs one listing and writes no row', async () => {
  const place = await createVapiCase({ settings: '    calls_per_request: 100' })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 600 })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    connection: 'assistant',
    stream: 'recordings',
    state: 'succeeded',
    records: { rejected: 0, pending: 0 },
    rows: { inserted: 600 },
  })
  expect((await rowsOf(place)).map(({ message_id }) => message_id)).toEqual([...ids].sort())
  expect(Object.keys(place.requests()).sort()).toEqual(['/phone-number/{id}', 'createdAt', 'updatedAt'])

  const before = await rowVersions(place.database)
  place.simulator.forgetRequests()
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  expect(runOf(second.document).rows).toMatchObject({ inserted: 0, updated: 0 })
  expect(place.requests()).toEqual({ updatedAt: 1 })
})

test('the next sync finds what is new and what changed; the daily look finds what was missed and what is gone', async () => {
  const place = await createVapiCase()
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 20 * hour, to: place.began - 2 * hour, count: 50, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })

  const [changed = '', deleted = '', status = ''] = ids
  account.change(changed, {
    artifact: { recordingUrl: 'https://storage.example.test/a.wav', transcript: 'AI: Corrected.' },
  })
  account.change(status, { status: 'not-found', artifact: undefined })
  account.remove(deleted)
  const fresh = account.add({
    createdAt: formatInstant(place.began - 10 * minute),
    updatedAt: formatInstant(place.began),
  })
  // Its updatedAt lies where changes were read already.
  const late = account.add({ createdAt: formatInstant(place.began - 9 * hour) })
  await new Promise((done) => setTimeout(done, 1100))
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(runOf(second.document).rows).toMatchObject({ inserted: 1, updated: 2 })
  expect(await rowsOf(place, `message_id = '${changed}'`)).toMatchObject([
    { message_text: 'AI: Corrected.', deleted: false },
  ])
  expect(await rowsOf(place, `message_id = '${fresh}'`)).toHaveLength(1)
  expect(await rowsOf(place, 'deleted_at is not null')).toMatchObject([
    { message_id: status, recording_status: 'deleted', recording_url: expect.stringContaining('/mono-recording') },
  ])

  // A day later the calls are looked at by when they were created.
  await place.database.rows(`update reelhouse.coverage set rereads = '{}' where axis = 'createdAt'`)
  const third = await place.json(['sync'])
  expect(third).toMatchObject({ code: 0, log: [] })
  expect(runOf(third.document)).toMatchObject({ rows: { inserted: 1 }, tallies: { deleted: 1 } })
  expect((await rowsOf(place, 'deleted_at is not null')).map(({ message_id }) => message_id)).toEqual(
    [deleted, status].sort(),
  )
  expect(await rowsOf(place, `message_id = '${late}'`)).toHaveLength(1)
  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
})

test('a call that goes on, and one whose recording is being made, are pending until they are there', async () => {
  const place = await createVapiCase()
  const { account } = place.simulator
  const createdAt = formatInstant(place.began - 10 * minute)
  const customer = { number: '+15125550123' }
  const phoneNumberId = account.numbers[0]?.id
  const living = account.add({
    createdAt,
    customer,
    phoneNumberId,
    type: 'inboundPhoneCall',
    status: 'in-progress',
    endedAt: undefined,
    artifact: undefined,
  })
  const unrecorded = account.add({ createdAt, artifact: undefined })
  const never = account.add({ createdAt: formatInstant(place.began - 2 * hour), artifact: undefined })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    records: { pending: expect.any(Number) },
    tallies: { 'gave-up.no-recording': expect.any(Number) },
  })
  expect(await rowsOf(place)).toMatchObject([{ message_id: never, recording_status: 'failed', recording_url: null }])
  expect(
    await place.rows('select record_id, reason from reelhouse.follow_ups where gave_up_at is null order by reason'),
  ).toEqual([
    { record_id: unrecorded, reason: 'no-recording' },
    { record_id: living, reason: 'status-in-progress' },
  ])

  account.record(unrecorded, { silent: true })
  account.change(living, { status: 'ended', endedAt: formatInstant(place.began - minute) })
  account.record(living)
  await dueNow(place)
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(await rowsOf(place, `message_id <> '${never}'`)).toMatchObject(
    [unrecorded, living].sort().map((id) => ({
      message_id: id,
      recording_status: 'available',
      recording_url: `https://api.vapi.ai/call/${id}/mono-recording`,
    })),
  )
  expect(await rowsOf(place, `message_id = '${living}'`)).toMatchObject([
    { phone_number: '+15125550123', number_dialed_by_user: '+15125559001', message_direction: 'inbound' },
  ])
  expect(await place.rows('select * from reelhouse.follow_ups where gave_up_at is null')).toEqual([])
})

test('what Vapi keeps no longer is told, stays, and is not asked for', async () => {
  const place = await createVapiCase({ startDaysAgo: 30, simulator: { traps: { retentionDays: 14 } } })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 13.5 * day, to: place.began - hour, count: 40, plain: true })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({
    code: 0,
    log: [expect.stringMatching(/keeps records since .* cannot be read any more/)],
  })
  expect(await rowsOf(place)).toHaveLength(40)
  place.simulator.traps.retentionDays = 12
  const range = ['--from', formatInstant(place.began - 20 * day), '--to', formatInstant(place.began - hour)]
  place.simulator.forgetRequests()
  const again = await place.json(['backfill', '--again', ...range])
  expect(again).toMatchObject({ code: 0, log: [expect.stringContaining('cannot be read any more')] })
  const forgotten = ids.filter((id) => String(account.get(id)?.createdAt) < formatInstant(place.began - 13 * day))
  expect(forgotten.length).toBeGreaterThan(0)
  for (const id of forgotten) expect(place.simulator.requests.map(({ path }) => path)).not.toContain(`/call/${id}`)
})

test('a backfill and verify go by when calls were created, in halves where an answer is full', async () => {
  const place = await createVapiCase({ startDaysAgo: 1, settings: '    calls_per_request: 50' })
  const { account } = place.simulator
  account.generate({ from: place.began - 6 * day, to: place.began - 2 * day, count: 500, plain: true })
  const range = ['--from', formatInstant(place.began - 6 * day), '--to', formatInstant(place.began - 2 * day)]
  expect(await place.json(['backfill', ...range])).toMatchObject({ code: 0, log: [] })
  expect(await rowsOf(place)).toHaveLength(500)
  expect(Object.keys(place.requests()).sort()).toEqual(['/phone-number/{id}', 'createdAt'])
  expect(await place.json(['verify', ...range])).toMatchObject({ code: 0, log: [] })
  const missed = account.add({ createdAt: formatInstant(place.began - 3 * day) })
  const { code, document } = await place.json(['verify', ...range])
  expect(code).toBe(1)
  expect(JSON.stringify(document)).toContain(missed)
})

test('faults on the way are waited out, and a millisecond that is too full fails alone and loudly', async () => {
  const place = await createVapiCase({
    simulator: { traps: { faults: ['retry-after', 'server-error', 'truncated', 'reset'] } },
  })
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 100, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await rowsOf(place)).toHaveLength(100)

  const createdAt = formatInstant(place.began - 30 * hour - ((place.began - 30 * hour) % 1000))
  for (let count = 0; count < 120; count += 1) account.add({ createdAt, updatedAt: createdAt })
  place.simulator.traps.silentLimit = 100
  const from = formatInstant(place.began - 31 * hour)
  const failed = await place.json([
    'backfill',
    '--again',
    '--from',
    from,
    '--to',
    formatInstant(place.began - 29 * hour),
  ])
  expect(failed).toMatchObject({ code: 1, log: [expect.stringContaining('it is full')] })
  const [gap] = await place.rows<{ readonly micros: string }>(
    `select extract(epoch from window_to - window_from) * 1000000 as micros
     from reelhouse.windows where state = 'failed'`,
  )
  expect(Number(gap?.micros)).toBeLessThanOrEqual(2000)
})

test('resolve prints a fresh link that plays without the key, and check names a key that is wrong', async () => {
  const place = await createVapiCase()
  const { account } = place.simulator
  const createdAt = formatInstant(place.began - hour)
  const id = account.add({ createdAt })
  const silent = account.add({ createdAt: formatInstant(place.began - 2 * hour), artifact: undefined })
  expect(await place.json(['check'])).toMatchObject({ code: 0, document: { ok: true } })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const link = await place.reelhouse(['resolve', 'assistant', id])
  expect(link).toMatchObject({ code: 0, stderr: '' })
  expect((await fetch(link.stdout.trim())).status).toBe(200)
  expect(await place.json(['resolve', 'assistant', silent])).toMatchObject({
    code: 1,
    log: [expect.stringContaining('has none')],
  })

  place.simulator.forgetRequests()
  const wrong = await place.reelhouse(['sync'], { VAPI_API_KEY: 'vapi-a-wrong-key-77' })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/assistant.*api_key/)
  expect(wrong.stderr + wrong.stdout).not.toContain('vapi-a-wrong-key-77')
  expect(place.simulator.requests).toHaveLength(1)
  const stored = await place.rows(`select * from reelhouse.source_records`)
  const text = JSON.stringify([stored, await place.rows('select * from reelhouse.call_recordings')])
  for (const secret of [apiKey, 'simulated-server-secret', 'X-Amz-Signature', 'presigned'])
    expect(text).not.toContain(secret)
})

test('replay makes rows anew from what was kept, without a request', async () => {
  const place = await createVapiCase()
  const { account } = place.simulator
  const createdAt = formatInstant(place.began - hour)
  account.add({ createdAt, type: 'outboundPhoneCall', customer: { number: '+15125550123', name: 'Jo Doe' } })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const names = () => place.rows('select first_name, last_name from reelhouse.call_recordings')
  expect(await names()).toEqual([{ first_name: null, last_name: null }])
  const config = await (await import('node:fs/promises')).readFile(`${place.folder}/config/reelhouse.yaml`, 'utf8')
  await place.write('config/reelhouse.yaml', `${config}    person: customer\n`)
  place.simulator.forgetRequests()
  expect(await place.json(['replay'])).toMatchObject({ code: 0, log: [] })
  expect(await names()).toEqual([{ first_name: 'Jo', last_name: 'Doe' }])
  expect(place.requests()).toEqual({})
})
