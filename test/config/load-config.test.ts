// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { load, problemsOf, settingsBySource, writeFiles } from './config-folder.ts'

const dump = `
connections:
  - id: call-centre
    source: files
    paths: [dumps/*.csv]
    columns:
      message_id: Call ID
      created_at: { column: Started, zone: America/Chicago }
`

describe('a folder of configuration files', () => {
  it('gives the connections of all files, in the order of their names', async () => {
    const config = await load(
      {
        'config/10-phone.yml': 'connections:\n  - { id: main, source: phone, api_key: "${KEY}", records: keys }\n',
        'config/20-dump.yaml': `${dump}    into: main\n`,
        'config/30-empty.yaml': '# nothing yet\n',
        'config/.40-hidden.yaml': 'not: read',
        'config/notes.txt': 'not read',
        'config/more/50.yaml': 'not: read',
      },
      { KEY: 'KEY0123456789' },
    )
    expect(config.connections).toMatchObject([
      {
        id: 'main',
        source: 'phone',
        into: null,
        records: 'keys',
        file: 'config/10-phone.yml',
        line: 2,
      },
      {
        id: 'call-centre',
        source: 'files',
        into: 'main',
        records: undefined,
        file: 'config/20-dump.yaml',
        line: 3,
        settings: { paths: ['dumps/*.csv'], format: 'auto', media: 'audio', version: 'mtime' },
      },
    ])
  })

  it('defaults to the embedded warehouse, no portfolios and 90 days of bookkeeping', async () => {
    const cwd = await writeFiles({ 'config/a.yaml': dump })
    const config = await loadConfig({ paths: ['config/a.yaml'], cwd, env: {}, settingsBySource })
    expect(config).toMatchObject({
      warehouse: { kind: 'embedded', directory: join(cwd, '.reelhouse') },
      statementTimeoutMs: null,
      connections: [{ configDir: join(cwd, 'config') }],
      portfolios: { rules: [], default: null, defaultCountry: null },
      retention: { runsMs: 7_776_000_000, resolvedRejectsMs: 7_776_000_000, openRejectsMs: null, payloadsMs: null },
      privacy: { secrets: [] },
      reading: { connectionsAtATime: 4 },
      secrets: [],
    })
  })

  it('reads retention and the statement timeout as durations', async () => {
    const config = await load({
      'config/a.yaml': 'warehouse: { statement_timeout: 30s }\nretention: { runs: 12h, payloads: 30d }\n',
    })
    expect(config.statementTimeoutMs).toBe(30_000)
    expect(config.retention).toEqual({
      runsMs: 43_200_000,
      resolvedRejectsMs: 7_776_000_000,
      openRejectsMs: null,
      payloadsMs: 2_592_000_000,
    })
  })

  it('is refused when it does not exist, holds no YAML, or holds what is not text', async () => {
    const cwd = await writeFiles({ 'empty/notes.txt': '', 'latin.yaml': Buffer.from('a: \u00fc', 'latin1') })
    await expect(
      loadConfig({ paths: ['missing', 'empty', 'config', 'latin.yaml'], cwd, env: {}, settingsBySource }),
    ).rejects.toMatchObject({
      problems: [
        'missing: does not exist; name a YAML file, or a folder of them, with --config',
        'empty: no *.yaml or *.yml file in this folder',
        'config: no *.yaml or *.yml file in this folder',
        'latin.yaml: cannot be read (not UTF-8); allowed: a readable UTF-8 file',
      ],
    })
  })
})

