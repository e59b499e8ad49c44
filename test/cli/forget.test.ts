import { describe, expect, test, vi } from 'vitest'
import { codeBlocks } from '../docs/markdown.ts'
import { readPage } from '../docs/pages.ts'
import { type CliCase, callsConfig, createCliCase, csv, ended, logged } from '../support/cli-case.ts'
import { privacyEnv, privacySection } from '../support/forget-case.ts'
import { tablesWith } from '../support/person-net.ts'

/** Each has a dozen processes, and a busy machine takes seconds for one. */
vi.setConfig({ testTimeout: 240_000 })

const person = '+15125550142'
const other = '+15125550177'
const ours = '+15125550100'

const call = (id: string, from: string, to: string, direction: string, text = '', began = '2026-01-05 10:00:00') =>
  `${id},${began},60,${from},${to},${direction},${text}`

/** Two calls of a person, a record of theirs without a time, a line that is none, and a call of somebody else. */
const dump = `${csv(
  call('a1', person, ours, 'inbound', 'it leaks'),
  call('a2', other, ours, 'inbound', 'hello'),
  call('a3', ours, '(512) 555-0142', 'outbound', 'bye'),
  call('a4', '512.555.0142', ours, 'inbound', 'x', 'one morning'),
)}a5;2026-01-05;1 512 555 0142;"torn\n`

const config = callsConfig(`    records: payloads\n    default_country: US\n${privacySection}`)

const createCase = (files: Readonly<Record<string, string>> = { 'dumps/a.csv': dump }): Promise<CliCase> =>
  createCliCase({ config, files })

const run = async (place: CliCase, args: readonly string[]) => {
  const result = await place.reelhouse([...args, '--json'], privacyEnv)
  return { ...ended(result), document: result.stdout === '' ? null : JSON.parse(result.stdout) }
}

const ids = async ({ rows }: CliCase): Promise<readonly unknown[]> =>
  (await rows('select message_id from reelhouse.call_recordings order by 1')).map(({ message_id }) => message_id)

test('a person of a dump is erased with all that is kept of them, and no forced load or replay brings them back', async () => {
  const place = await createCase()
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  expect(await tablesWith(place, '5125550142')).toEqual(['call_recordings', 'rejected_records', 'source_records'])

  const plan = await run(place, ['forget', '--phone', '512-555-0142', '--plan'])
  expect(plan.log).toEqual([expect.stringContaining('no phone number; write it with its country code')])
  const [documented] = codeBlocks((await readPage('docs/privacy.md')).text).filter(
    ({ language }) => language === 'json',
  )
  expect(await run(place, ['forget', '--phone', person, '--plan'])).toEqual({
    code: 0,
    log: [],
    document: JSON.parse(documented?.text ?? ''),
  })
  expect(await ids(place)).toEqual(['a1', 'a2', 'a3'])
  expect(await place.rows('select from reelhouse.forgotten')).toEqual([])

  const forgotten = await run(place, ['forget', '--phone', person, '--yes'])
  expect(forgotten).toMatchObject({ code: 0, document: { erased: { rows: 2, records: 2, rejects: 2, follow_ups: 0 } } })
  expect(await tablesWith(place, '5125550142', ['it leaks', 'bye'])).toEqual([])
  expect(await ids(place)).toEqual(['a2'])

  for (const again of [['sync', '--force'], ['replay'], ['replay', '--rejects']]) {
    expect(await run(place, again)).toMatchObject({ code: 0 })
    expect(await tablesWith(place, '5125550142', ['it leaks', 'bye'])).toEqual([])
    expect(await ids(place)).toEqual(['a2'])
  }
  expect(
    await place.rows(
      `select command, listed, flattened, rejected, skipped, tallies from reelhouse.runs order by run_id`,
    ),
  ).toMatchObject([
    { command: 'sync', listed: 5, flattened: 3, rejected: 2, skipped: 0 },
    { command: 'sync', listed: 5, flattened: 1, rejected: 0, skipped: 4, tallies: { 'skip.forgotten': 4 } },
    { command: 'replay', listed: 1, flattened: 1 },
    { command: 'replay', listed: 0 },
  ])
})

