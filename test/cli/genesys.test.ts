import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { clientSecret, createGenesysCase, day, type GenesysCase, hour, minute } from '../support/genesys-case.ts'
import { rowVersions } from '../support/table-state.ts'

/** Re-reads that look at everything at every run: a test has no six hours. */
const allAgain = '    rereads: [{ depth: 10d, every: run }]'

const query = '/analytics/conversations/details/query'
const recordings = '/conversations/{}/recordings'

const runOf = (document: unknown) => {
  const { connections } = Object(document)
  return connections[0]
}

const followUps = ({ rows }: GenesysCase) =>
  rows('select record_id, kind, reason, gave_up_at is not null as gave_up from reelhouse.follow_ups order by record_id')

const rowsOf = ({ rows }: GenesysCase, conversation: string) =>
  rows(
    `select message_id, recording_status, recording_url is not null as plays, deleted_at is not null as deleted
     from reelhouse.call_recordings where conversation_id = $1 order by message_id`,
    [conversation],
  )

test('a sync loads every recording of what is listed; the next one, with nothing new, writes no row', async () => {
  const place = await createGenesysCase({ settings: '    watch_deletions: false' })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day + minute, to: place.began - hour, count: 300 })
  const twice = ids.slice(0, 20)
  for (const id of twice) account.addRecording(id, {})
  account.addRecording(ids[0] ?? '', { media: 'screen', mediaSubtype: 'Screen' })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    connection: 'front-desk',
    stream: 'recordings',
    state: 'succeeded',
    records: { listed: 300, flattened: 300, rejected: 0, pending: 0 },
    rows: { inserted: 320 },
  })
  expect(place.requests()).toMatchObject({ '/oauth/token': 1, [recordings]: 300 })
  expect(await rowsOf(place, ids[0] ?? '')).toHaveLength(2)
  const stored = await place.rows("select count(*)::int as count from reelhouse.source_records where outcome = 'row'")
  expect(stored).toEqual([{ count: 300 }])

  const kept = JSON.stringify([
    await place.rows('select payload from reelhouse.source_records'),
    await place.rows('select * from reelhouse.call_recordings'),
  ])
  expect(kept).toContain('AVAILABLE')
  expect(kept).not.toMatch(/signature|x-amz|invented-token/i)
  expect(kept).not.toContain(clientSecret)

  const before = await rowVersions(place.database)
  place.simulator.forgetRequests()
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  expect(runOf(second.document).rows).toMatchObject({ inserted: 0, updated: 0 })
  const { [query]: listings = 0, ...others } = place.requests()
  expect(others).toEqual({ '/oauth/token': 1 })
  expect(listings).toBeLessThanOrEqual(2)
})

test('the next sync finds what is new, late and changed, and takes a 404 for no deletion', async () => {
  const place = await createGenesysCase({ settings: allAgain })
  const { account } = place.simulator
  const ids = account.generate({ from: place.began - 2 * day, to: place.began - 5 * hour, count: 150 })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })

  const [changed = '', removed = ''] = ids
  const [archived = ''] = account.recordings(changed)
  account.end(changed, place.began - hour)
  account.changeRecording(changed, archived, { fileState: 'ARCHIVED' })
  const another = account.addRecording(changed, { fileState: 'AVAILABLE' })
  account.remove(removed)
  const late = account.add({ start: place.began - 30 * hour, end: place.began - 2 * hour })
  const fresh = account.add({ start: place.began - 40 * minute })
  place.simulator.forgetRequests()
  const second = await place.json(['sync'])
  expect(second).toMatchObject({ code: 0, log: [] })
  expect(runOf(second.document)).toMatchObject({ rows: { inserted: 3, updated: 1 } })
  expect(place.requests()).toMatchObject({ [recordings]: 3 })
  expect(await rowsOf(place, changed)).toEqual(
    [
      { message_id: archived, recording_status: 'archived', plays: false, deleted: false },
      { message_id: another, recording_status: 'available', plays: true, deleted: false },
    ].sort((a, b) => (a.message_id < b.message_id ? -1 : 1)),
  )
  expect(await rowsOf(place, removed)).toMatchObject([{ deleted: false }])
  expect([await rowsOf(place, late), await rowsOf(place, fresh)]).toMatchObject([[{ plays: true }], [{ plays: true }]])

  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
})

