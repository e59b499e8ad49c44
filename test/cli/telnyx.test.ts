import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { rowVersions } from '../support/table-state.ts'
import { createTelnyxCase, day, hour, minute, type TelnyxCase } from '../support/telnyx-case.ts'

/** Re-reads that look at everything at every run: a test has no six hours. */
const allAgain = '    rereads: [{ depth: 10d, every: run }]'

const runOf = (document: unknown) => {
  const { connections } = Object(document)
  return connections[0]
}

const storedIds = async ({ rows }: TelnyxCase, where = 'true'): Promise<readonly string[]> =>
  (
    await rows<{ readonly message_id: string }>(
      `select message_id from reelhouse.call_recordings where ${where} order by 1`,
    )
  ).map(({ message_id }) => message_id)

test('a sync loads what Telnyx lists; the next one, with nothing new, costs one listing and writes no row', async () => {
  const place = await createTelnyxCase()
  const { account } = place.simulator
  const from = place.began - 2 * day
  const ids = account.generate({ from, to: place.began - hour, count: 600, plain: true })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    connection: 'front-desk',
    stream: 'recordings',
    state: 'succeeded',
    records: { listed: 600, rejected: 0, pending: 0 },
    rows: { inserted: 600 },
  })
  expect(await storedIds(place)).toEqual([...ids].sort())

  const before = await rowVersions(place.database)
  place.simulator.forgetRequests()
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  expect(runOf(second.document).rows).toMatchObject({ inserted: 0, updated: 0 })
  expect(place.requests()).toEqual({ '/recordings': 1, '/recording_transcriptions': 1 })
})

test('the next sync finds what is new, late, changed, transcribed and deleted', async () => {
  const place = await createTelnyxCase({ settings: allAgain })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - 2 * hour, count: 300, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })

  const [changed = '', deleted = '', transcribed = '', kept = ''] = ids
  account.change(changed, { to: '+15125550177' })
  account.remove(deleted)
  account.transcribe(transcribed, { transcription_text: 'Hello, this is the office.', status: 'completed' })
  const late = account.add({ created_at: formatInstant(place.began - 30 * hour) })
  const fresh = account.add({ created_at: formatInstant(place.began - 10 * minute) })
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(runOf(second.document)).toMatchObject({
    rows: { inserted: 2, updated: 2 },
    tallies: { deleted: 1 },
  })
  expect(await storedIds(place, 'deleted_at is null')).toEqual(
    [...ids.filter((id) => id !== deleted), late, fresh].sort(),
  )
  const rows = await place.rows(
    `select message_id, number_dialed_by_user, message_text, recording_status, deleted_at is not null as deleted
     from reelhouse.call_recordings where message_id = any ($1) order by 1`,
    [[changed, deleted, transcribed]],
  )
  const byId = new Map(rows.map((row) => [row.message_id, row]))
  expect(byId.get(changed)).toMatchObject({ number_dialed_by_user: '+15125550177', deleted: false })
  expect(byId.get(deleted)).toMatchObject({ recording_status: 'deleted', deleted: true })
  expect(byId.get(transcribed)).toMatchObject({ message_text: 'Hello, this is the office.', deleted: false })

  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  expect(await storedIds(place, `message_id = '${kept}' and deleted_at is null`)).toEqual([kept])
})

test('a backfill that is killed goes on where it was, while syncs go on beside it, and verify finds nothing missing', async () => {
  const place = await createTelnyxCase({ startDaysAgo: 2 })
  const { account } = place.simulator
  account.generate({ from: place.began - 20 * day, to: place.began - 2 * day, count: 1800, plain: true })
  const range = ['--from', formatInstant(place.began - 20 * day), '--to', formatInstant(place.began - 2 * day)]
  const plan = await place.json(['backfill', ...range, '--plan'])
  expect(plan).toMatchObject({
    code: 0,
    document: { plans: [{ connection: 'front-desk', windows: 18, records: 1800 }] },
  })

  const killed = await place.reelhouse(['backfill', ...range], { REELHOUSE_FAULT: 'kill@window-completed#7' })
  expect(killed.signal).toBe('SIGKILL')
  const fresh = account.add({ created_at: formatInstant(place.began - 20 * minute) })
  place.simulator.forgetRequests()
  const [resumed, beside] = await Promise.all([place.json(['backfill', ...range]), place.json(['sync'])])
  expect(resumed).toMatchObject({ code: 0, log: [] })
  expect(beside).toMatchObject({ code: 0, log: [] })
  expect(runOf(resumed.document).windows.read).toBe(11)
  expect(await storedIds(place)).toHaveLength(1801)
  expect(await storedIds(place, `message_id = '${fresh}'`)).toEqual([fresh])

  const verified = await place.json(['verify', ...range])
  expect(verified).toMatchObject({ code: 0, log: [] })
  expect(runOf(verified.document).windows).toHaveLength(18)

  place.simulator.forgetRequests()
  const again = await place.json(['backfill', ...range])
  expect(again).toMatchObject({ code: 0, log: [] })
  expect(runOf(again.document)).toMatchObject({ windows: { read: 0 }, requests: 0 })
})

