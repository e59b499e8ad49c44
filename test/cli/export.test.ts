import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { travtusFields } from '../../src/domain/recording-row.ts'
import { callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'
import { filesIn } from '../support/export-case.ts'

const section = (...lines: readonly string[]): string =>
  [
    'export:',
    '  folder: ../out',
    '  company_name: Maple Living',
    '  company_id: "4711"',
    '  type_subtype: CALLS',
    '  settling_delay: 1s',
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n')

const dump = csv(
  'a,2026-07-14 10:02:11,73,+15125550123,+15125550199,inbound,"Is ""4B"" open,\n\tplease? \u{1F600}"',
  'b,2026-07-14 18:59:59,,+15125550124,+15125550199,outbound,none',
)

const portfolios = `portfolios:
  rules:
    - { attribute: called_number, value: "+15125550199", portfolio_id: P1 }
`

/** A case whose rows are loaded, and settled. */
const loadedCase = async (config: string) => {
  const place = await createCliCase({ config, files: { 'dumps/calls.csv': dump } })
  expect((await place.reelhouse(['sync'])).code).toBe(0)
  await place.rows("update reelhouse.call_recordings set last_changed_at = last_changed_at - interval '1 minute'")
  return place
}

const key = (n: number) =>
  expect.stringMatching(
    new RegExp(`^Maple Living_4711/CALLS/call_recordings_\\d{8}T\\d{6}Z_\\d{8}T\\d{6}Z_${n}\\.csv$`),
  )

describe('reelhouse export', () => {
  test('writes a file that its own check accepts, and one without rows when nothing changed', async () => {
    const place = await loadedCase(callsConfig(portfolios + section()))
    expect(await place.json(['export'])).toEqual({
      code: 0,
      document: {
        files: [{ export_id: 1, key: key(1), rows: 2, bytes: expect.any(Number), resumed: false }],
        withheld: {},
        deleted_after_sending: { count: 0, rows: [] },
      },
      log: [],
    })
    expect(await place.json(['export'])).toMatchObject({
      document: { files: [{ export_id: 2, key: key(2), rows: 0 }] },
    })
    const [file, empty] = await filesIn(join(place.folder, 'out'))
    expect(file?.rows).toEqual([
      {
        conversation_id: 'a',
        message_id: 'a',
        created_at: '2026-07-14T15:02:11',
        portfolio_id: 'P1',
        message_text: 'Is "4B" open, please? \u{1F600}',
        first_name: '',
        last_name: '',
        sender_ext_ref: '',
        phone_number: '+15125550123',
        email_address: '',
        message_direction: 'inbound',
        number_dialed_by_user: '+15125550199',
        call_duration_in_sec: '73',
        recording_url: '',
      },
      expect.objectContaining({
        message_id: 'b',
        created_at: '2026-07-14T23:59:59',
        message_text: '',
        call_duration_in_sec: '',
      }),
    ])
    expect((await stat(file?.name ?? '')).mode & 0o007).toBe(0)
    const names = [file, empty].flatMap((each) => each?.name ?? [])
    expect(await place.json(['export', '--check', ...names])).toMatchObject({
      code: 0,
      document: { ok: true, files: names.map((name) => ({ file: name, ok: true, problems: [] })) },
    })
  })

  test('withholds rows without a portfolio, says so, and sends them once the map knows their number', async () => {
    const place = await loadedCase(callsConfig(section()))
    const { code, stdout } = await place.reelhouse(['export'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^why +rows\nlacks portfolio_id +2$/m)
    await place.write('config/reelhouse.yaml', callsConfig(portfolios + section()))
    expect((await place.reelhouse(['replay', '--map'])).code).toBe(0)
    await place.rows("update reelhouse.call_recordings set last_changed_at = last_changed_at - interval '1 minute'")
    expect(await place.json(['export'])).toMatchObject({ document: { files: [{ rows: 2 }], withheld: {} } })
  })

  test('hashes and drops columns as set, with a secret that stands nowhere', async () => {
    const settings = section(
      'require: []',
      'columns: { phone_number: hash, message_text: drop }',
      `hash_secret: \${EXPORT_KEY}`,
    )
    const place = await createCliCase({ config: callsConfig(settings), files: { 'dumps/calls.csv': dump } })
    const env = { EXPORT_KEY: 'digests-not-a-real-one' }
    expect((await place.reelhouse(['sync'], env)).code).toBe(0)
    await place.rows("update reelhouse.call_recordings set last_changed_at = last_changed_at - interval '1 minute'")
    expect(ended(await place.reelhouse(['export'], env))).toEqual({ code: 0, log: [] })
    const [file] = await filesIn(join(place.folder, 'out'))
    expect(file?.rows).toEqual([
      expect.objectContaining({ phone_number: expect.stringMatching(/^[0-9a-f]{64}$/), message_text: '' }),
      expect.objectContaining({ phone_number: expect.stringMatching(/^[0-9a-f]{64}$/), message_text: '' }),
    ])
  })

  test('sends a range by created_at', async () => {
    const place = await loadedCase(callsConfig(portfolios + section()))
    const range = ['--from', '2026-07-14T15:00:00Z', '--to', '2026-07-14T16:00:00Z']
    const { document } = await place.json(['export', ...range])
    expect(document).toMatchObject({
      files: [{ rows: 1, key: expect.stringMatching(/call_recordings_20260714T150000Z_20260714T160000Z_1\.csv$/) }],
    })
  })

  test.each([
    [[], 'no export: section is configured; docs/travtus-files.md shows what to write'],
    [['--from', '2026-07-01'], '--from and --to go together'],
    [['--again'], '--again goes with --full, or with --from and --to'],
    [
      ['--from', '2026-08-01', '--to', '2026-07-01'],
      '--from 2026-08-01T00:00:00Z is not before --to 2026-07-01T00:00:00Z',
    ],
  ])('refuses %j', async (args, problem) => {
    const place = await createCliCase({ config: callsConfig(args.length === 0 ? '' : section()) })
    expect(ended(await place.reelhouse(['export', ...args]))).toEqual({ code: 2, log: [problem] })
  })

  test('refuses --check together with what writes', async () => {
    const place = await createCliCase({ config: callsConfig(section()) })
    expect((await place.reelhouse(['export', '--check', 'a.csv', '--full'])).code).toBe(2)
    expect((await place.reelhouse(['export', '--full', '--from', '2026-07-01', '--to', '2026-08-01'])).code).toBe(2)
  })

  test('tells which folder cannot be written, and leaves the rows for the next run', async () => {
    const place = await loadedCase(callsConfig(portfolios + section()))
    await place.write('out', 'a file')
    const { code, log } = ended(await place.reelhouse(['export']))
    expect(code).toBe(2)
    expect(log[0]).toMatch(/^a file cannot be written below export\.folder \S+\/out: /)
    await place.write('config/reelhouse.yaml', callsConfig(portfolios + section()).replace('../out', '../other'))
    expect(await place.json(['export'])).toMatchObject({ code: 0, document: { files: [{ rows: 2, resumed: true }] } })
  })
})

describe('reelhouse export --check', () => {
  test('needs neither a configuration nor a warehouse, and lists what is wrong', async () => {
    const place = await createCliCase({ migrated: false })
    await writeFile(join(place.folder, 'bad.csv'), `\ufeffconversation_id;message_id\r\n1;NULL\n`)
    const { code, stdout, stderr } = await place.reelhouse(['export', '--check', 'bad.csv', '--delimiter', ';'])
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect(stdout).toBe(`bad.csv: 1 row, 4 problems
  line 1: begins with a byte order mark (BOM)
  line 1: the header lacks created_at, portfolio_id, message_text, first_name, last_name, sender_ext_ref, phone_number, email_address, message_direction, number_dialed_by_user, call_duration_in_sec, recording_url
  line 2, message_id: is "NULL"; nothing is an empty cell
  line 2: ends with \\n, the lines before it with \\r\\n; allowed: one of them
`)
    const { document } = await place.json(['export', '--check', 'bad.csv', '--delimiter', ';'])
    expect(document).toMatchObject({
      ok: false,
      files: [
        {
          file: 'bad.csv',
          ok: false,
          format: 'csv',
          rows: 1,
          problem_count: 4,
          problems: [
            { line: 1, cell: null, problem: 'begins with a byte order mark (BOM)' },
            {},
            { line: 2, cell: 'message_id' },
            {},
          ],
        },
      ],
    })
  })

  test('judges every file it is given, and ends with the worst of them', async () => {
    const place = await createCliCase({ migrated: false })
    await writeFile(join(place.folder, 'bad.csv'), 'a\n')
    await writeFile(join(place.folder, 'good.csv'), `${travtusFields.join(',')}\n`)
    const both = await place.reelhouse(['export', '--check', 'bad.csv', 'good.csv'])
    expect(both.code).toBe(1)
    expect(both.stdout).toMatch(/^bad\.csv: 0 rows, \d problems?\n( {2}.*\n)+good\.csv: 0 rows, Travtus can take it\n$/)
    const three = await place.reelhouse(['export', '--check', 'bad.csv', 'missing.csv', 'good.csv', '--json'])
    expect(three.code).toBe(2)
    expect(three.stderr).toContain('missing.csv cannot be read: ')
    expect(JSON.parse(three.stdout)).toMatchObject({
      ok: false,
      files: [
        { file: 'bad.csv', ok: false },
        { file: 'good.csv', ok: true },
      ],
    })
  })

  test('says which file cannot be read', async () => {
    const place = await createCliCase({ migrated: false, files: { 'folder.csv/a': '' } })
    for (const file of ['missing.csv', 'missing.xlsx', 'folder.csv']) {
      const { code, stderr } = await place.reelhouse(['export', '--check', file])
      expect(code).toBe(2)
      expect(stderr).toContain(`${file} cannot be read: `)
    }
  })
})
