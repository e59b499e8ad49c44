import { expect, onTestFinished, test } from 'vitest'
import { formatInstant } from '../../../src/transform/instant.ts'
import { openSession } from '../../../src/warehouse/session.ts'
import { inDatabase } from '../../support/global-setup.ts'
import { rowVersions } from '../../support/table-state.ts'
import { createTelnyxCase, day, hour, type TelnyxCase } from '../../support/telnyx-case.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('Postgres: an old backup is restored')

const settings = '    max_window: 12h\n    rereads: [{ depth: 1d, every: run }]'

const createCase = (): Promise<TelnyxCase> => createTelnyxCase({ startDaysAgo: 3, settings, simulator: { seed: 11 } })

/** The last three days, as far as they are settled. */
const rangeOf = ({ began }: TelnyxCase): readonly string[] => [
  '--from',
  formatInstant(began - 3 * day),
  '--to',
  formatInstant(began - hour),
]

const fill = ({ began, simulator }: TelnyxCase): readonly string[] =>
  simulator.account.generate({ from: began - 3 * day + hour, to: began - 2 * hour, count: 30, plain: true })

const livingRows = async (place: TelnyxCase): Promise<readonly string[]> =>
  (
    await place.rows<{ message_id: string }>(
      'select message_id from reelhouse.call_recordings where deleted_at is null order by 1',
    )
  ).map(({ message_id }) => message_id)

const durationOf = async (place: TelnyxCase, id: string) =>
  (
    await place.rows('select call_duration_in_sec as seconds from reelhouse.call_recordings where message_id = $1', [
      id,
    ])
  )[0]

test('the whole warehouse: a sync goes on by itself; what came late beyond the re-reads, verify finds and backfill --again loads', async () => {
  const place = await createCase()
  const { account } = place.simulator
  const ids = fill(place)
  expect((await place.reelhouse(['sync'])).code).toBe(0)

  const name = new URL(place.database.url).pathname.slice(1)
  const admin = await openSession(inDatabase(place.database.url, 'postgres'), { purpose: 'test' })
  onTestFinished(async () => {
    await admin.client.query(`drop database if exists backup_${name}`)
    await admin.close()
  })
  const cutOff = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`
  await admin.client.query(cutOff)
  await admin.client.query(`create database backup_${name} template ${name}`)

  const late = account.add({ created_at: formatInstant(place.began - 2 * day - hour) })
  const fresh = account.add({ created_at: formatInstant(place.began - 2 * hour) })
  account.change(ids[29] ?? '', { duration_millis: 61_000 })
  expect((await place.reelhouse(['sync'])).code).toBe(0)
  expect((await place.reelhouse(['backfill', ...rangeOf(place), '--again'])).code).toBe(0)

  await admin.client.query(cutOff)
  await admin.client.query(`drop database ${name}`)
  await admin.client.query(`create database ${name} template backup_${name}`)
  const restored = await openSession(place.database.url, { purpose: 'test' })
  onTestFinished(() => restored.close())
  const stored = async () =>
    (await restored.client.query('select message_id from reelhouse.call_recordings order by 1')).rows.map(
      ({ message_id }) => message_id,
    )

  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await stored()).toEqual([...ids, fresh].sort())
  const verified = await place.json(['verify', ...rangeOf(place)])
  expect(verified.code).toBe(1)
  const [first] = Object(verified.document).connections
  expect(first.windows.flatMap((window: { missing: { ids: string[] } }) => window.missing.ids)).toEqual([late])
  expect((await place.reelhouse(['backfill', ...rangeOf(place), '--again'])).code).toBe(0)
  expect(await stored()).toEqual([...account.ids()].sort())
  expect((await place.json(['verify', ...rangeOf(place), '--ids'])).code).toBe(0)
})

/** call_recordings as it was, below everything else as it is. */
const restoreRowsOnly = async (place: TelnyxCase, meanwhile: () => Promise<void>): Promise<void> => {
  await place.rows('create schema backup; create table backup.call_recordings as table reelhouse.call_recordings')
  await meanwhile()
  await place.rows(
    'truncate reelhouse.call_recordings; insert into reelhouse.call_recordings select * from backup.call_recordings',
  )
}

test.each([['replay'], ['backfill']])(
  'call_recordings alone: no sync notices, verify does, and %s puts back what is missing and what is old',
  async (command) => {
    const place = await createCase()
    const { account } = place.simulator
    const ids = fill(place)
    const [changed = '', removed = ''] = [ids[3], ids[28]]
    expect((await place.reelhouse(['sync'])).code).toBe(0)
    let fresh = ''
    await restoreRowsOnly(place, async () => {
      fresh = account.add({ created_at: formatInstant(place.began - 2 * day - 3 * hour) })
      account.change(changed, { duration_millis: 61_000 })
      account.remove(removed)
      expect((await place.reelhouse(['backfill', ...rangeOf(place), '--again'])).code).toBe(0)
    })

    expect((await place.reelhouse(['sync'])).code).toBe(0)
    expect(await livingRows(place)).toEqual([...ids].sort())
    const verified = await place.json(['verify', ...rangeOf(place)])
    expect(verified.code).toBe(1)
    expect(verified.log.join()).toContain('the warehouse lacks 1 records of the source')

    const repaired = await place.reelhouse(
      command === 'replay' ? ['replay'] : ['backfill', ...rangeOf(place), '--again'],
    )
    expect(repaired.code).toBe(0)
    expect((await place.json(['verify', ...rangeOf(place), '--ids'])).code).toBe(0)
    expect(await durationOf(place, changed)).toEqual({ seconds: 61 })
    // Its deletion was proved once, and is not asked for again: docs/reliability.md has the statement.
    expect(await livingRows(place)).toEqual([...ids, fresh].sort())
    await place.rows(`
      update reelhouse.call_recordings r
      set deleted_at = s.read_at, recording_status = 'deleted', last_changed_at = now()
      from reelhouse.source_records s
      where s.connection_key = r.connection_key and s.record_id = r.record_id and s.outcome = 'deleted' and r.deleted_at is null`)
    expect(await livingRows(place)).toEqual([...account.ids()].sort())

    const before = await rowVersions(place.database)
    expect((await place.reelhouse(['sync'])).code).toBe(0)
    expect(await rowVersions(place.database)).toEqual(before)
  },
)
