import { expect, test } from 'vitest'
import { barRows, until } from '../support/blocked.ts'
import { type CliCase, callsConfig, createCliCase, csv, logged } from '../support/cli-case.ts'

const call = (id: string): string => csv(`${id},2026-01-01 10:00:00,60,+15125550123,+15125550100,inbound,`)

/** Connections `calls`, `second` and `third`, each with a file of its own. */
const three = (reading = ''): string => `${callsConfig(
  ['second', 'third']
    .map(
      (id) =>
        `  - { id: ${id}, source: files, paths: [../${id}/*], columns: { message_id: id, created_at: { column: began, zone: UTC } } }`,
    )
    .join('\n'),
)}
${reading}`

const files = { 'dumps/a.csv': call('a'), 'second/b.csv': call('b'), 'third/c.csv': call('c') }

/** Sessions that load; the others of a command hold its locks. */
const loading = async ({ database }: CliCase): Promise<number> =>
  (
    await database.rows(
      "select from pg_stat_activity where datname = current_database() and application_name = 'reelhouse load'",
    )
  ).length

test('connections are read at the same time; the result is in the order of the configuration', async () => {
  const place = await createCliCase({ config: three(), files })
  const barrier = await barRows(place.database)
  const sync = place.start(['sync', '--json'])
  await until('all three load', async () => (await loading(place)) === 3)
  await barrier.open()
  const { code, stdout, stderr } = await sync.ended
  expect({ code, log: logged(stderr) }).toEqual({ code: 0, log: [] })
  expect(JSON.parse(stdout)).toMatchObject({
    connections: [{ connection: 'calls' }, { connection: 'second' }, { connection: 'third' }],
  })
})

test('reading.connections_at_a_time: 1 reads one after the other', async () => {
  const place = await createCliCase({ config: three('reading: { connections_at_a_time: 1 }'), files })
  const barrier = await barRows(place.database)
  const sync = place.start(['sync'])
  await barrier.reached()
  expect(await loading(place)).toBe(1)
  await barrier.open()
  const { code, stderr } = await sync.ended
  expect(code).toBe(0)
  const told = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(told.map(({ connection, msg }) => `${connection}: ${msg}`)).toEqual([
    'calls: loading file',
    'calls: connection read',
    'second: loading file',
    'second: connection read',
    'third: loading file',
    'third: connection read',
  ])
})

test('a connection that fails costs itself only, while others are being read', async () => {
  const place = await createCliCase({ config: three(), files: { ...files, 'second/b.csv': 'x\n' } })
  expect(await place.json(['sync'])).toMatchObject({
    code: 1,
    document: { connections: [{ state: 'succeeded' }, { state: 'failed' }, { state: 'succeeded' }] },
  })
  expect(await place.rows('select message_id from reelhouse.call_recordings order by 1')).toEqual([
    { message_id: 'a' },
    { message_id: 'c' },
  ])
})
