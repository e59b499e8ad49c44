import { describe, expect, test } from 'vitest'
import { type CliCase, callsConfig, createCliCase, csv, header } from '../support/cli-case.ts'

const syncOf = async (
  content: string | Uint8Array,
  config = callsConfig(),
  name = 'dumps/a.csv',
): Promise<{ place: CliCase; counts: unknown }> => {
  const place = await createCliCase({ config, files: { [name]: content } })
  const { code, document, log } = await place.json(['sync'])
  expect({ code, log }).toEqual({ code: 0, log: [] })
  const { records, rows, tallies } = Object(document).connections[0]
  return { place, counts: { listed: records.listed, rejected: records.rejected, inserted: rows.inserted, tallies } }
}

const texts = ({ rows }: CliCase) =>
  rows('select message_id, message_text from reelhouse.call_recordings order by source_ordinal')
const times = ({ rows }: CliCase) =>
  rows('select message_id, created_at from reelhouse.call_recordings order by source_ordinal')
const rejects = ({ rows }: CliCase) =>
  rows('select reject_key, code, path, line, payload_kind from reelhouse.rejected_records order by line')

const jsonConfig = `
connections:
  - { id: chats, source: files, paths: [../dumps/*], version: none, columns: { message_id: id, created_at: at, message_text: text } }
`
const unmapped = (count: number) => ({ 'portfolio-unmapped': count })

describe('characters that Postgres cannot store', () => {
  test('U+0000 in a cell becomes U+FFFD, and is counted', async () => {
    const { place, counts } = await syncOf(csv('a,2026-01-01 10:00:00,60,,,inbound,be\0fore'))
    expect(counts).toEqual({
      listed: 1,
      rejected: 0,
      inserted: 1,
      tallies: { 'characters-replaced': 1, ...unmapped(1) },
    })
    expect(await texts(place)).toEqual([{ message_id: 'a', message_text: 'be\ufffdfore' }])
  })

  test('so do U+0000 and lone surrogates in JSON; pairs stay what they are', async () => {
    const { place, counts } = await syncOf(
      [
        '{"id":"a","at":"2026-01-01T10:00:00Z","text":"lone \\ud800."}',
        '{"id":"b","at":"2026-01-01T10:00:01Z","text":"pair \\ud83d\\ude00, nul \\u0000"}',
        '{"id":"c","at":"2026-01-01T10:00:02Z","text":"\\ude00\\ud83d"}',
        '',
      ].join('\n'),
      jsonConfig,
      'dumps/a.jsonl',
    )
    expect(counts).toEqual({
      listed: 3,
      rejected: 0,
      inserted: 3,
      tallies: { 'characters-replaced': 3, ...unmapped(3) },
    })
    expect(await texts(place)).toEqual([
      { message_id: 'a', message_text: 'lone \ufffd.' },
      { message_id: 'b', message_text: 'pair \u{1f600}, nul \ufffd' },
      { message_id: 'c', message_text: '\ufffd\ufffd' },
    ])
  })

  test('are kept out of quarantine and stored payloads, too', async () => {
    const { place } = await syncOf(
      '{"id":"a\\u0000","at":"then\\ud800","text":"x"}\n{"id":"b","at":"2026-01-01T10:00:00Z","text":"\\u0000\\ud800"}\n',
      jsonConfig.replace('version: none', 'version: none, records: payloads'),
      'dumps/a.jsonl',
    )
    expect(await rejects(place)).toMatchObject([
      { code: 'invalid-instant', path: 'at', line: 1, payload_kind: 'record' },
    ])
    expect(await place.rows('select record_id, outcome from reelhouse.source_records')).toEqual([
      { record_id: 'b', outcome: 'row' },
    ])
    expect((await place.reelhouse(['rejects', '--payload'])).code).toBe(0)
    expect(await place.json(['replay'])).toMatchObject({ code: 0, log: [] })
  })
})

test('a cell of ten megabytes is a cell like any other', async () => {
  const long = `"${'word, '.repeat(1_750_000)}end"`
  const { place, counts } = await syncOf(
    csv(`a,2026-01-01 10:00:00,60,,,inbound,${long}`, 'b,2026-01-01 10:00:00,60,,,inbound,short'),
  )
  expect(counts).toEqual({ listed: 2, rejected: 0, inserted: 2, tallies: unmapped(2) })
  expect(
    await place.rows('select message_id, length(message_text) as length from reelhouse.call_recordings order by 1'),
  ).toEqual([
    { message_id: 'a', length: 10_500_003 },
    { message_id: 'b', length: 5 },
  ])
})

