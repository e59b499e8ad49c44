import { writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startDotdoSimulator } from '../../src/simulator/dotdo/simulator.ts'
import { eventsText, recordingsText } from '../sources/dotdo/fixtures.ts'
import { type CliCase, createCliCase, logged } from '../support/cli-case.ts'
import { rowVersions } from '../support/table-state.ts'

const config = `
connections:
  - id: recordings
    source: files
    paths: [../dumps/*]
    shape: dotdo
    records: payloads
    map_keys: { community: metadata.community }
    fields: { first_name: metadata.first_name, last_name: metadata.last_name }
`

const runOf = (document: unknown) => Object(document).connections[0]

const statuses = ({ rows }: CliCase) =>
  rows(
    `select message_id, recording_status, recording_url is not null as has_url, deleted_at is not null as deleted
     from reelhouse.call_recordings order by message_id`,
  )

const expected = [
  { message_id: 'rec_invented_1', recording_status: 'available', has_url: true, deleted: false },
  { message_id: 'rec_invented_2', recording_status: 'available', has_url: true, deleted: false },
  { message_id: 'rec_invented_3', recording_status: 'processing', has_url: false, deleted: false },
  { message_id: 'rec_invented_4', recording_status: 'failed', has_url: false, deleted: false },
  { message_id: 'rec_invented_5', recording_status: 'deleted', has_url: false, deleted: true },
  { message_id: 'rec_invented_6', recording_status: 'available', has_url: false, deleted: false },
  { message_id: 'rec_invented_7', recording_status: 'deleted', has_url: false, deleted: true },
]

const asLines = (): string =>
  `${JSON.parse(recordingsText)
    .map((record: object) => JSON.stringify(record))
    .join('\n')}\n`

const asAnswer = (): string =>
  JSON.stringify({ success: true, data: JSON.parse(recordingsText), meta: { requestId: 'r' } })

test.each([
  ['an array', 'recordings.json', () => recordingsText],
  ['lines', 'recordings.jsonl', asLines],
  ['an answer with data', 'answer.json', asAnswer],
])('%s of CallRecordings loads; the same again writes nothing, and no secret is anywhere', async (_, name, text) => {
  const place = await createCliCase({ config, files: { [`dumps/${name}`]: text() } })
  const first = await place.json(['sync'])
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    records: { listed: 7, flattened: 7, rejected: 0 },
    tallies: { 'signed-link-dropped': 1 },
  })
  expect(await statuses(place)).toEqual(expected)
  expect(
    await place.rows(
      `select first_name, last_name, map_keys->>'community' as community from reelhouse.call_recordings where message_id = 'rec_invented_1'`,
    ),
  ).toEqual([{ first_name: 'Jo', last_name: 'Doe', community: 'maple-court' }])
  const before = await rowVersions(place.database)
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)
  const kept = await everyTable(place)
  expect(kept).toContain('rec_invented_6')
  expect(kept).not.toContain('fake')
})

