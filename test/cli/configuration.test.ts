import { expect, test } from 'vitest'
import { callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'

test('all problems of all files are shown at once, and nothing is done', async () => {
  const place = await createCliCase({
    config: callsConfig().replace('source: files', 'source: flies'),
    migrated: false,
  })
  await place.write('config/more.yaml', 'conections: []\nretention: { runs: soon }\n')
  const { code, stdout, stderr } = await place.reelhouse(['sync', '--json'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  const { log } = ended({ code, stdout, stderr, signal: null })
  expect(log).toEqual([
    expect.stringMatching(/^config\/more\.yaml:1: conections: /),
    expect.stringMatching(/^config\/more\.yaml:2: retention\.runs: "soon" /),
    'config/reelhouse.yaml:4: connections[0] (calls).source: "flies" is unknown; did you mean files? allowed: dotdo, files, genesys, telnyx, voipbin or vapi',
  ])
})

test('without a configuration the program says how to name one', async () => {
  const place = await createCliCase({ migrated: false })
  expect(ended(await place.reelhouse(['sync']))).toEqual({
    code: 2,
    log: ['config: does not exist; name a YAML file, or a folder of them, with --config'],
  })
})

test('a configuration without connections has nothing to sync', async () => {
  const place = await createCliCase({ config: 'connections: []\n' })
  expect(ended(await place.reelhouse(['sync']))).toEqual({
    code: 2,
    log: ['no connection is configured; see config/examples for what to write'],
  })
})

test('--config is given once a path, before or after the command, and leaves connections alone', async () => {
  const place = await createCliCase({ files: { 'dumps/a.csv': csv('a,2026-01-01 10:00:00,60,,,inbound,') } })
  await place.write('one/a.yaml', callsConfig())
  await place.write('two.yaml', 'connections:\n  - { id: other, source: files, paths: [none/*.csv], shape: travtus }\n')
  const connectionsOf = async (args: readonly string[], env = {}): Promise<unknown> => {
    const { stdout } = await place.reelhouse([...args, '--json'], env)
    return JSON.parse(stdout).connections.map(({ connection }: { connection: string }) => connection)
  }
  expect(await connectionsOf(['-c', 'one', '-c', 'two.yaml', 'sync'])).toEqual(['calls', 'other'])
  expect(await connectionsOf(['--config', 'one', 'sync', 'calls'])).toEqual(['calls'])
  expect(await connectionsOf(['sync', '--config', 'two.yaml', 'other'])).toEqual(['other'])
  expect(await connectionsOf(['sync'], { REELHOUSE_CONFIG: 'two.yaml' })).toEqual(['other'])
  expect(await connectionsOf(['-c', 'one', 'sync'], { REELHOUSE_CONFIG: 'two.yaml' })).toEqual(['calls'])
})

test('--log-level decides what is logged, not what is printed', async () => {
  const place = await createCliCase({
    config: callsConfig(),
    files: { 'dumps/a.csv': csv('a,2026-01-01 10:00:00,60,,,inbound,'), 'dumps/b.csv': 'x\n' },
  })
  const quiet = await place.reelhouse(['sync', '--log-level', 'silent'])
  expect(quiet).toMatchObject({ code: 1, stderr: '' })
  expect(quiet.stdout).toContain('calls       failed')
  const { stderr } = await place.reelhouse(['--log-level', 'error', 'status'])
  expect(stderr).toBe('')
})