test('a time that no clock in Chicago showed is rejected; of one that it showed twice the first is taken, and counted', async () => {
  const { place, counts } = await syncOf(
    csv(
      'gap,2026-03-08 02:30:00,60,,,inbound,',
      'before,2026-03-08 01:59:59,60,,,inbound,',
      'after,2026-03-08 03:00:00,60,,,inbound,',
      'overlap,2026-11-01 01:30:00,60,,,inbound,',
      'offset,2026-11-01 01:30:00-06:00,60,,,inbound,',
    ),
  )
  expect(counts).toEqual({ listed: 5, rejected: 1, inserted: 4, tallies: { 'time-in-dst-overlap': 1, ...unmapped(4) } })
  expect(await times(place)).toEqual([
    { message_id: 'before', created_at: '2026-03-08 07:59:59+00' },
    { message_id: 'after', created_at: '2026-03-08 08:00:00+00' },
    { message_id: 'overlap', created_at: '2026-11-01 06:30:00+00' },
    { message_id: 'offset', created_at: '2026-11-01 07:30:00+00' },
  ])
  expect(await rejects(place)).toEqual([
    { reject_key: 'gap', code: 'time-in-dst-gap', path: 'began', line: 2, payload_kind: 'record' },
  ])
})

test('a time without a zone is rejected where no zone is configured', async () => {
  const { place } = await syncOf(
    csv('a,2026-01-01 10:00:00,60,,,inbound,', 'b,2026-01-01T10:00:00Z,60,,,inbound,'),
    callsConfig().replace('{ column: began, zone: America/Chicago }', 'began'),
  )
  expect(await rejects(place)).toEqual([
    { reject_key: 'a', code: 'missing-zone', path: 'began', line: 2, payload_kind: 'record' },
  ])
  expect(await times(place)).toEqual([{ message_id: 'b', created_at: '2026-01-01 10:00:00+00' }])
})

test('a negative duration, one that is no number and one beyond an integer are rejected; none is null', async () => {
  const { place } = await syncOf(
    csv(
      'a,2026-01-01 10:00:00,-1,,,inbound,',
      'b,2026-01-01 10:00:00,long,,,inbound,',
      'c,2026-01-01 10:00:00,99999999999,,,inbound,',
      'd,2026-01-01 10:00:00,,,,inbound,',
      'e,2026-01-01 10:00:00,0,,,inbound,',
    ),
  )
  expect(await rejects(place)).toMatchObject([
    { reject_key: 'a', path: 'seconds', line: 2 },
    { reject_key: 'b', path: 'seconds', line: 3 },
    { reject_key: 'c', path: 'seconds', line: 4 },
  ])
  expect(await place.rows('select message_id, call_duration_in_sec from reelhouse.call_recordings order by 1')).toEqual(
    [
      { message_id: 'd', call_duration_in_sec: null },
      { message_id: 'e', call_duration_in_sec: 0 },
    ],
  )
})

describe('an id that comes again', () => {
  const call = (id: string, text: string) => `${id},2026-01-01 10:00:00,60,,,inbound,${text}`

  test('in the same file: the later line wins', async () => {
    const { place, counts } = await syncOf(csv(call('a', 'first'), call('b', 'only'), call('a', 'second')))
    expect(counts).toMatchObject({ listed: 3, rejected: 0, inserted: 2 })
    expect(await texts(place)).toEqual([
      { message_id: 'b', message_text: 'only' },
      { message_id: 'a', message_text: 'second' },
    ])
  })

  test('in the same line: the line twice is one row', async () => {
    const { place, counts } = await syncOf(csv(call('a', 'same'), call('a', 'same')))
    expect(counts).toMatchObject({ listed: 2, rejected: 0, inserted: 1 })
    expect(await texts(place)).toEqual([{ message_id: 'a', message_text: 'same' }])
  })

  test('in the same file, where the later line cannot be read: the row stays, and the reject is open', async () => {
    const { place } = await syncOf(csv(call('a', 'good'), 'a,never,60,,,inbound,bad'))
    expect(await texts(place)).toEqual([{ message_id: 'a', message_text: 'good' }])
    expect(await place.rows('select reject_key, line, resolved_at from reelhouse.rejected_records')).toEqual([
      { reject_key: 'a', line: 3, resolved_at: null },
    ])
  })

  test('in another file: the higher version wins, whichever loads first', async () => {
    const config = callsConfig().replace('version: none', "version: { file_name: '(\\d+)\\.csv' }")
    const place = await createCliCase({ config, files: { 'dumps/2.csv': csv(call('a', 'of 2')) } })
    await place.reelhouse(['sync'])
    await place.write('dumps/1.csv', csv(call('a', 'of 1'), call('b', 'of 1')))
    expect(await place.json(['sync'])).toMatchObject({
      document: { connections: [{ rows: { inserted: 1, stale: 1 } }] },
    })
    expect(await texts(place)).toEqual([
      { message_id: 'a', message_text: 'of 2' },
      { message_id: 'b', message_text: 'of 1' },
    ])
    await place.write('dumps/10.csv', csv(call('a', 'of 10')))
    expect(await place.json(['sync'])).toMatchObject({ document: { connections: [{ rows: { updated: 1 } }] } })
    expect(await place.rows("select message_text from reelhouse.call_recordings where message_id = 'a'")).toEqual([
      { message_text: 'of 10' },
    ])
  })
})

