import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { knownMigrations } from '../../src/warehouse/migrations.ts'
import { until } from '../support/blocked.ts'
import { createWorkplace } from '../support/cli.ts'
import { callsConfig, createCliCase, csv, ended, logged } from '../support/cli-case.ts'

/** Two good calls, one that cannot be read and a line twice. */
const oneFile = {
  'dumps/calls.csv': csv(
    'a,2026-01-01 10:00:00,60,+15125550123,+15125550100,inbound,Is unit 4B still open?',
    'b,2026-01-02 10:00:00,61,+15125550123,+15125550101,inbound,',
    'b,2026-01-02 10:00:00,61,+15125550123,+15125550101,inbound,',
    'c,soon,61,+15125550123,+15125550101,inbound,',
  ),
}
const mapped = callsConfig(
  'portfolios: { rules: [{ attribute: called_number, value: "(512) 555-0100", portfolio_id: maple }], default_country: US }',
)
const instant = expect.stringMatching(/^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

const nothing = {
  records: { listed: 0, flattened: 0, rejected: 0, skipped: 0, pending: 0 },
  rows: { rows: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 },
  tallies: {},
  errors: [],
}

describe('sync', () => {
  test('prints a line for each connection, and logs what it does as JSON lines', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    const { code, stdout, stderr } = await place.reelhouse(['sync'])
    expect(code).toBe(0)
    expect(stdout).toBe(
      'connection  state      read    listed  rejected  skipped  pending  inserted  updated  unchanged  stale  duplicate\n' +
        'calls       succeeded  1 file       4         1        0        0         2        0          0      0          1\n',
    )
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const time = expect.stringMatching(/^2\d{3}-.*Z$/)
    expect(lines[0]).toEqual({
      level: 'info',
      time,
      connection: 'calls',
      file: '../dumps/calls.csv',
      fromRecord: 0,
      msg: 'loading file',
    })
    expect(lines[1]).toMatchObject({ level: 'info', time, connection: 'calls', msg: 'connection read', listed: 4 })
    expect(lines).toHaveLength(2)
  })

  test('with --json prints one document, and of a known file that nothing was read', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    expect(await place.json(['sync'])).toEqual({
      code: 0,
      log: [],
      document: {
        connections: [
          {
            connection: 'calls',
            stream: 'recordings',
            state: 'succeeded',
            files: { loaded: 1, known: 0 },
            records: { listed: 4, flattened: 3, rejected: 1, skipped: 0, pending: 0 },
            rows: { rows: 3, inserted: 2, updated: 0, unchanged: 0, stale: 0, duplicate: 1 },
            tallies: { 'portfolio-unmapped': 2 },
            errors: [],
          },
        ],
      },
    })
    expect(await place.json(['sync'])).toEqual({
      code: 0,
      log: [],
      document: {
        connections: [
          { connection: 'calls', stream: 'recordings', state: 'succeeded', files: { loaded: 0, known: 1 }, ...nothing },
        ],
      },
    })
  })

  test('reads only the connections that it is given, in the order of the configuration', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    await place.write(
      'config/more.yaml',
      'connections:\n  - { id: other, source: files, paths: [../none/*.csv], shape: travtus }\n',
    )
    expect(await place.json(['sync', 'other'])).toMatchObject({
      document: { connections: [{ connection: 'other', state: 'succeeded', files: { loaded: 0, known: 0 } }] },
    })
    expect(await place.json(['sync', 'other', 'calls'])).toMatchObject({
      document: { connections: [{ connection: 'other' }, { connection: 'calls', files: { loaded: 1, known: 0 } }] },
    })
  })
})