test('another dump with older calls of the person, and with a later one, loads the later one only', async () => {
  const place = await createCase()
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({ code: 0 })
  const later = new Date(Date.now() + 172_800_000).toISOString().slice(0, 19).replace('T', ' ')
  await place.write(
    'dumps/b.csv',
    csv(
      call('b1', person, ours, 'inbound', 'long ago', '2024-01-05 10:00:00'),
      call('b2', person, ours, 'inbound', 'hello again', later),
    ),
  )
  const synced = await run(place, ['sync'])
  expect(synced).toMatchObject({ code: 0 })
  expect(synced.document.connections[0]).toMatchObject({
    records: { listed: 2, flattened: 1, skipped: 1 },
    tallies: { 'skip.forgotten': 1 },
  })
  expect(await ids(place)).toEqual(['a2', 'b2'])

  // Asked for once more, the later call is an earlier one, too.
  const again = await run(place, ['forget', '--phone', person, '--yes'])
  expect(again.document).toMatchObject({ forgotten_before: expect.any(String), erased: { rows: 1 } })
  expect(await ids(place)).toEqual(['a2'])
})

describe('who is named', () => {
  test('may come from stdin, and stands in no output, no table and no title of the process', async () => {
    const place = await createCase()
    expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
    const text = await place.reelhouse(['forget', '--phone', '-', '--yes'], privacyEnv, ` ${person}\n`)
    expect(ended(text)).toEqual({ code: 0, log: [] })
    expect(text.stdout).toContain('Erased 2 rows, 2 records, 2 in quarantine and 0 waited for.')
    expect(text.stdout.replaceAll(/\D/g, '')).not.toContain('5125550142')
    expect(await tablesWith(place, '5125550142')).toEqual([])
    expect(
      await place.rows(`select kind, connection_key, rows, records, rejects, length(identifier_hmac) as hex,
        erased_at >= cut_off as erased from reelhouse.forget_requests`),
    ).toEqual([{ kind: 'phone', connection_key: null, rows: 2, records: 2, rejects: 2, hex: 64, erased: true }])
  })

  test('must be one person, who can be read, with a secret that is set; or nothing is erased', async () => {
    const place = await createCase()
    expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
    const refusals = [
      [['forget', '--yes'], 'one of --phone, --email and --conversation'],
      [['forget', '--phone', person, '--email', 'jo@example.test', '--yes'], 'one of --phone'],
      [['forget', '--email', 'jo', '--yes'], 'no email address'],
      [['forget', '--conversation', ' ', '--yes'], 'it is empty'],
      [['forget', '--phone', person, '--connection', 'nobody', '--yes'], 'nothing of a connection nobody'],
      [['forget', '--phone', person], 'nobody is there to be asked'],
    ] as const
    for (const [args, message] of refusals) {
      expect(await run(place, args)).toMatchObject({ code: 2, log: [expect.stringContaining(message)] })
    }
    await place.write('config/reelhouse.yaml', config.replace(privacySection, ''))
    expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({
      code: 2,
      log: [expect.stringContaining('privacy.secret is not set')],
    })
    expect(await ids(place)).toEqual(['a1', 'a2', 'a3'])
  })

  test('is never a number of the property, by its settings or by the side that it has in the rows', async () => {
    const place = await createCase()
    expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
    expect(await run(place, ['forget', '--phone', ours, '--yes'])).toMatchObject({
      code: 2,
      log: [expect.stringContaining("it is on our side of 3 calls, and on the customer's of 0")],
    })
    await place.write(
      'config/reelhouse.yaml',
      `${config}\nportfolios:\n  rules: [{ attribute: own_number, value: "${other}", portfolio_id: p1 }]\n`,
    )
    expect(await run(place, ['forget', '--phone', other, '--is-person', '--yes'])).toMatchObject({
      code: 2,
      log: [expect.stringContaining('a portfolio rule for own_number has it')],
    })
    expect(await ids(place)).toEqual(['a1', 'a2', 'a3'])
    expect(await run(place, ['forget', '--phone', ours, '--is-person', '--yes'])).toMatchObject({ code: 0 })
    expect(await ids(place)).toEqual([])
  })

  test('and of whom nothing is stored is said, with an exit code of its own, and kept out all the same', async () => {
    const place = await createCase({ 'dumps/a.csv': csv(call('a2', other, ours, 'inbound')) })
    expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
    expect(await run(place, ['forget', '--phone', person, '--plan'])).toMatchObject({
      code: 1,
      document: { stored: [] },
    })
    const text = await place.reelhouse(['forget', '--phone', person, '--yes'], privacyEnv)
    expect(text).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing is stored of this phone number') })
    expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({ code: 0 })
    await place.write('dumps/b.csv', dump)
    expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
    expect(await ids(place)).toEqual(['a2'])
  })
})