test('verify names what the warehouse lacks, and what only the warehouse has', async () => {
  const place = await createTelnyxCase()
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 50, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const [vanished = ''] = ids
  account.remove(vanished)
  const missing = account.add({ created_at: formatInstant(place.began - 40 * hour) })
  const range = ['--from', formatInstant(place.began - 3 * day), '--to', formatInstant(place.began - hour)]
  const { code, document } = await place.json(['verify', ...range, '--ids'])
  expect(code).toBe(1)
  const { windows } = runOf(document)
  const found = windows.flatMap((window: Record<string, { readonly ids: readonly string[] }>) =>
    ['missing', 'vanished', 'moved', 'unlisted'].flatMap((kind) => (window[kind]?.ids ?? []).map((id) => [kind, id])),
  )
  expect(found).toEqual(
    expect.arrayContaining([
      ['missing', missing],
      ['vanished', vanished],
    ]),
  )
  expect(found).toHaveLength(2)
  expect(await storedIds(place, 'deleted_at is not null')).toEqual([])
})

test('replay makes rows anew from what was kept, without a request, after a change of own numbers and of the map', async () => {
  const place = await createTelnyxCase({ settings: '    own_numbers: ["+15125550100"]' })
  const { account } = place.simulator
  const began = formatInstant(place.began - hour)
  const id = account.add({ created_at: began, from: '+15125550142', to: '+15125550199' })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const row = () =>
    place.rows('select message_direction, portfolio_id from reelhouse.call_recordings where message_id = $1', [id])
  expect(await row()).toEqual([{ message_direction: null, portfolio_id: null }])

  const config = await place.configuration()
  await place.write('config/reelhouse.yaml', config.replace('+15125550100', '+1 512 555 0199'))
  place.simulator.forgetRequests()
  expect(await place.json(['replay'])).toMatchObject({ code: 0, log: [] })
  expect(await row()).toEqual([{ message_direction: 'inbound', portfolio_id: null }])
  await place.write('config/portfolios.csv', 'attribute,value,portfolio_id\nown_number,+15125550199,P-17\n')
  expect(await place.json(['replay', '--map'])).toMatchObject({ code: 0, log: [] })
  expect(await row()).toEqual([{ message_direction: 'inbound', portfolio_id: 'P-17' }])
  expect(place.requests()).toEqual({})
})

test('resolve prints a fresh link that plays without credentials; own storage and deleted recordings have none', async () => {
  const place = await createTelnyxCase()
  const { account } = place.simulator
  const created_at = formatInstant(place.began - hour)
  const id = account.add({ created_at })
  const elsewhere = account.add({ created_at, download_urls: { mp3: 'gs://bucket.example.test/a.mp3' } })
  const gone = account.add({ created_at })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  account.remove(gone)
  const link = await place.reelhouse(['resolve', 'front-desk', id])
  expect(link).toMatchObject({ code: 0, stderr: '' })
  const answer = await fetch(link.stdout.trim())
  expect({ status: answer.status, bytes: (await answer.arrayBuffer()).byteLength > 0 }).toEqual({
    status: 200,
    bytes: true,
  })
  const { document } = await place.json(['resolve', 'front-desk', id])
  expect(document).toMatchObject({ media_type: 'audio/mpeg', expires_at: expect.stringMatching(/Z$/) })
  const own = await place.json(['resolve', 'front-desk', elsewhere])
  expect(own).toMatchObject({ code: 1, log: [expect.stringContaining('own storage')] })
  expect(await place.json(['resolve', 'front-desk', gone])).toMatchObject({ code: 1 })
  expect(await place.json(['resolve', 'front-desk', 'no-such-row'])).toMatchObject({
    code: 2,
    log: [expect.stringContaining('no row with message_id no-such-row')],
  })
})

