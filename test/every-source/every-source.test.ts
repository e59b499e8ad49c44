import { expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { usualWaits } from '../support/short-waits.ts'
import { openDotdo } from './dotdo.ts'
import { dumpConfig, dumpRejects, dumpRows, dumpText } from './dump.ts'
import { openGenesys } from './genesys.ts'
import { accountedFor, dataVersions, type EverySourceCase, inOrder, openEverySource, unexplained } from './open-case.ts'
import { openTelnyx } from './telnyx.ts'
import { openVapi } from './vapi.ts'
import { day, minute } from './vendor.ts'
import { openVoipbin } from './voipbin.ts'

interface Run {
  readonly connection: string
  readonly state: string
  readonly records: Readonly<Record<string, number>>
  readonly rows: Readonly<Record<string, number>>
  readonly errors: readonly string[]
}

const runsOf = (document: unknown): readonly Run[] => Object(document).connections

const statesOf = (document: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(runsOf(document).map(({ connection, state }) => [connection, state]))

const waitedFor = ({ rows }: EverySourceCase) =>
  rows('select connection_key, record_id, reason from reelhouse.follow_ups where gave_up_at is null order by 1, 2')

/** Until what is waited for is not there, however often it is asked for. */
const syncUntilNothingComes = async (place: EverySourceCase): Promise<void> => {
  for (let before = -1, now = (await waitedFor(place)).length; before !== now; ) {
    before = now
    await place.makeDue()
    expect(await place.json(['sync'])).toMatchObject({ code: 0 })
    now = (await waitedFor(place)).length
  }
}

/** Every record that the platforms hold is what it must be, and nothing else is in the tables. */
const expectAccountedFor = async (place: EverySourceCase): Promise<void> => {
  for (const { connection, expected } of place.vendors)
    expect({ connection, records: await accountedFor(place, connection) }).toEqual({
      connection,
      records: inOrder(expected()),
    })
  expect(await unexplained(place)).toEqual([])
}

const deletedRows = `select connection_id, message_id, recording_status from reelhouse.call_recordings
  join reelhouse.connections using (connection_key) where deleted_at is not null`

const dumpLines = 200

test('five platforms that fail all the time, and a dump: every record is accounted for, and a second sync writes nothing', async () => {
  const place = await openEverySource(
    [
      [openTelnyx, 320],
      [openVoipbin, 240],
      [openGenesys, 240],
      [openVapi, 240],
      [openDotdo, 240],
    ],
    { more: dumpConfig, files: { 'dumps/calls.csv': dumpText(dumpLines) } },
  )
  for (const { disturb } of place.vendors) disturb(23)
  const first = await place.json(['sync'])
  expect(runsOf(first.document).flatMap(({ errors }) => errors)).toEqual([])
  expect(first.code).toBe(0)
  const removed = place.vendors.flatMap(({ connection, remove }) => {
    const id = remove()
    return id === null ? [] : [{ connection_id: connection, message_id: id, recording_status: 'deleted' }]
  })
  await syncUntilNothingComes(place)
  expect(await place.rows(deletedRows)).toEqual(expect.arrayContaining(removed))
  await expectAccountedFor(place)
  for (const { connection, literal } of place.vendors) {
    const sql = `select ${Object.keys(literal).join(', ')} from reelhouse.call_recordings
      join reelhouse.connections using (connection_key) where connection_id = $1 and message_id = $2`
    expect(await place.rows(sql, [connection, literal.message_id])).toEqual([literal])
  }
  const ofDump = `select message_id, conversation_id, recording_status, recording_url, deleted_at is not null as deleted,
      to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
    from reelhouse.call_recordings join reelhouse.connections using (connection_key)
    where connection_id = 'dump' order by split_part(message_id, '-', 2)::integer`
  expect(await place.rows(ofDump)).toEqual(dumpRows(dumpLines))
  const rejectsOfDump = `select code from reelhouse.rejected_records
    join reelhouse.connections using (connection_key) where connection_id = 'dump' order by code`
  expect(await place.rows(rejectsOfDump)).toEqual(dumpRejects.toSorted().map((code) => ({ code })))

  const versions = await dataVersions(place)
  const again = await place.json(['sync'])
  expect(again.code).toBe(0)
  expect(await dataVersions(place)).toEqual(versions)
  for (const { connection, rows } of runsOf(again.document))
    expect({ connection, ...rows }).toMatchObject({ connection, inserted: 0, updated: 0 })

  const range = ['--from', formatInstant(place.began - 3 * day), '--to', formatInstant(place.began - 20 * minute)]
  const verified = await place.json(['verify', '--ids', ...range])
  expect(verified.code).toBe(0)
  expect(Object(verified.document).connections).toMatchObject([
    { connection: 'telnyx', state: 'succeeded', proof: 'total' },
    { connection: 'voipbin', state: 'succeeded', proof: 'walk' },
    { connection: 'genesys', state: 'succeeded', proof: 'best-effort' },
    { connection: 'vapi', state: 'succeeded', proof: 'walk' },
    { connection: 'dotdo', state: 'succeeded', proof: 'walk' },
  ])
  const told = await place.reelhouse(['verify', 'genesys', 'dotdo', ...range])
  expect(told.stdout).toContain('genesys: best-effort: the platform states no exact total')
  expect(told.stdout.match(/best-effort:/g)).toHaveLength(1)
}, 300_000)

test.each(['genesys', 'dotdo'])(
  'an outage of %s in mid-window is no matter of the others; what it hides is never taken for read',
  async (name) => {
    const place = await openEverySource([
      [openTelnyx, 60],
      [openVoipbin, 60],
      [openGenesys, 60],
      [openVapi, 60],
      [openDotdo, 80],
    ])
    const broken = place.vendors.find(({ connection }) => connection === name)
    broken?.breakDown(name === 'genesys' ? 30 : 3)
    const failed = await place.json(['sync'])
    expect(failed.code).toBe(1)
    expect(statesOf(failed.document)).toEqual(
      Object.fromEntries(
        place.vendors.map(({ connection }) => [connection, connection === name ? 'failed' : 'succeeded']),
      ),
    )
    const hole = `select connection_id, w.window_from < w.window_to as is_open,
      exists (select from reelhouse.coverage v where v.connection_key = w.connection_key
        and v.covered && tstzrange(w.window_from, w.window_to)) as is_covered,
      (select count(*)::integer from reelhouse.source_records s
        where s.connection_key = w.connection_key and s.window_at between w.window_from and w.window_to) > 0 as is_begun
    from reelhouse.windows w join reelhouse.connections using (connection_key) where w.state = 'failed'`
    expect(await place.rows(hole)).toEqual([{ connection_id: name, is_open: true, is_covered: false, is_begun: true }])

    broken?.breakDown(null)
    expect(await place.json(['sync'])).toMatchObject({ code: 0 })
    await syncUntilNothingComes(place)
    await expectAccountedFor(place)
    expect(await place.rows('select * from reelhouse.coverage_gaps')).toEqual([])
  },
  180_000,
)

test('two connections that share the limit of one account both finish, and lose nothing', async () => {
  const place = await openEverySource(
    [
      [openTelnyx, 20],
      [openGenesys, 10],
      [openVapi, 20],
    ],
    { twice: true, env: usualWaits },
  )
  for (const { limit, connection } of place.vendors) limit(connection.startsWith('telnyx') ? 5 : 25)
  const synced = await place.json(['sync'])
  expect(runsOf(synced.document).flatMap(({ errors }) => errors)).toEqual([])
  expect(synced.code).toBe(0)
  // Telnyx and Genesys Cloud say how much is left, so that requests are spread; Vapi only says no.
  for (const { connection, refused } of place.vendors)
    if (connection.startsWith('vapi')) expect(refused()).toBeGreaterThan(0)
  await syncUntilNothingComes(place)
  await expectAccountedFor(place)
}, 300_000)
