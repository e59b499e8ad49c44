import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { micros, openDistantReader } from '../support/distant-reader.ts'
import { loadRows, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await openDistantReader(database)
})
afterAll(() => database.drop())

/** Rows of a connection that is named after the test's subject. */
const stored = async (connection: string, rows: readonly Partial<PlacedRow>[]): Promise<void> => {
  const numbered = rows.map((stated, n) => row({ message_id: `m${n}`, conversation_id: `c${n}`, ...stated }))
  await loadRows(session, await runOf(session, connection), numbered)
}

const query = async (sql: string): Promise<readonly unknown[]> => (await session.client.query(sql)).rows

test('recordings say whether the audio can be played now, and how old they are', async () => {
  const [past, future] = [micros('2026-01-01T00:00:00Z'), micros('2999-01-01T00:00:00Z')]
  const cases: readonly [string | null, Partial<PlacedRow>][] = [
    ['playable', { recording_status: 'available', recording_expires_at: future }],
    ['playable', { recording_status: 'available', recording_expires_at: null }],
    ['gone', { recording_status: 'available', recording_expires_at: past }],
    ['gone', { recording_status: 'archived', recording_expires_at: past }],
    ['gone', { recording_status: 'deleted' }],
    ['gone', { recording_status: null, recording_expires_at: past }],
    ['archived', { recording_status: 'archived' }],
    ['processing', { recording_status: 'processing' }],
    ['failed', { recording_status: 'failed', recording_expires_at: past }],
    ['unknown', { recording_status: null }],
    [null, { recording_status: 'available', media: 'chat' }],
  ]
  const stated = cases.map(([, of], n) => ({ ...of, message_id: String(n).padStart(2, '0') }))
  await stored('availability', stated)
  const found = await query(`
    select availability, age between now() - created_at and now() - created_at + interval '1 minute' as ages
    from reelhouse.recordings where connection_id = 'availability' order by message_id`)
  expect(found).toEqual(cases.map(([availability]) => ({ availability, ages: true })))
})

test('daily_volume counts living rows by the day of UTC, and durations where they are known', async () => {
  const day = { portfolio_id: 'p-1', created_at: micros('2026-03-02T23:59:59.999Z') }
  await stored('volume', [
    day,
    { ...day, call_duration_in_sec: null },
    { ...day, deleted_at: 1 },
    { ...day, created_at: micros('2026-03-03T00:00:00Z') },
    { ...day, message_direction: 'outbound' },
    { ...day, message_direction: null, portfolio_id: null, call_duration_in_sec: null, media: 'chat' },
  ])
  const found = await query(`
    select day::text, source, portfolio_id, media, message_direction, rows, with_duration, seconds
    from reelhouse.daily_volume where connection_id = 'volume' order by day, message_direction`)
  const counted = { day: '2026-03-02', source: 'files', portfolio_id: 'p-1', media: 'audio' }
  expect(found).toEqual([
    { ...counted, message_direction: 'inbound', rows: 2, with_duration: 1, seconds: 73 },
    { ...counted, message_direction: 'outbound', rows: 1, with_duration: 1, seconds: 73 },
    {
      ...counted,
      portfolio_id: null,
      media: 'chat',
      message_direction: null,
      rows: 1,
      with_duration: 0,
      seconds: null,
    },
    { ...counted, day: '2026-03-03', message_direction: 'inbound', rows: 1, with_duration: 1, seconds: 73 },
  ])
})

test('duration_percentiles are of known durations of audio, by the month of UTC', async () => {
  const april = { portfolio_id: 'p-1', created_at: micros('2026-04-30T23:59:59Z') }
  await stored('percentiles', [
    ...Array.from({ length: 100 }, (_, n) => ({ ...april, call_duration_in_sec: n + 1 })),
    { ...april, call_duration_in_sec: null },
    { ...april, call_duration_in_sec: 9000, media: 'chat' as const },
    { ...april, call_duration_in_sec: 9000, deleted_at: 1 },
    { ...april, call_duration_in_sec: null, created_at: micros('2026-05-01T00:00:00Z') },
  ])
  const found = await query(`
    select month::text, recordings, with_duration, average_sec, p50_sec, p90_sec, p95_sec, p99_sec, longest_sec
    from reelhouse.duration_percentiles where connection_id = 'percentiles' and message_direction = 'inbound' order by month`)
  const none = { average_sec: null, p50_sec: null, p90_sec: null, p95_sec: null, p99_sec: null, longest_sec: null }
  expect(found).toEqual([
    {
      ...{ month: '2026-04-01', recordings: 101, with_duration: 100, average_sec: 51 },
      ...{ p50_sec: 50, p90_sec: 90, p95_sec: 95, p99_sec: 99, longest_sec: 100 },
    },
    { month: '2026-05-01', recordings: 1, with_duration: 0, ...none },
  ])
})