test('what is transcoded, uploaded or not there yet is pending, keeps nothing from being read, and completes', async () => {
  const place = await createGenesysCase({
    settings: '    watch_deletions: false',
    simulator: { traps: { transcodingAnswers: 2 } },
  })
  const { account, traps } = place.simulator
  const transcoding = account.add({ start: place.began - 30 * minute })
  const uploading = account.add({ start: place.began - 31 * minute, recordings: [{ fileState: 'UPLOADING' }] })
  const empty = account.add({ start: place.began - 32 * minute, recordings: [] })
  const pending = (id: string, reason: string) => ({ record_id: id, kind: 'pending', reason, gave_up: false })
  const expected = (reasons: Readonly<Record<string, string>>) =>
    Object.entries(reasons)
      .map(([id, reason]) => pending(id, reason))
      .sort((a, b) => (a.record_id < b.record_id ? -1 : 1))

  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({ state: 'succeeded', records: { listed: 3, pending: 3 } })
  expect(await followUps(place)).toEqual(
    expected({ [transcoding]: 'transcoding', [uploading]: 'transcoding', [empty]: 'transcoding' }),
  )
  traps.transcodingAnswers = 0
  await place.makeDue()
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await followUps(place)).toEqual(expected({ [uploading]: 'recording-uploading', [empty]: 'no-recordings-yet' }))
  expect(await rowsOf(place, transcoding)).toMatchObject([{ recording_status: 'available', plays: true }])

  const [uploaded = ''] = account.recordings(uploading)
  account.changeRecording(uploading, uploaded, { fileState: 'AVAILABLE' })
  account.addRecording(empty, { conversationId: empty, media: 'audio', fileState: 'AVAILABLE' })
  await place.makeDue()
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await followUps(place)).toEqual([])
  expect([await rowsOf(place, uploading), await rowsOf(place, empty)]).toMatchObject([
    [{ plays: true }],
    [{ plays: true }],
  ])
})

test('a recording is deleted when Genesys Cloud says so after its date; a 404 says nothing', async () => {
  const place = await createGenesysCase()
  const { account } = place.simulator
  const soon = { deleteDate: formatInstant(place.began - 36 * hour) }
  const deleted = account.add({ start: place.began - 2 * day, recordings: [soon] })
  const missing = account.add({ start: place.began - 2 * day, recordings: [soon] })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await followUps(place)).toMatchObject([{ reason: 'deletion-due' }, { reason: 'deletion-due' }])
  const [recording = ''] = account.recordings(deleted)
  account.changeRecording(deleted, recording, { fileState: 'DELETED' })
  account.remove(missing)
  await place.makeDue()
  expect(await place.json(['sync'])).toMatchObject({
    code: 0,
    log: [expect.stringContaining('does not show the conversation')],
  })
  expect(await rowsOf(place, deleted)).toMatchObject([{ recording_status: 'deleted', plays: false, deleted: true }])
  expect(await rowsOf(place, missing)).toMatchObject([{ recording_status: 'available', plays: true, deleted: false }])
  expect(await followUps(place)).toEqual([
    { record_id: missing, kind: 'follow-up', reason: 'unavailable', gave_up: false },
  ])
  const due = "select next_attempt_at > now() + interval '23 hours' as rests from reelhouse.follow_ups"
  expect(await place.rows(due)).toEqual([{ rests: true }])
})