describe('problems', () => {
  it('are reported all at once, of all files, with file, line, key, what was found and what is allowed', async () => {
    const problems = await problemsOf({
      'config/a.yaml': `
connections:
  - id: call-centre
    source: files
    pths: [a.csv]
    columns:
      message_id: { colum: Call ID }
      created_at:
        column: Started
        zone: Chicago
      call_duration_in_sec: { column: Length, unit: minutes }
      first_name: 7
  - id: Main Account
    source: phnoe
  - source: phone
    api_key: "\${KEY}"
    page_size: 1000
    strict: sometimes
    auth: { user: me, password: [x] }
retentoin: { runs: 1d }
`,
      'config/b.yaml': 'warehouse: [x]\nretention:\n  runs: 90 days\n  payloads: 7\n',
    })
    expect(problems).toEqual([
      'config/a.yaml:3: connections[0] (call-centre).paths: missing; allowed: a list',
      'config/a.yaml:5: connections[0] (call-centre).pths: unknown key; did you mean paths? allowed: id, source, into, records, paths, outside_links, format, encoding, csv, records_at, shape, columns, map_keys, zone, default_country, own_numbers, fields, placeholders, media, version',
      'config/a.yaml:7: connections[0] (call-centre).columns.message_id.column: missing; allowed: text',
      'config/a.yaml:7: connections[0] (call-centre).columns.message_id.colum: unknown key; did you mean column? allowed: column, constant, hash',
      'config/a.yaml:10: connections[0] (call-centre).columns.created_at.zone: "Chicago" is not a time zone; allowed: an IANA name such as America/Chicago',
      'config/a.yaml:11: connections[0] (call-centre).columns.call_duration_in_sec.unit: "minutes" is unknown; allowed: s, ms or h:mm:ss',
      'config/a.yaml:12: connections[0] (call-centre).columns.first_name: 7 is a number; allowed: text (in quotes) or a map of keys (column, constant)',
      'config/a.yaml:13: connections[1].id: "Main Account" is not an id; allowed: up to 63 lower-case letters, digits, dots, dashes and underscores, a letter or digit first',
      'config/a.yaml:14: connections[1].source: "phnoe" is unknown; did you mean phone? allowed: files or phone',
      'config/a.yaml:15: connections[2].id: missing; allowed: text',
      'config/a.yaml:16: connections[2].api_key: KEY is not set in the environment; set it there',
      'config/a.yaml:17: connections[2].page_size: 1000 is too big; allowed: at most 250',
      'config/a.yaml:18: connections[2].strict: "sometimes" is text; allowed: true or false',
      'config/a.yaml:19: connections[2].auth.password: [redacted] is written in the file; write ${NAME} and set NAME in the environment',
      'config/a.yaml:20: retentoin: unknown key; did you mean retention? allowed: warehouse, connections, portfolios, travtus, retention, privacy, reading, export',
      'config/b.yaml:1: warehouse: found a list; allowed: a map of keys (url, directory, statement_timeout)',
      'config/b.yaml:3: retention.runs: "90 days" is not a duration; allowed: a whole number and its unit, such as 90d, 12h, 30m or 45s',
      'config/b.yaml:4: retention.payloads: 7 is not a duration; allowed: a whole number and its unit, such as 90d, 12h, 30m or 45s',
    ])
  })

  it('name both places of an id that is used twice, and of a key that two files have', async () => {
    expect(
      await problemsOf({
        'config/a.yaml': `retention: {}\n${dump}`,
        'config/b.yaml': `${dump}\nretention: { runs: 1d }\n`,
      }),
    ).toEqual([
      'config/b.yaml:3: connections[0] (call-centre).id: "call-centre" is the id of another connection (config/a.yaml:4); allowed: an id of its own',
      'config/b.yaml:10: retention: config/a.yaml:1 has this key too; allowed: in one file only',
    ])
  })

  it('name an into that leads to no connection, to itself, or on to another one', async () => {
    const connection = (id: string, into: string) =>
      `  - { id: ${id}, source: phone, api_key: "\${KEY}", into: ${into} }\n`
    expect(
      await problemsOf(
        {
          'config/a.yaml': `connections:\n  - { id: main, source: phone, api_key: "\${KEY}" }\n${connection('b', 'mian')}${connection('c', 'c')}${connection('d', 'b')}`,
        },
        { KEY: 'KEY0123456789' },
      ),
    ).toEqual([
      'config/a.yaml:3: connections[1] (b).into: "mian" is not a configured connection; did you mean main? allowed: main',
      'config/a.yaml:4: connections[2] (c).into: "c" is this connection itself; allowed: main',
      'config/a.yaml:5: connections[3] (d).into: "b" itself goes into "mian"; allowed: main',
    ])
  })

  it('of a file that is no map, or whose connections are no list, are named', async () => {
    expect(await problemsOf({ 'config/a.yaml': '- a\n', 'config/b.yaml': 'connections: { a: 1 }\n' })).toEqual([
      'config/a.yaml:1: found a list; allowed: a map of keys (warehouse, connections, portfolios, travtus, retention, privacy, reading, export)',
      'config/b.yaml:1: connections: found a map of keys; allowed: a list',
    ])
  })

  it('of the settings as a whole are named at their key', async () => {
    const settings = 'connections:\n  - id: a\n    source: files\n    paths: [a.csv]\n'
    expect(await problemsOf({ 'config/a.yaml': settings })).toEqual([
      'config/a.yaml:2: connections[0] (a).columns: exactly one of shape and columns is needed: shape for dumps of a known kind, columns for any other',
    ])
  })

  it('name a file name pattern that is no regular expression or has no group', async () => {
    const version = (pattern: string) =>
      `connections:\n  - id: a\n    source: files\n    paths: [a.csv]\n    shape: travtus\n    version: { file_name: '${pattern}' }\n`
    expect(await problemsOf({ 'config/a.yaml': version('calls_(') })).toEqual([
      'config/a.yaml:6: connections[0] (a).version.file_name: "calls_(" is not a regular expression; allowed: such as ^calls_(\\d+)\\.csv',
    ])
    expect(await problemsOf({ 'config/a.yaml': version('calls_[0-9]+') })).toEqual([
      'config/a.yaml:6: connections[0] (a).version.file_name: "calls_[0-9]+" has no group; allowed: one with the version in its first (group)',
    ])
    await expect(load({ 'config/a.yaml': version('calls_([0-9]+)') })).resolves.toBeDefined()
  })

  it('of a union name what every branch would take, when the value is of no branch', async () => {
    const settings =
      'connections:\n  - id: a\n    source: files\n    paths: [a.csv]\n    shape: travtus\n    version: mtim\n'
    expect(await problemsOf({ 'config/a.yaml': settings })).toEqual([
      'config/a.yaml:6: connections[0] (a).version: "mtim" is unknown; did you mean mtime? allowed: mtime, none or a map of keys (column, format, zone, file_name)',
    ])
  })

  it('of a union name the branch that was meant', async () => {
    const columns = (lines: string) =>
      `connections:\n  - id: a\n    source: files\n    paths: [a.csv]\n    columns:\n${lines.replaceAll(/^/gm, '      ')}\n`
    expect(
      await problemsOf({
        'config/a.yaml': columns(
          'message_id: { hash: [] }\nconversation_id: { column: a, constant: b }\nfirst_name: { constnat: a }\nlast_name: { column: 1 }\ncreated_at: { column: at, format: [iso, " "] }\nmessage_direction: { constant: incoming }\nphone_number: {}\nemail_address:\nmessage_text: [a]',
        ),
      }),
    ).toEqual([
      'config/a.yaml:6: connections[0] (a).columns.message_id.hash: an empty list is too small; allowed: at least 1 item',
      'config/a.yaml:7: connections[0] (a).columns.conversation_id.constant: does not go together with the other keys here; allowed: one of them',
      'config/a.yaml:8: connections[0] (a).columns.first_name.constant: missing; allowed: text',
      'config/a.yaml:8: connections[0] (a).columns.first_name.constnat: unknown key; did you mean constant? allowed: column, constant',
      'config/a.yaml:9: connections[0] (a).columns.last_name.column: 1 is a number; allowed: text (in quotes)',
      'config/a.yaml:10: connections[0] (a).columns.created_at.format[1]: " " is blank; allowed: iso, unix_s, unix_ms, unix_us, or a luxon format',
      'config/a.yaml:11: connections[0] (a).columns.message_direction.constant: "incoming" is unknown; allowed: inbound or outbound',
      'config/a.yaml:12: connections[0] (a).columns.phone_number.column: missing; allowed: text',
      'config/a.yaml:13: connections[0] (a).columns.email_address: found an empty value; allowed: text or a map of keys (column, constant)',
      'config/a.yaml:14: connections[0] (a).columns.message_text: found a list; allowed: text or a map of keys (column, constant)',
    ])
  })

  it('name keys that are no attribute names, and keys with a meaning in JavaScript', async () => {
    const settings =
      'connections:\n  - id: a\n    source: files\n    paths: [a.csv]\n    shape: travtus\n    __proto__: { media: chat }\n    constructor: 1\n    map_keys: { Queue Id: q }\n'
    expect(await problemsOf({ 'config/a.yaml': settings })).toMatchObject([
      expect.stringMatching(/^config\/a\.yaml:6: connections\[0\] \(a\)\.__proto__: unknown key; /),
      expect.stringMatching(/^config\/a\.yaml:7: connections\[0\] \(a\)\.constructor: unknown key; /),
      'config/a.yaml:8: connections[0] (a).map_keys["Queue Id"]: not usable as a key; allowed: /^[a-z][a-z0-9_]*$/',
    ])
  })

  it('name map keys that would pass for what the map matches anyway, or for a portfolio that the source states', async () => {
    const keys = 'map_keys: { portfolio_id: Property, called_number: DNIS, queue_id: Queue }'
    const settings = `connections:\n  - { id: a, source: files, paths: [a.csv], shape: travtus, ${keys} }\n`
    const taken = 'a name other than called_number, calling_number, own_number, portfolio_id'
    expect(await problemsOf({ 'config/a.yaml': settings })).toEqual([
      `config/a.yaml:2: connections[0] (a).map_keys.portfolio_id: not usable as a key; allowed: ${taken}`,
      `config/a.yaml:2: connections[0] (a).map_keys.called_number: not usable as a key; allowed: ${taken}`,
    ])
  })
})