/** Calls of Jo: twice in one conversation (transferred), again an hour later to another community, and one back to Jo. */
const jo = '+15125550777'
const calls = (): readonly Partial<PlacedRow>[] => [
  { conversation_id: 's', created_at: micros('2026-03-02T10:00:00Z'), portfolio_id: 'p-1' },
  { conversation_id: 's', created_at: micros('2026-03-02T10:03:00Z'), portfolio_id: 'p-1' },
  { conversation_id: 't', created_at: micros('2026-03-02T11:03:00Z'), portfolio_id: 'p-2' },
  { conversation_id: 'u', created_at: micros('2026-03-02T11:30:00Z'), message_direction: 'outbound' },
  { conversation_id: 'v', created_at: micros('2026-03-03T11:03:00Z'), portfolio_id: 'p-1' },
  { conversation_id: 'w', created_at: micros('2026-03-04T11:03:00Z'), portfolio_id: 'p-1', deleted_at: 1 },
]

test('repeat_callers counts conversations: a transfer is no second call, and a call back is none of the customer', async () => {
  const outbound = { phone_number: '+15125550199', number_dialed_by_user: jo }
  const of = calls().map((call) => ({
    phone_number: jo,
    ...call,
    ...(call.message_direction === 'outbound' ? outbound : {}),
  }))
  await stored('repeats', [...of, { phone_number: null }, { phone_number: null }])
  const found = await query(`
    select portfolio_id, conversations, recordings, first_created_at::text, last_created_at::text
    from reelhouse.repeat_callers where customer_phone_number = '${jo}'`)
  expect(found).toEqual([
    {
      portfolio_id: 'p-1',
      conversations: 2,
      recordings: 3,
      first_created_at: '2026-03-03 00:00:00+14',
      last_created_at: '2026-03-04 01:03:00+14',
    },
  ])
  expect(await query('select from reelhouse.repeat_callers where customer_phone_number is null')).toEqual([])
})

test('repeat_calls names for each call the one before it, of another conversation', async () => {
  const found = await query(`
    select conversation_id, portfolio_id, previous_portfolio_id, after::text
    from reelhouse.repeat_calls where connection_id = 'repeats' and customer_phone_number = '${jo}' order by created_at`)
  expect(found).toEqual([
    { conversation_id: 't', portfolio_id: 'p-2', previous_portfolio_id: 'p-1', after: '01:00:00' },
    { conversation_id: 'v', portfolio_id: 'p-1', previous_portfolio_id: 'p-2', after: '1 day' },
  ])
})

test('missing_enrichment counts what living rows lack', async () => {
  const nobody = { first_name: null, last_name: null, sender_ext_ref: null, email_address: null }
  const bare = {
    ...nobody,
    ...{ message_direction: null, phone_number: null, number_dialed_by_user: null },
    ...{ message_text: null, call_duration_in_sec: null, recording_url: null },
  }
  const at = { created_at: micros('2026-03-02T12:00:00Z') }
  await stored('missing', [
    { ...at, portfolio_id: 'p-1' },
    { ...at, ...bare },
    { ...at, ...nobody, email_address: 'jo@example.test', portfolio_id: 'p-1' },
    { ...at, ...bare, deleted_at: 1 },
  ])
  expect(await query("select * from reelhouse.missing_enrichment where connection_id = 'missing'")).toMatchObject([
    {
      ...{ connection_id: 'missing', source: 'files', media: 'audio', rows: 3, without_portfolio: 1 },
      ...{ without_direction: 1, without_calling_number: 1, without_called_number: 1, without_person: 1 },
      ...{ without_text: 1, without_duration: 1, without_url: 1 },
    },
  ])
})