test('a conversation whose recordings were purged keeps its rows, and what replay makes them of', async () => {
  const place = await createGenesysCase()
  const { account } = place.simulator
  const id = account.add({
    start: place.began - 2 * day,
    recordings: [{ deleteDate: formatInstant(place.began - 36 * hour) }],
  })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const [{ payload } = { payload: null }] = await place.rows('select payload from reelhouse.source_records')
  account.purge(id)
  await place.makeDue()
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await followUps(place)).toEqual([])
  expect(await place.rows('select outcome, payload from reelhouse.source_records')).toEqual([
    { outcome: 'row', payload },
  ])
  expect(await rowsOf(place, id)).toMatchObject([{ plays: true, deleted: false }])

  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  await place.rows("update reelhouse.call_recordings set phone_number = '+15125559999' returning 1")
  expect(await place.json(['replay'])).toMatchObject({ code: 0 })
  const numbers = await place.rows("select phone_number = '+15125559999' as stale from reelhouse.call_recordings")
  expect(numbers).toEqual([{ stale: false }])
})

test('an outage in the middle of a window keeps what was read, covers nothing, and is made up for by the next run', async () => {
  const place = await createGenesysCase({ startDaysAgo: 1, settings: '    watch_deletions: false' })
  const { simulator } = place
  simulator.account.generate({ from: place.began - day + minute, to: place.began - hour, count: 60 })
  simulator.onRequest = () => {
    if (simulator.requests.length > 30) simulator.traps.everyRequest = 'reset'
  }
  const failed = await place.json(['sync'])
  expect(failed.code).toBe(1)
  // Requests under way together fail together: how many records could not be read by their ids is theirs to say.
  const [ended, ...others] = failed.log.toReversed()
  expect(ended).toMatch(/window .* failed: .*ECONNRESET/)
  expect(others.filter((line) => !/^record .* cannot be read by its id, .*ECONNRESET/.test(line))).toEqual([])
  expect(await place.rows('select * from reelhouse.coverage')).toEqual([])
  simulator.onRequest = undefined
  simulator.traps.everyRequest = null
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const rows = await place.rows('select count(*)::int as count from reelhouse.call_recordings')
  await place.makeDue()
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const all = await place.rows('select count(*)::int as count from reelhouse.call_recordings')
  expect([rows, all]).toEqual([[{ count: 59 }], [{ count: 60 }]])
}, 120_000)

test('chats, emails and messages become a row a message when media asks for them', async () => {
  const place = await createGenesysCase({ settings: '    media: [audio, chat]\n    watch_deletions: false' })
  const { account } = place.simulator
  const transcript = ['Is unit 4B still open?', 'It is.', 'Thanks'].map((body, n) => ({
    id: `message-${n}`,
    body,
    bodyType: 'STANDARD',
    utc: formatInstant(place.began - hour + n * minute),
    participantPurpose: n === 1 ? 'agent' : 'customer',
  }))
  const chat = { media: 'chat', transcript }
  const start = place.began - hour
  const id = account.add({ start, mediaType: 'chat', recordings: [chat, { ...chat, transcript: transcript.slice(1) }] })
  account.add({ start, recordings: [{}] })
  expect(runOf((await place.json(['sync'])).document)).toMatchObject({
    records: { listed: 2, flattened: 2 },
    rows: { inserted: 4 },
  })
  const rows = await place.rows(
    `select message_id, message_text, message_direction, media from reelhouse.call_recordings
     where conversation_id = $1 order by created_at`,
    [id],
  )
  expect(rows).toEqual([
    { message_id: 'message-0', message_text: 'Is unit 4B still open?', message_direction: 'inbound', media: 'chat' },
    { message_id: 'message-1', message_text: 'It is.', message_direction: 'outbound', media: 'chat' },
    { message_id: 'message-2', message_text: 'Thanks', message_direction: 'inbound', media: 'chat' },
  ])
})