const everyTable = async (place: CliCase): Promise<string> => {
  const tables = await place.rows<{ readonly name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
     where table_schema = 'reelhouse' and table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(8)
  const all = await Promise.all(tables.map(({ name }) => place.rows(`select t::text from reelhouse.${name} t`)))
  return JSON.stringify(all)
}

test('what cannot be read, or comes in an envelope that is not known, is kept without its secrets, in no table', async () => {
  const record = { id: 'r', secureUrl: 'https://s.example.test/fake/a.mp3', encryptionKey: 'fake-key' }
  const lines = [
    JSON.stringify({ ...record, startTime: 'noon' }),
    JSON.stringify({ success: true, data: record }),
    JSON.stringify({ event: 'callRecording.completed', data: [record] }),
    `${JSON.stringify(record).slice(0, -3)}`,
    `[${JSON.stringify(record)}]`,
  ]
  const damaged = Buffer.concat([Buffer.from(JSON.stringify(record).slice(0, -1)), Buffer.from([0xff, 0x22])])
  const place = await createCliCase({
    config,
    files: {
      'dumps/lines.jsonl': `${lines.join('\n')}\n`,
      'dumps/table.csv': `id,startTime,metadata.community,secureUrl\ns,noon,x,${record.secureUrl}\nr,1784041331,x,${record.secureUrl},more,and more\n`,
    },
  })
  await writeFile(`${place.folder}/dumps/damaged.jsonl`, damaged)
  const { document, log } = await place.json(['sync'])
  expect(log).toEqual([])
  expect(runOf(document).records).toMatchObject({ listed: 8, rejected: 8 })
  const payloads = await place.rows<{ readonly payload: string; readonly kind: string }>(
    'select payload, payload_kind as kind from reelhouse.rejected_records',
  )
  const texts = payloads.map(({ payload, kind }) =>
    kind === 'base64' ? Buffer.from(payload, 'base64').toString('latin1') : payload,
  )
  expect(texts).toHaveLength(8)
  expect(texts.join('\n')).not.toContain('fake')
  expect(await everyTable(place)).not.toContain('fake')
})

test('an older dump changes nothing, a newer one and an event do', async () => {
  const place = await createCliCase({ config, files: { 'dumps/1.json': recordingsText } })
  expect(await place.json(['sync'])).toMatchObject({ code: 0 })
  const [found] = JSON.parse(recordingsText)
  await place.write(
    'dumps/2.json',
    JSON.stringify([{ ...found, updated: 1_784_041_400, url: 'https://old.example.test/a.mp3' }]),
  )
  await place.write(
    'dumps/3.jsonl',
    `${JSON.stringify({ event: 'callRecording.redacted', timestamp: 1_784_050_000, data: { ...found, url: 'https://redacted.example.test/a.mp3' } })}\n`,
  )
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const url = () =>
    place.rows(`select recording_url from reelhouse.call_recordings where message_id = 'rec_invented_1'`)
  expect(await url()).toEqual([{ recording_url: 'https://redacted.example.test/a.mp3' }])
  await place.write(
    'dumps/4.jsonl',
    `${JSON.stringify({ event: 'callRecording.deleted', timestamp: 1_784_060_000, data: found })}\n`,
  )
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  expect((await statuses(place))[0]).toEqual({
    message_id: 'rec_invented_1',
    recording_status: 'deleted',
    has_url: true,
    deleted: true,
  })
})

test('a log of events loads, and every one is accounted for', async () => {
  const place = await createCliCase({ config, files: { 'dumps/events.jsonl': eventsText } })
  const { code, document } = await place.json(['sync'])
  expect(code).toBe(0)
  expect(runOf(document)).toMatchObject({
    records: { listed: 13, flattened: 11, skipped: 2, rejected: 0, pending: 0 },
    tallies: { 'skip.event-without-effect': 2 },
  })
  expect(await place.json(['replay'])).toMatchObject({ code: 0, log: [] })
})

test('settings that are of no use are named', async () => {
  const place = await createCliCase({
    config: config.replace(
      'records: payloads',
      'media: chat\n    version: { column: updated }\n    own_numbers: ["+15125550100"]',
    ),
  })
  const { code, log } = await place.json(['sync'])
  expect(code).toBe(2)
  const problems = log.join('\n')
  for (const key of ['media', 'version', 'own_numbers']) expect(problems).toContain(key)
  await place.write('config/reelhouse.yaml', config.replace('shape: dotdo', 'shape: travtus'))
  expect((await place.json(['sync'])).log.join('\n')).toContain('without shape: dotdo')
})

const apiKey = 'dotdo-not-a-real-token-5f1c'

test('an API of the assumed shape: new, changed, deleted, pending until it is complete, and nothing new writes nothing', async () => {
  const simulator = await startDotdoSimulator({ apiKey })
  onTestFinished(() => simulator.close())
  const began = Date.now() * 1000
  const hour = 3_600_000_000
  const place = await createCliCase({
    config: `
connections:
  - id: recordings
    source: dotdo
    api_key: \${DOTDO_API_KEY}
    base_url: ${simulator.baseUrl}
    path: ${simulator.path}
    start: ${new Date(began / 1000 - 86_400_000).toISOString()}
    requests_per_second: 1000
    rereads: [{ depth: 2d, every: run }]
`,
  })
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await place.reelhouse([...args, '--json'], { DOTDO_API_KEY: apiKey })
    return { code, document: stdout === '' ? null : JSON.parse(stdout), log: logged(stderr) }
  }
  const [changed = '', deleted = ''] = simulator.generate({ from: began - 20 * hour, to: began - 2 * hour, count: 250 })
  const pending = simulator.add({ created: Math.floor((began - hour) / 1e6), status: 'processing' })
  const first = await run('sync')
  expect(first).toMatchObject({ code: 0, log: [] })
  expect(runOf(first.document)).toMatchObject({
    records: { listed: 251, pending: 1 },
    rows: { inserted: 250 },
    requests: 3,
  })
  const before = await rowVersions(place.database)
  expect(await run('sync')).toMatchObject({ code: 0, log: [] })
  expect(await rowVersions(place.database)).toEqual(before)

  simulator.change(changed, { url: 'https://moved.example.test/a.mp3' })
  simulator.remove(deleted)
  simulator.change(pending, { status: 'completed' })
  await place.rows(`update reelhouse.follow_ups set next_attempt_at = now() - interval '1 second'`)
  expect(await run('sync')).toMatchObject({ code: 0, log: [] })
  expect(
    await place.rows(
      `select message_id, recording_url, recording_status from reelhouse.call_recordings where message_id = any ($1) order by 1`,
      [[changed, deleted, pending]],
    ),
  ).toEqual([
    { message_id: changed, recording_url: 'https://moved.example.test/a.mp3', recording_status: 'available' },
    {
      message_id: deleted,
      recording_url: `https://recordings.example.test/${deleted}.mp3`,
      recording_status: 'deleted',
    },
    {
      message_id: pending,
      recording_url: `https://recordings.example.test/${pending}.mp3`,
      recording_status: 'available',
    },
  ])
  expect((await run('check')).code).toBe(0)
  const link = await place.reelhouse(['resolve', 'recordings', changed], { DOTDO_API_KEY: apiKey })
  expect(link).toMatchObject({ code: 0, stdout: `https://storage.example.test/${changed}.mp3?sig=simulated\n` })
  const kept = JSON.stringify(await place.rows('select * from reelhouse.source_records'))
  expect(kept).not.toContain('sig=')
})
