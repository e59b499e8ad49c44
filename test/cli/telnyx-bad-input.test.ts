import { expect, test } from 'vitest'
import type { TelnyxTraps } from '../../src/simulator/telnyx/traps.ts'
import { formatInstant } from '../../src/transform/instant.ts'
import { createTelnyxCase, day, hour } from '../support/telnyx-case.ts'

interface BadInput {
  readonly what: string
  readonly traps: Partial<TelnyxTraps>
  readonly says: RegExp
}

const badInputs: readonly BadInput[] = [
  { what: 'HTML with status 200', traps: { everyRequest: 'html' }, says: /HTML/ },
  { what: 'truncated JSON', traps: { everyRequest: 'truncated' }, says: /JSON/ },
  { what: 'a page that repeats', traps: { repeatedPage: 'stated' }, says: /page/ },
  { what: 'a total that never adds up', traps: { totalOffBy: 3 }, says: /total|add up/ },
  { what: 'a record outside its window', traps: { strayRecording: true }, says: /not asked for/ },
  { what: 'a redirect to another host', traps: { everyRequest: 'redirect' }, says: /redirect/i },
  { what: 'a refusal that no retry cures', traps: { everyRequest: 'code-10011' }, says: /400/ },
]

test.each(badInputs)(
  '$what: the window fails, coverage stays, and the exit code says so',
  async ({ traps, says }) => {
    const place = await createTelnyxCase()
    const { simulator } = place
    simulator.account.generate({ from: place.began - 2 * day, to: place.began - hour, count: 700, plain: true })
    expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
    const coverage = await place.rows('select covered::text from reelhouse.coverage')
    await place.rows(
      `update reelhouse.coverage set covered = covered - tstzmultirange(tstzrange(now() - interval '40 hours', now() - interval '20 hours'))`,
    )
    const withHole = await place.rows('select covered::text from reelhouse.coverage')

    simulator.traps = { ...simulator.traps, ...traps }
    const failed = await place.json(['sync'])
    expect(failed.code).toBe(1)
    expect(failed.log.join('\n')).toMatch(says)
    expect(failed.log.join('\n')).toMatch(/20\d\d-\d\d-\d\dT/)
    expect(await place.rows('select covered::text from reelhouse.coverage')).toEqual(withHole)
    expect(await place.rows('select state from reelhouse.runs order by run_id desc limit 1')).toEqual([
      { state: 'failed' },
    ])

    simulator.traps = {
      ...simulator.traps,
      ...Object.fromEntries(Object.keys(traps).map((name) => [name, offOf(name)])),
    }
    const cured = await place.json(['sync'])
    expect(cured).toMatchObject({ code: 0, log: [] })
    const [{ covered: before } = { covered: '' }] = coverage
    const [{ covered: after } = { covered: '' }] = await place.rows('select covered::text from reelhouse.coverage')
    expect(String(after).slice(0, 24)).toBe(String(before).slice(0, 24))
    expect(String(after).match(/\[/g)).toHaveLength(1)
    expect(await place.rows('select count(*)::integer as n from reelhouse.call_recordings')).toEqual([{ n: 700 }])
  },
  120_000,
)

const offOf = (name: string): unknown =>
  ({ everyRequest: null, repeatedPage: 'no', totalOffBy: 0, strayRecording: false })[name]

test('a record that cannot become a row is quarantined; the others of its window load', async () => {
  const place = await createTelnyxCase()
  const { account } = place.simulator
  const created_at = formatInstant(place.began - hour)
  account.generate({ from: place.began - day, to: place.began - hour, count: 20, plain: true })
  const zoneless = account.add({ created_at, recording_started_at: '2026-07-14T15:02:11' })
  const { code, document } = await place.json(['sync'])
  expect(code).toBe(0)
  expect(Object(document).connections[0]).toMatchObject({ records: { listed: 21, flattened: 20, rejected: 1 } })
  expect(await place.rows('select reject_key, code, path from reelhouse.rejected_records')).toEqual([
    { reject_key: zoneless, code: 'missing-zone', path: 'recording_started_at' },
  ])
  expect(await place.reelhouse(['sync', '--strict'])).toMatchObject({ code: 0 })
  account.change(zoneless, { recording_started_at: '2026-07-14T15:02:11Z' })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  expect(await place.rows('select resolved_at is not null as resolved from reelhouse.rejected_records')).toEqual([
    { resolved: true },
  ])
})

test('pages that repeat and deny it never add up: the window is halved until one page holds all of it', async () => {
  const place = await createTelnyxCase({ simulator: { traps: { repeatedPage: 'hidden' } } })
  const ids = place.simulator.account.generate({
    from: place.began - day,
    to: place.began - hour,
    count: 700,
    plain: true,
  })
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const stored = await place.rows('select message_id from reelhouse.call_recordings order by 1')
  expect(stored.map(({ message_id }) => message_id)).toEqual([...ids].sort())
})
