import { utimes } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { callsConfig, createCliCase, csv } from '../support/cli-case.ts'

const line = (id: string, text = '') => `${id},2026-01-01 10:00:00,60,,,inbound,${text}`
const countOf = 'select count(*) as rows from reelhouse.call_recordings'
const gzip = gzipSync(csv(line('z')))

describe('a file that is not what it claims to be is one error, and its neighbours load', () => {
  test.each([
    [
      'an Excel workbook renamed',
      Buffer.from('504b0304140000000800', 'hex'),
      /^\.\.\/dumps\/m\.csv: the file is .*ZIP/i,
    ],
    ['a PDF', Buffer.from('%PDF-1.7\n%\u00e2\u00e3'), /^\.\.\/dumps\/m\.csv: the file is .*PDF/i],
    [
      'a picture',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
      /^\.\.\/dumps\/m\.csv: the file is /,
    ],
    ['gzip cut off', gzip.subarray(0, -12), /^\.\.\/dumps\/m\.csv: the compressed data is cut off/],
    [
      'gzip with a wrong checksum',
      Buffer.from([...gzip.subarray(0, -8), 1, 2, 3, 4, ...gzip.subarray(-4)]),
      /^\.\.\/dumps\/m\.csv: the compressed data is corrupt/,
    ],
    [
      'another export',
      'call_id,start\nx,2026-01-01\n',
      /^\.\.\/dumps\/m\.csv: the header lacks .*"id".*found "call_id"/,
    ],
    [
      'a header twice',
      'id,id,began,seconds,caller,called,direction,text\n',
      /^\.\.\/dumps\/m\.csv: the header names "id" more than once/,
    ],
    ['JSON', '{"id":"x"}\n', /^\.\.\/dumps\/m\.csv: the file is named like CSV, but its content is JSON/],
  ])('%s', async (_, content, said) => {
    const place = await createCliCase({
      config: callsConfig(),
      files: { 'dumps/a.csv': csv(line('a')), 'dumps/m.csv': content, 'dumps/z.csv': csv(line('z')) },
    })
    const { code, document, log } = await place.json(['sync'])
    expect({ code, log }).toEqual({ code: 1, log: [expect.stringMatching(said)] })
    expect(document).toMatchObject({ connections: [{ state: 'failed', files: { loaded: 2, known: 0 }, errors: log }] })
    expect(await place.rows(countOf)).toEqual([{ rows: 2 }])
    expect(await place.rows('select state, error from reelhouse.runs')).toEqual([{ state: 'failed', error: log[0] }])
    // Corrected, it loads with the next sync.
    await place.write('dumps/m.csv', csv(line('m')))
    expect(await place.json(['sync'])).toMatchObject({
      code: 0,
      document: { connections: [{ state: 'succeeded', files: { loaded: 1, known: 2 } }] },
    })
  })

  test('a delimiter that the settings state and the file does not have', async () => {
    const place = await createCliCase({
      config: callsConfig('    csv: { delimiter: ";" }'),
      files: { 'dumps/a.csv': csv(line('a')) },
    })
    const { code, log } = await place.json(['sync'])
    expect(code).toBe(1)
    expect(log).toEqual([
      expect.stringMatching(/a\.csv: the header lacks .*with "," they are all there: set csv\.delimiter to ","$/),
    ])
  })

  test('a JSON array that breaks off; what is before the break is loaded', async () => {
    const record = (id: string) => `{"id":"${id}","began":"2026-01-01T10:00:00Z"}`
    const config = callsConfig().replace(/ {6}call_duration[\s\S]*$/, '')
    const place = await createCliCase({ config, files: { 'dumps/a.json': `[${record('a')},${record('b')},` } })
    const { code, log } = await place.json(['sync'])
    expect(code).toBe(1)
    expect(log).toEqual([expect.stringMatching(/^\.\.\/dumps\/a\.json: /)])
    expect(await place.rows(countOf)).toEqual([{ rows: 2 }])
  })

  test.each([
    ['empty', ''],
    ['a header and nothing else', csv()],
  ])('but a file that is %s has no records and is no error', async (_, content) => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': content } })
    expect(await place.json(['sync'])).toMatchObject({
      code: 0,
      log: [],
      document: { connections: [{ files: { loaded: 1, known: 0 }, records: { listed: 0 } }] },
    })
  })
})