test('a secret that is missing or another is an error of whatever loads; the old one may be kept beside a new one', async () => {
  const place = await createCase()
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  expect(await run(place, ['forget', '--phone', person, '--yes'])).toMatchObject({ code: 0 })
  await place.write('config/reelhouse.yaml', config.replace(privacySection, ''))
  const without = await place.reelhouse(['sync', '--force'])
  expect({ code: without.code, log: logged(without.stderr) }).toEqual({
    code: 2,
    log: [expect.stringContaining('privacy.secret is not set: without it they would come back')],
  })
  expect(await run(place, ['check'])).toMatchObject({
    code: 2,
    document: {
      checks: [{ checked: 'warehouse', ok: false, found: expect.stringContaining('privacy.secret') }, {}, {}],
    },
  })
  await place.write('config/reelhouse.yaml', config)
  const rotated = {
    REELHOUSE_PRIVACY_SECRET: 'another-not-a-real-one-0123456789-0123',
    OLD: privacyEnv.REELHOUSE_PRIVACY_SECRET,
  }
  const refused = await place.reelhouse(['sync', '--force'], rotated)
  expect({ code: refused.code, log: logged(refused.stderr) }).toEqual({
    code: 2,
    log: [expect.stringContaining('list it under privacy.previous_secrets')],
  })
  expect(await place.reelhouse(['forget', '--phone', other, '--yes'], rotated)).toMatchObject({ code: 2 })
  expect(await ids(place)).toEqual(['a2'])

  await place.write('config/reelhouse.yaml', `${config}  previous_secrets:\n    - \${OLD}\n`)
  expect(await place.reelhouse(['forget', '--phone', other, '--yes'], rotated)).toMatchObject({ code: 0 })
  expect(await place.reelhouse(['sync', '--force'], rotated)).toMatchObject({ code: 0 })
  expect(await ids(place)).toEqual([])
})

test('files that were delivered are named, and their rows leave the ledger and are never sent again', async () => {
  const deliveries = `
portfolios:
  default: p1
export:
  folder: ../out
  company_name: Maple Living
  company_id: "4711"
  type_subtype: CALLS
  settling_delay: 1s
`
  const place = await createCliCase({ config: `${config}${deliveries}`, files: { 'dumps/a.csv': dump } })
  expect(await run(place, ['sync'])).toMatchObject({ code: 0 })
  await place.rows("update reelhouse.call_recordings set last_changed_at = last_changed_at - interval '1 minute'")
  const [{ key }] = (await run(place, ['export'])).document.files
  expect(await run(place, ['forget', '--phone', person, '--yes', '--vacuum'])).toMatchObject({
    code: 0,
    log: [],
    document: { out_of_reach: { sent: [key] }, erased: { rows: 2, sent_rows: 2 } },
  })
  expect(await place.rows('select message_id from reelhouse.exported_rows')).toEqual([{ message_id: 'a2' }])
  expect((await run(place, ['export', '--full'])).document.files).toMatchObject([{ rows: 1 }])
})