describe('lines that are no records', () => {
  test('of too few or too many cells are rejected, their neighbours load', async () => {
    const { place, counts } = await syncOf(
      csv(
        'a,2026-01-01 10:00:00,60,,,inbound,',
        'short,2026-01-01',
        'long,2026-01-01 10:00:00,60,,,inbound,x,y',
        '',
        'z,2026-01-01 10:00:00,60,,,inbound,',
      ),
    )
    expect(counts).toMatchObject({ listed: 4, rejected: 2, inserted: 2 })
    expect(await rejects(place)).toEqual([
      {
        reject_key: expect.stringMatching(/^[0-9a-f]{64}:1$/),
        code: 'ragged-row',
        path: null,
        line: 3,
        payload_kind: 'text',
      },
      {
        reject_key: expect.stringMatching(/^[0-9a-f]{64}:2$/),
        code: 'ragged-row',
        path: null,
        line: 4,
        payload_kind: 'text',
      },
    ])
  })

  test('with a quote that is never closed cost one line, not the rest of the file', async () => {
    const { place, counts } = await syncOf(
      csv(
        'a,2026-01-01 10:00:00,60,,,inbound,"open',
        'b,2026-01-01 10:00:00,60,,,inbound,',
        'c,2026-01-01 10:00:00,60,,,inbound,',
      ),
    )
    expect(counts).toMatchObject({ listed: 3, rejected: 1, inserted: 2 })
    expect(await rejects(place)).toMatchObject([{ code: 'malformed-quotes', line: 2, payload_kind: 'text' }])
  })

  test('with bytes that are no UTF-8 are kept as bytes', async () => {
    // Valid UTF-8 on another line: the file is UTF-8 that is damaged, not Windows-1252.
    const { place, counts } = await syncOf(
      Buffer.concat([
        Buffer.from(
          `${header}\na,2026-01-01 10:00:00,60,,,inbound,caf\u00e9 \u65e5\u672c\u8a9e\nb,2026-01-01 10:00:00,60,,,inbound,`,
        ),
        Buffer.from([0x63, 0xff, 0xfe, 0x64]),
        Buffer.from('\nc,2026-01-01 10:00:00,60,,,inbound,ok\n'),
      ]),
      callsConfig('    encoding: utf-8'),
    )
    expect(counts).toMatchObject({ listed: 3, rejected: 1, inserted: 2 })
    expect(await rejects(place)).toMatchObject([
      { code: 'invalid-encoding', path: 'text', line: 3, payload_kind: 'base64' },
    ])
    expect(await texts(place)).toEqual([
      { message_id: 'a', message_text: 'caf\u00e9 \u65e5\u672c\u8a9e' },
      { message_id: 'c', message_text: 'ok' },
    ])
  })

  test('of JSON that are broken, no object or without an id are rejected by line', async () => {
    const { place, counts } = await syncOf(
      [
        '{"id":"a","at":"2026-01-01T10:00:00Z"}',
        '{"id":"b","at":',
        '',
        '[1,2]',
        '{"at":"2026-01-01T10:00:00Z"}',
        '{"id":"c","at":"2026-01-01T10:00:00Z","text":{"a":1}}',
        '{"id":"d","at":"2026-01-01T10:00:00Z"}',
      ].join('\n'),
      jsonConfig,
      'dumps/a.jsonl',
    )
    expect(counts).toMatchObject({ listed: 6, rejected: 4, inserted: 2 })
    expect(await rejects(place)).toMatchObject([
      { code: 'malformed-json', path: null, line: 2, payload_kind: 'text' },
      { code: 'not-an-object', path: null, line: 4, payload_kind: 'text' },
      { code: 'missing-id', path: 'id', line: 5, payload_kind: 'record' },
      { reject_key: 'c', code: 'invalid-cell', path: 'text', line: 6, payload_kind: 'record' },
    ])
    expect((await place.reelhouse(['rejects'])).stdout).toContain('chats ../dumps/a.jsonl:2 malformed-json:')
  })
})
