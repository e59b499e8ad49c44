// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './config-folder.ts'

const section = (...lines: readonly string[]) => ({
  'config/a.yaml': [
    'connections: [{ id: main, source: files, paths: [a.csv], shape: travtus }]',
    'export:',
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n'),
})

const required = ['folder: ../out', 'company_name: Maple Living', 'company_id: "4711"', 'type_subtype: CALLS']

describe('the export section', () => {
  it('need not be there', async () => {
    const { export: settings } = await load({
      'config/a.yaml': 'connections: [{ id: main, source: files, paths: [a.csv], shape: travtus }]',
    })
    expect(settings).toBeNull()
  })

  it('needs four keys', async () => {
    const { export: settings } = await load(section(...required))
    expect(settings).toEqual({
      folder: expect.stringMatching(/\/out$/),
      keyPrefix: 'Maple Living_4711/CALLS',
      fileName: 'call_recordings_<from>_<to>_<export_id>',
      format: 'csv',
      delimiter: ',',
      direction: 'lower',
      require: ['portfolio_id'],
      defaultPortfolioId: null,
      settlingDelayMs: 300_000,
      rowsPerFile: 50_000,
      prefixMessageId: false,
      formulaCells: 'keep',
      columns: {
        message_text: 'keep',
        first_name: 'keep',
        last_name: 'keep',
        sender_ext_ref: 'keep',
        phone_number: 'keep',
        email_address: 'keep',
        number_dialed_by_user: 'keep',
        recording_url: 'keep',
      },
      hashSecret: null,
    })
    expect(join('/', settings?.folder ?? '')).toBe(settings?.folder)
  })

  it('has no default for what Travtus tells, and says all of it at once', async () => {
    const problems = await problemsOf(section('folder: out', 'delimiter: "-"'))
    expect(problems.map((problem) => problem.split(';')[0])).toEqual([
      'config/a.yaml:2: export.company_name: missing',
      'config/a.yaml:2: export.company_id: missing',
      'config/a.yaml:2: export.type_subtype: missing',
      'config/a.yaml:4: export.delimiter: "-" is unknown',
    ])
  })

  it('knows the layout of SFTP, and a tab', async () => {
    const { export: settings } = await load(section(...required, 'layout: sftp', 'delimiter: tab'))
    expect(settings).toMatchObject({ keyPrefix: 'CALLS', delimiter: '\t' })
  })

  it.each([
    ['type_subtype: ../elsewhere', 'type_subtype'],
    ['type_subtype: a/b', 'type_subtype'],
    ['company_name: ".."', 'company_name'],
    ['company_id: "a\\nb"', 'company_id'],
    ['file_name: calls', 'file_name'],
    ['file_name: ../<export_id>', 'file_name'],
    ['default_portfolio_id: none', 'default_portfolio_id'],
    ['rows_per_file: 0', 'rows_per_file'],
    ['require: [agent]', 'require[0]'],
    ['columns: { message_id: drop }', 'columns.message_id'],
  ])('refuses %s', async (line, key) => {
    const others = required.filter((other) => other.split(':')[0] !== line.split(':')[0])
    const [problem, ...more] = await problemsOf(section(...others, line))
    expect(problem).toContain(`export.${key}: `)
    expect(more).toEqual([])
  })
})

describe('the key of the digests', () => {
  const hashed = [...required, 'columns: { phone_number: hash }']

  it('is needed where a column is hashed', async () => {
    expect(await problemsOf(section(...hashed))).toEqual([
      'config/a.yaml:2: export.hash_secret: missing; allowed: ${NAME}, with NAME set in the environment',
    ])
  })

  it('is no secret when it is written in the file, and none when it is short: neither is shown', async () => {
    expect(await problemsOf(section(...hashed, 'hash_secret: written-out-not-a-real-one'))).toEqual([
      expect.stringMatching(/^config\/a\.yaml:\d+: export\.hash_secret: \[redacted\] is written in the file/),
    ])
    expect(await problemsOf(section(...hashed, 'hash_secret: ${KEY}'), { KEY: 'sesame-open' })).toEqual([
      expect.stringMatching(/^config\/a\.yaml:\d+: export\.hash_secret: \[redacted\] is too short/),
    ])
  })

  it('is known to the redactor', async () => {
    const config = await load(section(...hashed, 'hash_secret: ${KEY}'), { KEY: 'digests-not-a-real-one' })
    expect(config.secrets.map((known) => known.reveal())).toContain('digests-not-a-real-one')
    expect(JSON.stringify(config.export)).not.toContain('not-a-real')
  })
})
