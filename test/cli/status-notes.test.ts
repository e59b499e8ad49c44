import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { createTelnyxCase, day, hour, type TelnyxCase } from '../support/telnyx-case.ts'

const notesOf = async (place: TelnyxCase): Promise<readonly string[]> => {
  const { stdout } = await place.reelhouse(['status'])
  return stdout.split('\n').filter((line) => line.startsWith('front-desk: '))
}

const streamOf = async (place: TelnyxCase) => {
  const { document } = await place.json(['status'])
  return Object(document).streams[0]
}

test('status says until when a platform is read, and nothing else when nothing is open', async () => {
  const place = await createTelnyxCase()
  place.simulator.account.add({ created_at: formatInstant(place.began - hour) })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await notesOf(place)).toEqual([])
  const { covered_from, covered_until, covered, ...stream } = await streamOf(place)
  expect(stream).toMatchObject({
    connection: 'front-desk',
    source: 'telnyx',
    last_run: { command: 'sync', state: 'succeeded' },
    rows: 1,
    pending: 0,
    follow_ups: 0,
    given_up: 0,
    oldest_due: null,
    gaps: [],
    unfinished_backfills: [],
    half_loaded_files: [],
  })
  expect(covered).toEqual([{ from: covered_from, to: covered_until }])
  expect((await place.reelhouse(['status'])).stdout).toContain(`  ${covered_until}  `)
})

test('a hole in what was read is named until it is read', async () => {
  const place = await createTelnyxCase()
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const from = formatInstant(place.began - 40 * hour)
  const to = formatInstant(place.began - 20 * hour)
  await place.rows(
    'update reelhouse.coverage set covered = covered - tstzmultirange(tstzrange($1::timestamptz, $2::timestamptz))',
    [from, to],
  )
  expect(await notesOf(place)).toEqual([`front-desk: ${from} to ${to} is not covered; the next sync reads it`])
  expect(await streamOf(place)).toMatchObject({ gaps: [{ from, to }], covered_until: from })
  expect(await place.rows('select connection_id from reelhouse.coverage_gaps')).toEqual([
    { connection_id: 'front-desk' },
  ])
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await notesOf(place)).toEqual([])
})

test('a backfill of which windows are left is named with its range until it is done', async () => {
  const place = await createTelnyxCase({ startDaysAgo: 1 })
  const from = formatInstant(place.began - 10 * day)
  const to = formatInstant(place.began - 5 * day)
  const command = ['backfill', '--from', from, '--to', to]
  const killed = await place.reelhouse(command, { REELHOUSE_FAULT: 'kill@window-completed#2' })
  expect(killed.signal).toBe('SIGKILL')
  expect(await notesOf(place)).toEqual([
    `front-desk: of the backfill --from ${from} --to ${to} 3 of 5 windows left; the same command goes on with it`,
  ])
  expect(await streamOf(place)).toMatchObject({
    last_run: { command: 'backfill', state: 'abandoned' },
    unfinished_backfills: [{ from, to, windows_left: 3, windows: 5 }],
  })
  expect(await place.json(command)).toMatchObject({ code: 0 })
  expect(await notesOf(place)).toEqual([])
})

test('records that were waited for in vain are counted', async () => {
  const place = await createTelnyxCase({ startDaysAgo: 10 })
  const { account } = place.simulator
  const id = account.add({ created_at: formatInstant(place.began - 150 * hour), status: 'processing' })
  expect(await place.json(['sync'])).toMatchObject({
    code: 0,
    document: { connections: [{ records: { listed: 1, pending: 1 } }] },
  })
  expect(await streamOf(place)).toMatchObject({ pending: 1, given_up: 0, oldest_due: expect.any(String) })

  // As if it were due, and older than what is waited for.
  account.change(id, { created_at: formatInstant(place.began - 8 * day) })
  await place.rows("update reelhouse.follow_ups set next_attempt_at = now() - interval '1 minute'")
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await streamOf(place)).toMatchObject({ pending: 0, given_up: 1, rows: 1, oldest_due: null })
  expect(await notesOf(place)).toEqual(['front-desk: 1 record waited for in vain (reelhouse.follow_ups, gave_up_at)'])
})