describe('status', () => {
  test('shows what was never synced, and then how fresh it is and what is open', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    expect((await place.reelhouse(['status'])).stdout).toContain('calls: never synced\n')
    expect(await place.json(['status'])).toEqual({
      code: 0,
      log: [],
      document: { stale: [], never_synced: ['calls'], streams: [] },
    })

    await place.reelhouse(['sync'])
    const { stdout } = await place.reelhouse(['status'])
    expect(stdout.replace(/20\S+Z/, '<instant>')).toBe(
      'connection  stream      last run        fresh as of           covered until  rows  unmapped  rejects  pending  follow-ups\n' +
        'calls       recordings  sync succeeded  <instant>  -                 2         1        1        0           0\n',
    )
    expect(await place.json(['status'])).toEqual({
      code: 0,
      log: [],
      document: {
        stale: [],
        never_synced: [],
        streams: [
          {
            connection: 'calls',
            source: 'files',
            stream: 'recordings',
            last_run: { run_id: 1, command: 'sync', state: 'succeeded', started_at: instant, error: null },
            fresh_as_of: instant,
            age_in_sec: expect.any(Number),
            rows: 2,
            unmapped_rows: 1,
            open_rejects: 1,
            pending: 0,
            follow_ups: 0,
            given_up: 0,
            oldest_due: null,
            covered_from: null,
            covered_until: null,
            covered: [],
            gaps: [],
            unfinished_backfills: [],
            half_loaded_files: [],
          },
        ],
      },
    })
  })

  test('shows why the last run failed, and which file is half loaded', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    await place.reelhouse(['sync'], { REELHOUSE_FAULT: 'fail@batch-committed', REELHOUSE_BATCH_ROWS: '2' })
    const { code, stdout } = await place.reelhouse(['status'])
    expect(code).toBe(0)
    expect(stdout).toContain('calls       recordings  sync failed')
    expect(stdout).toContain('calls: failed on purpose at batch-committed (REELHOUSE_FAULT)\n')
    expect(stdout).toContain('calls: ../dumps/calls.csv is half loaded; the next sync goes on with it\n')
  })
})

describe('rejects', () => {
  test('are counted by reason, and shown with file and line, and with what was read on demand', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    expect((await place.reelhouse(['rejects'])).stdout).toBe('Nothing is in quarantine.\n')
    await place.reelhouse(['sync'])
    const reason = '"soon" is no instant of the form YYYY-MM-DDTHH:MM:SS with Z, +hh:mm or no zone'
    const text =
      'connection  reason           path   records\n' +
      'calls       invalid-instant  began        1\n\n' +
      `calls ../dumps/calls.csv:5 invalid-instant: began: ${reason}\n`
    expect((await place.reelhouse(['rejects'])).stdout).toBe(text)
    expect((await place.reelhouse(['rejects', 'calls', '--code', 'invalid-instant'])).stdout).toBe(text)
    expect((await place.reelhouse(['rejects', '--code', 'ragged-row'])).stdout).toBe('Nothing is in quarantine.\n')
    expect((await place.reelhouse(['rejects', '--limit', '0'])).stdout).toContain('... and 1 more (--limit)\n')

    const payload = `{"began":"soon","called":"+15125550101","caller":"+15125550123","direction":"inbound","id":"c","seconds":"61","text":""}`
    expect((await place.reelhouse(['rejects', '--payload'])).stdout).toBe(`${text}    ${payload}\n`)
    const listed = {
      connection_id: 'calls',
      stream: 'recordings',
      reject_key: 'c',
      code: 'invalid-instant',
      path: 'began',
      detail: reason,
      file_name: '../dumps/calls.csv',
      line: 5,
      first_seen_at: instant,
    }
    const counts = [{ connection_id: 'calls', code: 'invalid-instant', path: 'began', records: 1 }]
    expect(await place.json(['rejects'])).toEqual({ code: 0, log: [], document: { counts, rejects: [listed] } })
    expect(await place.json(['rejects', '--payload'])).toEqual({
      code: 0,
      log: [],
      document: { counts, rejects: [{ ...listed, payload_kind: 'record', payload }] },
    })
  })

  test('of a connection that is configured no more are still shown', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    await place.reelhouse(['sync'])
    await place.write('config/reelhouse.yaml', mapped.replace('id: calls', 'id: renamed'))
    expect((await place.reelhouse(['rejects', 'calls'])).stdout).toContain('../dumps/calls.csv:5')
    expect(ended(await place.reelhouse(['rejects', 'gone']))).toEqual({
      code: 2,
      log: ['no connection is called gone; configured: renamed'],
    })
  })
})