test('check proves the key; a wrong one is one line that names connection and key, and is not tried again', async () => {
  const place = await createTelnyxCase()
  place.simulator.account.generate({ from: place.began - day, to: place.began - hour, count: 3, plain: true })
  const checked = await place.json(['check'])
  expect(checked).toMatchObject({ code: 0, document: { ok: true } })
  place.simulator.forgetRequests()
  const wrong = await place.reelhouse(['sync'], { TELNYX_API_KEY: 'KEY-a-wrong-one-77' })
  expect(wrong.code).toBe(2)
  const problems = wrong.stderr.split('\n').filter((line) => line !== '' && !line.includes('"level":"info"'))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(/front-desk.*api_key/)
  expect(wrong.stderr + wrong.stdout).not.toContain('KEY-a-wrong-one-77')
  expect(place.simulator.requests).toHaveLength(1)
  expect(await place.rows('select state from reelhouse.runs')).toEqual([{ state: 'failed' }])
  expect(await place.rows('select * from reelhouse.coverage')).toEqual([])
})

test('start is needed, and every problem of the settings is named at once', async () => {
  const place = await createTelnyxCase()
  const config = await place.configuration()
  await place.write(
    'config/reelhouse.yaml',
    config.replace(/ {4}start: .*\n/, '').replace('requests_per_second: 1000', 'requests_per_second: fast'),
  )
  const { code, log } = await place.json(['sync'])
  expect(code).toBe(2)
  expect(log).toEqual([
    expect.stringMatching(/front-desk\)?\.start/),
    expect.stringMatching(/front-desk\)?\.requests_per_second/),
  ])
})

test('a dump of the same recordings fills what the account lacks, and revives nothing that was deleted there', async () => {
  const place = await createTelnyxCase({
    settings: allAgain,
    more: `
  - id: history
    source: files
    into: front-desk
    shape: telnyx
    paths: [dumps/*.jsonl]
`,
  })
  const { account } = place.simulator
  const [living = '', deleted = ''] = ['one', 'two'].map(() =>
    account.add({ created_at: formatInstant(place.began - 5 * hour), from: '+15125550142' }),
  )
  const old = { id: 'older-than-the-account', created_at: '2020-01-02T03:04:05Z', from: '+15125550143' }
  const dump = [account.get(living), account.get(deleted), old].map((record) => JSON.stringify(record)).join('\n')
  expect(await place.json(['sync', 'front-desk'])).toMatchObject({ code: 0, log: [] })
  account.remove(deleted)
  expect(await place.json(['sync', 'front-desk'])).toMatchObject({ code: 0, log: [] })
  await place.write('config/dumps/telnyx.jsonl', dump)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const rows = 'select message_id, deleted_at is not null as deleted from reelhouse.call_recordings order by 2, 1'
  expect(await place.rows(rows)).toEqual([
    ...[living, old.id].sort().map((message_id) => ({ message_id, deleted: false })),
    { message_id: deleted, deleted: true },
  ])
  const status = 'select recording_status from reelhouse.call_recordings where deleted_at is not null'
  expect(await place.rows(status)).toEqual([{ recording_status: 'deleted' }])
})

test('the key of another account is noticed before anything is read with it', async () => {
  const place = await createTelnyxCase({ settings: allAgain })
  place.simulator.account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 20, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const other = await createTelnyxCase({ simulator: { seed: 77 } })
  other.simulator.account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 20, plain: true })
  const config = await place.configuration()
  await place.write('config/reelhouse.yaml', config.replace(place.simulator.baseUrl, other.simulator.baseUrl))
  const refused = await place.json(['sync'])
  expect(refused).toMatchObject({ code: 2, log: [expect.stringContaining('--accept-account')] })
  expect(
    await place.rows('select count(*)::integer as n from reelhouse.call_recordings where deleted_at is null'),
  ).toEqual([{ n: 20 }])
  await place.write('config/reelhouse.yaml', config)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
})
