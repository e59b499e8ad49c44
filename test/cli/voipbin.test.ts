import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { rowVersions } from '../support/table-state.ts'
import { accessKey, createVoipbinCase, day, hour, minute, type VoipbinCase } from '../support/voipbin-case.ts'

/** Re-reads that look at everything at every run: a test has no six hours. */
const allAgain = '    rereads: [{ depth: 10d, every: run }]'

const runOf = (document: unknown) => {
  const { connections } = Object(document)
  return connections[0]
}

const storedIds = async ({ rows }: VoipbinCase, where = 'true'): Promise<readonly string[]> =>
  (
    await rows<{ readonly message_id: string }>(
      `select message_id from reelhouse.call_recordings where ${where} order by 1`,
    )
  ).map(({ message_id }) => message_id)

/** What is waited for becomes due at once: a test has no two minutes. */
const becomeDue = ({ rows }: VoipbinCase) =>
  rows(`update reelhouse.follow_ups set next_attempt_at = now() - interval '1 second' where gave_up_at is null`)

test('a sync loads what VoIPBIN lists; the next one, with nothing new, costs two listings and writes no row', async () => {
  const place = await createVoipbinCase({ simulator: { traps: { dialect: 'mixed' } } })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 600, plain: true })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    connection: 'switchboard',
    stream: 'recordings',
    state: 'succeeded',
    records: { listed: 600, rejected: 0, pending: 0 },
    rows: { inserted: 600 },
  })
  expect(await storedIds(place)).toEqual([...ids].sort())
  expect(await storedIds(place, 'message_direction is null or phone_number is null')).toEqual([])
  expect(place.requests()['/calls/{id}']).toBe(600)

  const before = await rowVersions(place.database)
  place.simulator.forgetRequests()
  // The same recordings in another dialect are not news.
  place.simulator.traps.dialect = 'old'
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  expect(runOf(second.document).rows).toMatchObject({ inserted: 0, updated: 0 })
  expect(place.requests()).toEqual({ '/recordings': 1, '/transcribes': 1 })
})

test('the next sync finds what is new, late, changed, transcribed and deleted', async () => {
  const place = await createVoipbinCase({ settings: allAgain })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - 2 * hour, count: 150, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })

  const [changed = '', deleted = '', transcribed = ''] = ids
  const start = place.began - 2 * day
  account.change(changed, { tm_start: start, tm_end: start + 7_000_000 })
  account.remove(deleted)
  account.transcribe(transcribed, { tm_create: place.began - 10 * minute, tm_update: place.began - 10 * minute }, [
    { message: 'From June.', offset_ms: 900 },
    { message: 'Is unit 4B open?', offset_ms: 10 },
  ])
  const late = account.add({ tm_create: place.began - 30 * hour })
  const fresh = account.add({ tm_create: place.began - 10 * minute })
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(runOf(second.document)).toMatchObject({ rows: { inserted: 2, updated: 2 }, tallies: { deleted: 1 } })
  expect(await storedIds(place, 'deleted_at is null')).toEqual(
    [...ids.filter((id) => id !== deleted), late, fresh].sort(),
  )
  const rows = await place.rows(
    `select message_id, call_duration_in_sec, message_text, recording_status, deleted_at is not null as deleted
     from reelhouse.call_recordings where message_id = any ($1) order by 1`,
    [[changed, deleted, transcribed]],
  )
  const byId = new Map(rows.map((row) => [row.message_id, row]))
  expect(byId.get(changed)).toMatchObject({ call_duration_in_sec: 7, deleted: false })
  expect(byId.get(deleted)).toMatchObject({ recording_status: 'deleted', deleted: true })
  expect(byId.get(transcribed)).toMatchObject({ message_text: 'Is unit 4B open?\nFrom June.', deleted: false })

  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  const verified = await place.json([
    'verify',
    '--from',
    formatInstant(start - hour),
    '--to',
    formatInstant(place.began - 3 * minute),
  ])
  expect(verified).toMatchObject({ code: 0, log: [] })
})