describe('replay', () => {
  test('reads the files again, and of rejects only what is in quarantine', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    await place.reelhouse(['sync'])
    expect((await place.reelhouse(['replay'])).stdout).toBe(
      'connection  state      read    listed  rejected  skipped  pending  inserted  updated  unchanged  stale  duplicate\n' +
        'calls       succeeded  1 file       4         1        0        0         0        0          2      0          1\n',
    )
    const { document } = await place.json(['replay', '--rejects'])
    expect(document).toMatchObject({
      connections: [
        {
          stream: 'recordings',
          state: 'succeeded',
          records: { listed: 1, rejected: 1 },
          rows: { rows: 0 },
          errors: [],
        },
      ],
    })
  })

  test('--rejects loads what a corrected mapping can read, and resolves it', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    await place.reelhouse(['sync'])
    await place.write(
      'config/reelhouse.yaml',
      mapped.replace(
        'created_at: { column: began, zone: America/Chicago }',
        'created_at: { column: seconds, format: unix_s }',
      ),
    )
    const { code, document } = await place.json(['replay', '--rejects'])
    expect(code).toBe(0)
    expect(document).toMatchObject({
      connections: [{ records: { listed: 1, flattened: 1, rejected: 0 }, rows: { rows: 1, inserted: 1 } }],
    })
    expect((await place.reelhouse(['rejects'])).stdout).toBe('Nothing is in quarantine.\n')
    expect(
      await place.rows("select message_id, created_at from reelhouse.call_recordings where message_id = 'c'"),
    ).toEqual([{ message_id: 'c', created_at: '1970-01-01 00:01:01+00' }])
  })

  test('of kept payloads needs no file, and tries quarantine, too', async () => {
    const kept = mapped.replace('source: files', 'source: files\n    records: payloads')
    const place = await createCliCase({ config: kept, files: oneFile })
    await place.reelhouse(['sync'])
    await rm(join(place.folder, 'dumps'), { recursive: true })
    const bySeconds = kept.replace(
      'created_at: { column: began, zone: America/Chicago }',
      'created_at: { column: seconds, format: unix_s }',
    )
    await place.write('config/reelhouse.yaml', bySeconds)
    expect((await place.json(['replay'])).document).toMatchObject({
      connections: [{ state: 'succeeded', records: { listed: 3, flattened: 3 }, rows: { inserted: 1, updated: 2 } }],
    })
    expect((await place.reelhouse(['rejects'])).stdout).toBe('Nothing is in quarantine.\n')
  })
})

describe('check', () => {
  test('says what is right and what is not, and loads nothing', async () => {
    const place = await createCliCase({ config: mapped, files: oneFile })
    const { code, stdout } = await place.reelhouse(['check'])
    expect(code).toBe(0)
    expect(stdout.replace(/Postgres [\d.]+/, 'Postgres <version>')).toBe(
      'checked        result  found\n' +
        'warehouse      ok      Postgres <version>, schema up to date\n' +
        'portfolio map  ok      1 rule\n' +
        'calls          ok      1 file, 0.3 kB\n',
    )
    expect(await place.rows('select from reelhouse.connections')).toEqual([])

    await place.write('config/reelhouse.yaml', mapped.replace('../dumps/*', '../dumps/gone.csv'))
    const { code: failed, document, log } = await place.json(['check'])
    expect({ failed, log }).toEqual({ failed: 1, log: [] })
    expect(document).toEqual({
      ok: false,
      checks: [
        { checked: 'warehouse', ok: true, found: expect.stringMatching(/^Postgres [\d.]+, schema up to date$/) },
        { checked: 'portfolio map', ok: true, found: '1 rule' },
        {
          checked: 'calls',
          ok: false,
          found: `../dumps/gone.csv: there is no such file in ${place.folder}/config; correct paths, or create it`,
        },
      ],
    })
  })
})