describe('what is loaded is known by its content', () => {
  const files = { 'dumps/a.csv': csv(line('a', 'first'), line('b')) }
  const loaded = (document: unknown) => Object(document).connections[0]

  test('under another name, as a copy, and touched', async () => {
    const place = await createCliCase({ config: callsConfig(), files })
    await place.reelhouse(['sync'])
    await place.write('dumps/copy.csv', files['dumps/a.csv'])
    await utimes(`${place.folder}/dumps/a.csv`, 1_700_000_000, 1_700_000_000)
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({
      files: { loaded: 0, known: 2 },
      records: { listed: 0 },
    })
  })

  test('and a long dump of new records that has some of an earlier one loads those as what they are', async () => {
    const text = 'is it still free '.repeat(30)
    const place = await createCliCase({
      config: callsConfig(),
      files: { 'dumps/a.csv': csv(line('known', text), line('changed', 'before')) },
    })
    await place.reelhouse(['sync'])
    const lines = Array.from({ length: 45_000 }, (_, n) => line(`new-${n}`, text))
    lines[30_001] = line('known', text)
    lines[44_000] = line('changed', text)
    await place.write('dumps/b.csv', csv(...lines))
    expect(await place.json(['sync'])).toMatchObject({
      code: 0,
      log: [],
      document: { connections: [{ rows: { rows: 45_000, inserted: 44_998, updated: 1, unchanged: 1, duplicate: 0 } }] },
    })
    const [{ rows } = { rows: 0 }] = await place.rows<{ rows: number }>(countOf)
    expect(rows).toBe(45_000)
    // The next export has all of it again, and one record more.
    await place.write('dumps/c.csv', csv(...lines, line('one more')))
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({
      rows: { rows: 45_001, inserted: 1, updated: 0, unchanged: 45_000 },
    })
  })

  test('until it is forced; then unchanged rows are not written', async () => {
    const place = await createCliCase({ config: callsConfig(), files })
    await place.reelhouse(['sync'])
    const before = await place.rows('select xmin::text from reelhouse.call_recordings')
    expect(loaded((await place.json(['sync', '--force'])).document)).toMatchObject({
      files: { loaded: 1, known: 0 },
      records: { listed: 2 },
      rows: { rows: 2, unchanged: 2 },
    })
    expect(await place.rows('select xmin::text from reelhouse.call_recordings')).toEqual(before)
  })

  test('until its mapping is corrected: then it loads again, and back again', async () => {
    const place = await createCliCase({ config: callsConfig(), files })
    await place.reelhouse(['sync'])
    const texts = 'select message_id, message_text from reelhouse.call_recordings order by 1'
    await place.write('config/reelhouse.yaml', callsConfig().replace('message_text: text', 'message_text: seconds'))
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({ files: { loaded: 1 }, rows: { updated: 2 } })
    expect(await place.rows(texts)).toEqual([
      { message_id: 'a', message_text: '60' },
      { message_id: 'b', message_text: '60' },
    ])
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({ files: { loaded: 0, known: 1 } })
    await place.write('config/reelhouse.yaml', callsConfig())
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({ files: { loaded: 1 }, rows: { updated: 2 } })
    expect(await place.rows(texts)).toEqual([
      { message_id: 'a', message_text: 'first' },
      { message_id: 'b', message_text: null },
    ])
  })

  test('and grown: what was added is new, the rest unchanged', async () => {
    const place = await createCliCase({ config: callsConfig(), files })
    await place.reelhouse(['sync'])
    await place.write('dumps/a.csv', csv(line('a', 'first'), line('b'), line('c')))
    expect(loaded((await place.json(['sync'])).document)).toMatchObject({
      files: { loaded: 1, known: 0 },
      rows: { rows: 3, inserted: 1, updated: 0, unchanged: 2 },
    })
  })
})