test('history is backfilled by jobs, verified and replayed', async () => {
  const place = await createGenesysCase({ settings: '    watch_deletions: false' })
  const { account } = place.simulator
  const [from, to] = [place.began - 40 * day, place.began - 38 * day]
  account.generate({ from, to, count: 60 })
  const range = ['--from', formatInstant(from), '--to', formatInstant(to)]
  const backfilled = await place.json(['backfill', ...range])
  expect(backfilled).toMatchObject({ code: 0, log: [] })
  expect(runOf(backfilled.document)).toMatchObject({ rows: { inserted: 60 } })
  expect(place.requests()).toMatchObject({ '/analytics/conversations/details/jobs': 2, [recordings]: 60 })
  expect(place.requests()).not.toHaveProperty(query)
  expect(await place.json(['verify', ...range])).toMatchObject({ code: 0, log: [] })
  const before = await rowVersions(place.database)
  place.simulator.forgetRequests()
  expect(await place.json(['replay'])).toMatchObject({ code: 0, log: [] })
  expect(place.requests()).toEqual({})
  expect(await rowVersions(place.database)).toEqual(before)
}, 60_000)

test('a token that ends in the middle of a window costs one login; a wrong secret one request', async () => {
  const place = await createGenesysCase({ simulator: { traps: { tokenRequests: 40 } } })
  place.simulator.account.generate({ from: place.began - day + minute, to: place.began - hour, count: 60 })
  const synced = await place.json(['sync'])
  expect(synced).toMatchObject({ code: 0, log: [] })
  expect(runOf(synced.document)).toMatchObject({ records: { listed: 60, flattened: 60 } })
  expect(place.requests()).toMatchObject({ '/oauth/token': 2 })

  place.simulator.forgetRequests()
  const wrong = await place.reelhouse(['sync'], { GENESYS_CLIENT_SECRET: 'a-wrong-secret-77' })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/front-desk.*client_secret/)
  expect(wrong.stderr + wrong.stdout).not.toContain('a-wrong-secret-77')
  expect(place.requests()).toEqual({ '/oauth/token': 1 })
})

test('two connections to one organization share its limit, and each reads all of it', async () => {
  const place = await createGenesysCase({
    startDaysAgo: 1,
    connections: ['front-desk', 'back-desk'],
    settings: '    watch_deletions: false',
    simulator: { traps: { rateLimit: { allowed: 30, seconds: 1 }, tokenRequests: 50 } },
  })
  place.simulator.account.generate({ from: place.began - day + minute, to: place.began - hour, count: 60 })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const counts = `select connection_id, count(*)::int as count from reelhouse.call_recordings
    join reelhouse.connections using (connection_key) group by 1 order by 1`
  expect(await place.rows(counts)).toEqual([
    { connection_id: 'back-desk', count: 60 },
    { connection_id: 'front-desk', count: 60 },
  ])
}, 60_000)

test('a client of another organization reads nothing into the rows of this one', async () => {
  const place = await createGenesysCase()
  const [id = ''] = place.simulator.account.generate({ from: place.began - day, to: place.began - hour, count: 3 })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  for (const each of place.simulator.account.ids()) place.simulator.account.remove(each)
  place.simulator.account.add({ start: place.began - 30 * minute })
  await place.rows("update reelhouse.connections set account_fingerprint = 'of the client before' returning 1")
  const refused = await place.json(['sync'])
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.log.join()).toMatch(/front-desk: the source has none of the newest records.*--accept-account/)
  expect(await place.rows('select count(*)::int as count from reelhouse.call_recordings')).toEqual([{ count: 3 }])
  expect(await rowsOf(place, id)).toMatchObject([{ deleted: false }])
})

test('resolve prints a fresh link of the row that is named, not of another of its conversation', async () => {
  const place = await createGenesysCase()
  const { account } = place.simulator
  const id = account.add({ start: place.began - hour })
  const second = account.addRecording(id, {})
  const archived = account.addRecording(id, { fileState: 'ARCHIVED' })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const link = await place.reelhouse(['resolve', 'front-desk', second])
  expect(link).toMatchObject({ code: 0, stderr: '' })
  expect(link.stdout).toContain(`/media/${second}-ch0.webm`)
  expect((await fetch(link.stdout.trim())).status).toBe(200)
  const none = await place.json(['resolve', 'front-desk', archived])
  expect(none).toMatchObject({ code: 1, log: [expect.stringContaining('it is archived')] })
})