describe('migrate', () => {
  test('applies what is missing, once', async () => {
    const place = await createCliCase({ config: mapped, migrated: false })
    const first = await place.json(['migrate'])
    expect(first).toMatchObject({
      code: 0,
      log: [],
      document: { applied: await knownMigrations() },
    })
    expect(await place.json(['migrate'])).toEqual({ code: 0, log: [], document: { applied: [] } })
    expect((await place.reelhouse(['migrate'])).stdout).toBe('The schema is up to date.\n')
    expect((await place.reelhouse(['sync'])).code).toBe(0)
  })
})

describe('prune', () => {
  test('deletes what is older than the retention, and keeps the latest runs and all rows', async () => {
    const place = await createCliCase({ config: `${mapped}\nretention: { runs: 1d, payloads: 1d }`, files: oneFile })
    for (const _ of [1, 2, 3]) await place.reelhouse(['sync'])
    expect(await place.json(['prune'])).toEqual({
      code: 0,
      log: [],
      document: { pruned: { runs: 0, windows: 0, resolved_rejects: 0, open_rejects: 0, payloads: 0 } },
    })
    await place.rows("update reelhouse.runs set finished_at = finished_at - interval '2 days'")
    await place.rows("update reelhouse.rejected_records set last_changed_at = last_changed_at - interval '2 days'")
    expect(await place.reelhouse(['prune'])).toMatchObject({
      code: 0,
      stdout: 'Deleted 2 runs, 0 windows, 0 resolved and 0 open rejects; cleared 1 payloads.\n',
    })
    expect(await place.rows('select run_id from reelhouse.runs')).toEqual([{ run_id: 3 }])
    expect((await place.reelhouse(['rejects', '--payload'])).stdout).toContain('(aged out)')
    expect(await place.rows('select message_id from reelhouse.call_recordings order by 1')).toHaveLength(2)
  })
})

describe('schema', () => {
  test('prints the JSON Schema of the configuration without reading one', async () => {
    const place = await createCliCase()
    const { code, stdout, stderr } = await place.reelhouse(['schema'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Reelhouse configuration',
      properties: { connections: { type: 'array' }, portfolios: {}, retention: {}, warehouse: {} },
    })
  })
})

describe('warehouse', () => {
  test('of an own Postgres has nothing to keep up, and prints no password', async () => {
    const place = await createCliCase({ config: mapped })
    const { code, stdout, stderr } = await place.reelhouse(['warehouse'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(logged(stderr)).toEqual([
      'the warehouse is your own Postgres (DATABASE_URL or warehouse.url); there is nothing to keep up',
    ])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'keeps the embedded one up until %s, and ends well then',
    async (signal) => {
      const place = await createWorkplace(null)
      onTestFinished(() => place.remove())
      await place.write('config/reelhouse.yaml', callsConfig())
      const warehouse = place.start(['warehouse', '--log-level', 'warn'])
      await until('it is up', () => warehouse.stdout().endsWith('\n'))
      warehouse.kill(signal)
      const { code, stdout, stderr } = await warehouse.ended
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^postgres:.*\n$/) })
      expect(logged(stderr)).toEqual([`${signal}: stopping; once more stops at once`])
    },
  )
})

const examples = [
  'demo',
  'sync',
  'backfill',
  'verify',
  'replay',
  'resolve',
  'status',
  'rejects',
  'check',
  'migrate',
  'warehouse',
  'schema',
  'prune',
  'portfolios',
  'export',
  'forget',
  'report',
]

test.each(examples)('%s --help shows examples and the options that every command has', async (command) => {
  const place = await createCliCase()
  const { code, stdout, stderr } = await place.reelhouse([command, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: reelhouse ${command}`)
  expect(stdout).toMatch(new RegExp(`\nExamples?:\n  reelhouse ${command}`))
  expect(stdout).toContain('--config <path>')
})

test('--help lists every command', async () => {
  const { stdout } = await (await createCliCase()).reelhouse(['--help'])
  const listed = Array.from(stdout.matchAll(/^ {2}([a-z]+)(?: [[<].*?)? {2,}/gm), ([, name]) => name)
  expect(listed.sort()).toEqual([...examples, 'help'].sort())
})