test("an older server's bare 400 deletes nothing", async () => {
  const place = await createVoipbinCase({
    settings: allAgain,
    simulator: { traps: { dialect: 'old', errors: 'old', transcriptsByRecording: false } },
  })
  const { account } = place.simulator
  const [id = ''] = account.generate({ from: place.began - day, to: place.began - hour, count: 3, plain: true })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  account.remove(id)
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [expect.stringContaining(`record ${id} cannot be read by its id`)] })
  expect(runOf(second.document).tallies).toMatchObject({ unavailable: 1 })
  expect(await storedIds(place, 'deleted_at is null')).toHaveLength(3)
})

test('a recording in progress is pending until it ends, and what a cache says of it later changes nothing', async () => {
  const place = await createVoipbinCase({ settings: allAgain })
  const { account } = place.simulator
  const began = place.began - 3 * hour
  const id = account.add({ tm_create: began, tm_start: began, tm_end: null, tm_update: began, status: 'recording' })
  const bare = account.add({
    tm_create: began + 1,
    ...{ tm_start: null, tm_end: null, tm_update: null, status: '', reference_type: '', format: '' },
  })
  const first = await place.json(['sync'])
  expect(runOf(first.document)).toMatchObject({
    records: { listed: 2, pending: 2, rejected: 0 },
    rows: { inserted: 0 },
  })
  expect(await storedIds(place)).toEqual([])
  expect(await place.rows('select record_id, reason from reelhouse.follow_ups order by 2')).toEqual([
    { record_id: bare, reason: 'status-initiating' },
    { record_id: id, reason: 'status-recording' },
  ])

  account.change(id, { status: 'stopping', tm_update: place.began - 3 * minute })
  account.hold(id)
  account.change(id, { status: 'ended', tm_end: place.began - 3 * minute, tm_update: place.began - 2 * minute })
  account.release(id)
  await becomeDue(place)
  place.simulator.forgetRequests()
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const row = () =>
    place.rows(
      'select message_id, call_duration_in_sec, recording_status, recording_url from reelhouse.call_recordings',
    )
  const complete = [
    {
      message_id: id,
      call_duration_in_sec: 3 * 3600 - 180,
      recording_status: 'available',
      recording_url: `https://api.voipbin.net/v1.0/recordingfiles/${id}`,
    },
  ]
  expect(await row()).toEqual(complete)
  expect(place.requests()).toMatchObject({ '/recordings/{id}': 2, '/calls/{id}': 1 })

  const ended = account.get(id)
  account.change(id, { status: 'stopping', tm_end: null, tm_update: place.began - 3 * minute })
  account.hold(id)
  account.change(id, { ...ended })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await row()).toEqual(complete)
  account.release(id)
  await becomeDue(place)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await row()).toEqual(complete)
  expect(await place.rows('select record_id from reelhouse.follow_ups where gave_up_at is null')).toEqual([
    { record_id: bare },
  ])
})

test('a start that failed is given up after a week, visibly', async () => {
  const place = await createVoipbinCase()
  const { account } = place.simulator
  const id = account.add({ tm_create: place.began - day, tm_start: null, tm_end: null, status: 'initiating' })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await storedIds(place)).toEqual([])
  await place.rows(`update reelhouse.follow_ups set next_attempt_at = now(), give_up_at = now()`)
  const old = account.add({ tm_create: place.began - 10 * day, tm_start: null, tm_end: null, status: 'initiating' })
  const range = ['--from', formatInstant(place.began - 11 * day), '--to', formatInstant(place.began - 9 * day)]
  expect(await place.json(['backfill', ...range, '--plan'])).toMatchObject({
    code: 0,
    log: [],
    document: { plans: [{ connection: 'switchboard', windows: 2 }] },
  })
  const backfilled = await place.json(['backfill', ...range])
  expect(backfilled).toMatchObject({ code: 0, log: [] })
  expect(runOf(backfilled.document).tallies).toMatchObject({ 'gave-up.status-initiating': 1 })
  expect(await place.rows('select message_id, recording_status, recording_url from reelhouse.call_recordings')).toEqual(
    [{ message_id: old, recording_status: 'processing', recording_url: null }],
  )
  expect(await storedIds(place, `message_id = '${id}'`)).toEqual([])
})

