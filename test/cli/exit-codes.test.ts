import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../src/terminal/exit-code.ts'
import { barRows } from '../support/blocked.ts'
import { callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'

const good = csv('a,2026-01-01 10:00:00,60,,,inbound,')
const bad = csv('a,soon,60,,,inbound,')

test('are these', () => {
  expect(Object.values(exitCodes).map(({ code }) => code)).toEqual([0, 1, 2, 3, 70, 75, 130, 143])
})

describe('0: done', () => {
  test('though a record was rejected; with --strict that is 1', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': bad } })
    expect((await place.reelhouse(['sync'])).code).toBe(0)
    expect((await place.reelhouse(['sync', '--force'])).code).toBe(0)
    expect((await place.reelhouse(['sync', '--force', '--strict'])).code).toBe(1)
    expect((await place.reelhouse(['replay', '--strict'])).code).toBe(1)
  })

  test.each([['--version'], ['--help'], ['help', 'sync']])('for %s %s', async (...args) => {
    const { code, stderr } = await (await createCliCase()).reelhouse(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('1: failed, and worth another try', () => {
  test('when a file is not what it claims to be; its neighbours load', async () => {
    const place = await createCliCase({
      config: callsConfig(),
      files: { 'dumps/a.csv': 'not,the,columns\n1,2,3\n', 'dumps/b.csv': good },
    })
    const { code, document, log } = await place.json(['sync'])
    const error =
      '../dumps/a.csv: the header lacks "id", "began", "text", "caller", "direction", "called", "seconds"; ' +
      'found "not", "the", "columns" with the delimiter ","; correct the column names in the settings, or csv.delimiter'
    expect({ code, log }).toEqual({ code: 1, log: [error] })
    expect(document).toMatchObject({
      connections: [{ state: 'failed', files: { loaded: 1, known: 0 }, errors: [error], rows: { inserted: 1 } }],
    })
  })

  test('when a file that the paths name is missing; other connections go on', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': good } })
    await place.write(
      'config/aaa.yaml',
      'connections:\n  - { id: gone, source: files, paths: [gone.csv], shape: travtus }\n',
    )
    const { code, document, log } = await place.json(['sync'])
    const error = `gone.csv: there is no such file in ${place.folder}/config; correct paths, or create it`
    expect({ code, log }).toEqual({ code: 1, log: [error] })
    expect(document).toMatchObject({
      connections: [
        { connection: 'gone', state: 'failed', errors: [error] },
        { connection: 'calls', state: 'succeeded', rows: { inserted: 1 } },
      ],
    })
  })

  test('when the warehouse drops the session in the middle of a batch; the next sync completes it', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': good } })
    const barrier = await barRows(place.database)
    const sync = place.start(['sync', '--json'])
    await barrier.reached()
    await place.rows(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'reelhouse lo%'",
    )
    await barrier.open()
    const { code, stdout } = await sync.ended
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      connections: [
        {
          state: 'failed',
          errors: [
            'the warehouse was lost or is not ready: terminating connection due to administrator command (SQLSTATE 57P01); run the command again',
          ],
        },
      ],
    })
    expect((await place.reelhouse(['sync'])).code).toBe(0)
    expect(await place.rows('select message_id from reelhouse.call_recordings')).toEqual([{ message_id: 'a' }])
    expect(await place.rows('select state from reelhouse.runs order by run_id')).toEqual([
      { state: 'abandoned' },
      { state: 'succeeded' },
    ])
  })
})

describe('2: something must be changed first', () => {
  test.each([
    ['an unknown option', ['sync', '--frce'], /^error: unknown option '--frce'\n\(Did you mean --force\?\)\n/],
    ['an unknown command', ['snyc'], /^error: unknown command 'snyc'\n\(Did you mean sync\?\)\n/],
    ['an argument too many', ['status', 'calls'], /^error: too many arguments for 'status'/],
    [
      'an age that is none',
      ['status', '--max-age', 'soon'],
      /'soon' is invalid. Write an age such as 30m, 2h or 1d.\n/,
    ],
    ['a number that is none', ['rejects', '--limit', 'all'], /'all' is invalid. Write a whole number.\n/],
    ['no command', [], /^Usage: reelhouse/],
  ])('%s', async (_, args, said) => {
    const { code, stdout, stderr } = await (await createCliCase({ config: callsConfig() })).reelhouse(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(said)
  })

  test.each(['sync', 'replay', 'check', 'rejects'])('%s of connections that do not exist', async (command) => {
    const place = await createCliCase({ config: callsConfig() })
    expect(ended(await place.reelhouse([command, 'cals', 'other']))).toEqual({
      code: 2,
      log: ['no connection is called cals; configured: calls', 'no connection is called other; configured: calls'],
    })
  })

  test.each(['sync', 'replay', 'status', 'rejects', 'prune'])('%s before migrate', async (command) => {
    const place = await createCliCase({ config: callsConfig(), migrated: false })
    expect(ended(await place.reelhouse([command]))).toEqual({
      code: 2,
      log: ['the warehouse has no reelhouse schema yet; run: reelhouse migrate'],
    })
  })

  test('a schema that a newer version has migrated', async () => {
    const place = await createCliCase({ config: callsConfig() })
    await place.rows("insert into reelhouse.migrations values ('0099_later', '2030-01-01')")
    const { code, log } = ended(await place.reelhouse(['sync']))
    expect(code).toBe(2)
    expect(log).toEqual([expect.stringMatching(/^the warehouse schema is newer than this version .*0099_later/)])
  })

  test('a connection id that belongs to another source; the others load', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': good } })
    await place.rows("insert into reelhouse.connections (connection_id, source) values ('calls', 'telnyx')")
    expect(ended(await place.reelhouse(['sync']))).toEqual({
      code: 2,
      log: [
        'connection calls: its rows in the warehouse come from source "telnyx", not "files"; give the new connection an id of its own',
      ],
    })
  })
})

describe('3: stale', () => {
  test('when a stream was never synced, or not within the age', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': good } })
    expect(await place.json(['status', '--max-age', '1h'])).toEqual({
      code: 3,
      log: [],
      document: { stale: ['calls'], never_synced: ['calls'], streams: [] },
    })
    await place.reelhouse(['sync'])
    expect((await place.reelhouse(['status', '--max-age', '1h'])).code).toBe(0)
    await place.rows("update reelhouse.runs set started_at = started_at - interval '2 hours'")
    const { code, stdout } = await place.reelhouse(['status', '--max-age', '1h'])
    expect(code).toBe(3)
    expect(stdout).toContain('calls/recordings: stale\n')
    expect(await place.json(['status', '--max-age', '3h'])).toMatchObject({ code: 0, document: { stale: [] } })
  })

  test('but not for a connection that is configured no more', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': good } })
    await place.reelhouse(['sync'])
    await place.rows("update reelhouse.runs set started_at = started_at - interval '2 hours'")
    await place.write('config/reelhouse.yaml', callsConfig().replace('id: calls', 'id: renamed'))
    await place.reelhouse(['sync'])
    expect(await place.json(['status', '--max-age', '1h'])).toMatchObject({ code: 0, document: { stale: [] } })
  })
})

test('70: a defect is named as one', async () => {
  const place = await createCliCase({ config: callsConfig() })
  await place.rows('alter table reelhouse.runs rename column state to gone')
  const { code, log } = ended(await place.reelhouse(['status']))
  expect(code).toBe(70)
  expect(log).toEqual([
    expect.stringMatching(/^this is a defect of reelhouse, please report it: column .* does not exist$/),
  ])
})

// 75, 130 and 143 are in test/faults: they need a load that is in the middle of something.