test('a row whose call is not there yet is filled in later, at the same version', async () => {
  const place = await createVoipbinCase()
  const { account } = place.simulator
  const id = account.add({ tm_create: place.began - hour, tm_end: place.began - 30 * minute })
  const call = account.removeCall(account.get(id)?.reference_id ?? '')
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const row = () => place.rows('select phone_number, message_direction, source_version from reelhouse.call_recordings')
  const [before] = await row()
  expect(before).toMatchObject({ phone_number: null, message_direction: null })
  account.addCall(call)
  await becomeDue(place)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await row()).toEqual([
    {
      ...before,
      phone_number: call.source.target,
      message_direction: call.direction === 'incoming' ? 'inbound' : 'outbound',
    },
  ])
  expect(await place.rows('select * from reelhouse.follow_ups where gave_up_at is null')).toEqual([])
})

test('a walk that is killed, or meets an outage, loses nothing below it', async () => {
  const place = await createVoipbinCase({ settings: '    calls: false\n    max_window: 5d' })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 20 * hour, to: place.began - hour, count: 450, plain: true })
  place.simulator.onRequest = ({ query }) => {
    const pages = place.simulator.requests.filter(({ path }) => path.endsWith('/recordings')).length
    if (pages === 3 && query.some(([name]) => name === 'page_token'))
      place.simulator.traps.faults = ['html', 'html', 'html']
  }
  const failed = await place.json(['sync'])
  expect(failed).toMatchObject({ code: 1 })
  const loaded = await storedIds(place)
  expect(loaded.length).toBeGreaterThan(0)
  expect(loaded.length).toBeLessThan(450)
  place.simulator.onRequest = undefined
  place.simulator.traps.faults = []
  const killed = await place.reelhouse(['sync'], { REELHOUSE_FAULT: 'kill@window-read#1' })
  expect(killed.signal).toBe('SIGKILL')
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await storedIds(place)).toEqual([...ids].sort())
})

test('resolve prints a fresh link that plays without the key; the key shows nowhere', async () => {
  const place = await createVoipbinCase()
  const { account } = place.simulator
  const id = account.add({ tm_create: place.began - hour, tm_end: place.began - 30 * minute })
  expect(await place.json(['check'])).toMatchObject({ code: 0, document: { ok: true } })
  const synced = await place.reelhouse(['sync'])
  const link = await place.reelhouse(['resolve', 'switchboard', id])
  expect(link).toMatchObject({ code: 0, stderr: '' })
  const answer = await fetch(link.stdout.trim())
  expect({ status: answer.status, bytes: (await answer.arrayBuffer()).byteLength > 0 }).toEqual({
    status: 200,
    bytes: true,
  })
  account.remove(id)
  const gone = await place.reelhouse(['resolve', 'switchboard', id])
  expect(gone.code).toBe(1)

  const wrong = await place.reelhouse(['sync'], { VOIPBIN_ACCESS_KEY: 'vb-a-wrong-one-77' })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/switchboard.*access_key/)
  const dump = JSON.stringify([
    await place.rows('select * from reelhouse.call_recordings'),
    await place.rows('select * from reelhouse.source_records'),
    await place.rows('select * from reelhouse.runs'),
    await place.rows('select * from reelhouse.windows'),
  ])
  for (const text of [dump, synced.stdout, synced.stderr, link.stdout, gone.stderr, wrong.stderr]) {
    expect(text).not.toContain(accessKey)
    expect(text).not.toContain('vb-a-wrong-one-77')
    expect(text).not.toContain('accesskey=')
  }
})

test('a thousand recordings cost eleven pages and their calls; a transcript two more each', async () => {
  const place = await createVoipbinCase({ settings: '    max_window: 5d' })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 1000, plain: true })
  for (const id of ids.slice(0, 50))
    account.transcribe(id, { tm_create: place.began - 30 * minute }, [{ message: 'Hi.' }])
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(place.requests()).toEqual({
    '/recordings': 12,
    '/transcribes': 2,
    '/calls/{id}': 1000,
    '/recordings/{id}/transcripts': 100,
  })
})
