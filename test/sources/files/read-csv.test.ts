import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brief, dump, loaded, readFrom, scanned, settingsOf } from './dump.ts'

const csv = (settings: Readonly<Record<string, unknown>>) => ({ csv: settings })

describe('reading CSV', () => {
  test('records are cells by the trimmed names of the header', async () => {
    expect(brief(await loaded('a.csv', ' id , name \r\n1,Anna\r\n2, Ben \r\n'))).toEqual([
      { id: '1', name: 'Anna' },
      { id: '2', name: ' Ben ' },
    ])
  })

  test('a file is the same with CRLF, LF, old Mac line ends, or compressed', async () => {
    const expected = [
      { id: '1', name: 'Anna\nMaria' },
      { id: '2', name: 'say "hi"' },
    ]
    const text = 'id,name\n1,"Anna\nMaria"\n2,"say ""hi"""\n'
    expect(brief(await loaded('lf.csv', text))).toEqual(expected)
    expect(
      brief(await loaded('crlf.csv', text.replaceAll('"\n', '"\r\n').replace('id,name\n', 'id,name\r\n'))),
    ).toEqual(expected)
    expect(brief(await loaded('mac.csv', text.replaceAll(/(?<!Anna)\n/g, '\r')))).toEqual(expected)
    expect(brief(await loaded('packed.csv.gz', gzipSync(text)))).toEqual(expected)
    expect(brief(await loaded('named-plain.csv', gzipSync(text)))).toEqual(expected)
  })

  test('the line of a record is where it starts', async () => {
    const records = await loaded('lines.csv', 'id,t\n1,"a\nb"\n\n2,c\n')
    expect(records.map((record) => record.line)).toEqual([2, 5])
  })

  test('an empty file and a file with only a header have no records', async () => {
    expect(await loaded('empty.csv', '', {}, ['id'])).toEqual([])
    expect(await loaded('blank.csv', '\n\r\n', {}, ['id'])).toEqual([])
    expect(await loaded('header.csv', 'id,at', {}, ['id'])).toEqual([])
    expect(await loaded('header-only.csv', 'id,at\n', {}, ['id'])).toEqual([])
  })

  test('a file without a header has the columns of the settings', async () => {
    expect(brief(await loaded('bare.csv', '1,x\n2,y\n', csv({ header: ['id', 'at'] }), ['id', 'at']))).toEqual([
      { id: '1', at: 'x' },
      { id: '2', at: 'y' },
    ])
  })

  test('ragged rows are rejected with both counts', async () => {
    const records = await loaded('ragged.csv', 'a,b,c\n1,2\n1,2,3\n1,2,3,4\n')
    expect(brief(records)).toEqual([
      { line: 2, code: 'ragged-row', text: '1,2' },
      { a: '1', b: '2', c: '3' },
      { line: 4, code: 'ragged-row', text: '1,2,3,4' },
    ])
    expect(records[0]).toMatchObject({ reason: { path: null, detail: 'expected 3 cells, found 2' } })
  })

  test('padding fills missing cells with null and drops extra ones only when they are empty', async () => {
    expect(brief(await loaded('pad.csv', 'a,b,c\n1,2\n1,2,3,, \n1,2,3,4\n', csv({ ragged: 'pad' })))).toEqual([
      { a: '1', b: '2', c: null },
      { a: '1', b: '2', c: '3' },
      { line: 4, code: 'ragged-row', text: '1,2,3,4' },
    ])
  })

  test('an unclosed quote and junk after a quote cost their line, the rest loads', async () => {
    expect(brief(await loaded('quotes.csv', 'a,b\n1,"x\n2,y\n3,"z"!\n4,w\n'))).toEqual([
      { line: 2, code: 'malformed-quotes', text: '1,"x' },
      { a: '2', b: 'y' },
      { line: 4, code: 'malformed-quotes', text: '3,"z"!' },
      { a: '4', b: 'w' },
    ])
  })

  test('U+0000 in a cell passes through', async () => {
    expect(brief(await loaded('nul.csv', 'id,t\n1,a\u0000b\n2,"\u0000"\n'))).toEqual([
      { id: '1', t: 'a\u0000b' },
      { id: '2', t: '\u0000' },
    ])
  })

  test('a cell of 10 MB passes through', async () => {
    const cell = 'line, "quoted"\n'.repeat(700_000)
    const records = await loaded('large.csv', `id,t\n1,"${cell.replaceAll('"', '""')}"\n2,x\n`)
    expect(records).toEqual([
      { kind: 'record', line: 2, record: { id: '1', t: cell } },
      { kind: 'record', line: 700_003, record: { id: '2', t: 'x' } },
    ])
  })

  test('columns may be called like members of objects, and a column without a name is left out', async () => {
    const [record] = await loaded('names.csv', '__proto__,constructor,\nx,y,z\n')
    const value: unknown = record?.kind === 'record' ? record.record : null
    expect(Object.entries(Object(value))).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect('x' in {}).toBe(false)
    const [plain] = await loaded('inherits.csv', 'id\nx\n')
    expect('toString' in Object(plain?.kind === 'record' ? plain.record : {})).toBe(false)
  })

  test('bytes that are no UTF-8 cost their record, and are kept exactly', async () => {
    const bytes = Buffer.concat([
      Buffer.from('id,first name\n1,Zoë\n2,'),
      Buffer.from([0x5a, 0xeb]),
      Buffer.from('\n3,ok\n'),
    ])
    const records = await loaded('damaged.csv', bytes)
    expect(brief(records)).toEqual([
      { id: '1', 'first name': 'Zoë' },
      { line: 3, code: 'invalid-encoding', base64: Buffer.from([0x32, 0x2c, 0x5a, 0xeb]).toString('base64') },
      { id: '3', 'first name': 'ok' },
    ])
    expect(records[1]).toMatchObject({ reason: { path: 'first name' } })
  })

  test('a malformed line with such bytes is kept exactly too', async () => {
    const bytes = Buffer.concat([Buffer.from('id,é\n1,"x'), Buffer.from([0xff]), Buffer.from('"y\n2,z\n')])
    expect(brief(await loaded('both.csv', bytes))).toEqual([
      {
        line: 2,
        code: 'malformed-quotes',
        base64: Buffer.from([0x31, 0x2c, 0x22, 0x78, 0xff, 0x22, 0x79]).toString('base64'),
      },
      { id: '2', é: 'z' },
    ])
  })
})

describe('the delimiter', () => {
  test.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
    ['pipe', '|'],
  ])('%s is found', async (name, mark) => {
    const text = `id${mark}at\n1${mark}"x,;|\t"\n`
    expect(brief(await loaded(`${name}.csv`, text, {}, ['id', 'at']))).toEqual([{ id: '1', at: 'x,;|\t' }])
  })

  test('the wanted names decide, also where another delimiter would cut more cells', async () => {
    expect(brief(await loaded('names-decide.csv', 'id;at;a,b,c,d\n1;2;3,4,5,6\n', {}, ['id', 'at']))).toEqual([
      { id: '1', at: '2', 'a,b,c,d': '3,4,5,6' },
    ])
  })

  test('without names the regular cut decides', async () => {
    expect(brief(await loaded('regular.csv', '1;a,b\n2;c\n', csv({ header: ['id', 'at'] }), ['id']))).toEqual([
      { id: '1', at: 'a,b' },
      { id: '2', at: 'c' },
    ])
  })

  test('a file of one column is read', async () => {
    expect(brief(await loaded('single.csv', 'id\n1\n2\n', {}, ['id']))).toEqual([{ id: '1' }, { id: '2' }])
  })

  test("Excel's sep= line declares it", async () => {
    expect(brief(await loaded('sep.csv', '\ufeffsep=;\r\nid;at\r\n1;a,b\r\n', {}, ['id', 'at']))).toEqual([
      { id: '1', at: 'a,b' },
    ])
    expect(brief(await loaded('sep-caret.csv', 'sep=^\nid^at\n1^2\n', {}, ['id', 'at']))).toEqual([
      { id: '1', at: '2' },
    ])
    expect(brief(await loaded('sep-any.csv', 'sep=é\nidéat\n1é語\n', {}, ['id', 'at']))).toEqual([
      { id: '1', at: '語' },
    ])
  })

  test('a sep= line against the settings is an error that names both', async () => {
    await expect(loaded('sep-against.csv', 'sep=;\nid;at\n', csv({ delimiter: ',' }))).rejects.toThrow(
      'sep-against.csv: the settings say delimiter ",", but the first line of the file is sep=;; set csv.delimiter to ";", or to auto',
    )
  })

  test('the wrong one in the settings is named, with the one that fits', async () => {
    await expect(loaded('wrong.csv', 'id;at\n1;2\n', csv({ delimiter: ',' }), ['id', 'at'])).rejects.toThrow(
      'wrong.csv: the header lacks "id", "at"; found "id;at" with the delimiter ","; with ";" they are all there: set csv.delimiter to ";"',
    )
  })
})

describe('the header', () => {
  test('a wanted column that it lacks is an error that lists what was found', async () => {
    await expect(loaded('lacks.csv', 'id,created\n1,2\n', {}, ['id', 'at'])).rejects.toThrow(
      'lacks.csv: the header lacks "at"; found "id", "created" with the delimiter ","; correct the column names in the settings, or csv.delimiter',
    )
    await expect(loaded('lacks-bare.csv', '1,2\n', csv({ header: ['id', 'x'] }), ['id', 'at'])).rejects.toThrow(
      'lacks "at"',
    )
  })

  test('duplicate names are an error', async () => {
    await expect(loaded('twice.csv', 'id,at,id \n1,2,3\n')).rejects.toThrow(
      'twice.csv: the header names "id" more than once; found "id", "at", "id"; rename the columns, or list names of your own under csv.header',
    )
  })

  test('a header without a single name is an error', async () => {
    await expect(loaded('nameless.csv', ',,\n1,2,3\n')).rejects.toThrow(
      'nameless.csv: the header is empty: 3 columns and no name',
    )
  })

  test('a malformed header is an error', async () => {
    await expect(loaded('bad-header.csv', '"id"x,at\n1,2\n')).rejects.toThrow(
      'bad-header.csv: the header cannot be read: found text after a closing quote',
    )
  })

  test('a signed link in the first record of a file without a header is not shown', async () => {
    const link = 'https://x.example/r?X-Amz-Signature=0123456789abcdef0123456789abcdef'
    const failure = loaded('headless.csv', `1,${link}\n`, {}, ['id'])
    await expect(failure).rejects.toThrow('the header lacks "id"')
    await expect(failure).rejects.not.toThrow('0123456789abcdef')
  })
})

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '\r\n', ' ', '\u0000', '😀'),
  maxLength: 8,
})
const written = (value: string, always: boolean): string =>
  always || /[",\r\n]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value

test('any valid CSV is read as csv-parse reads the whole text', async () => {
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 15 })
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), fc.constantFrom('\n', '\r\n'), async (cells, always, lineEnd) => {
      const text = `id,at,x${lineEnd}${cells.map((row) => row.map((value) => written(value, always)).join(',') + lineEnd).join('')}`
      const records = await loaded('property.csv', text, {}, ['id', 'at', 'x'])
      expect(brief(records)).toEqual(parse(text, { columns: true }))
    }),
    { numRuns: 300 },
  )
})

test('reading on from any ordinal gives the rest of a full read', async () => {
  const line = fc.constantFrom('1,2', '1,"a\nb"', '1', '"x"y,2', '1,"open', '', '3,\u0000', 'é,"', '","')
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), async (lines, lineEnd) => {
      const settings = settingsOf()
      const scan = await scanned(await dump('resume.csv', `id,at${lineEnd}${lines.join(lineEnd)}`), settings)
      const all = await readFrom(scan, settings, 0)
      for (let from = 0; from <= all.length + 1; from++) {
        expect(await readFrom(scan, settings, from)).toEqual(all.slice(from))
      }
    }),
    { numRuns: 150 },
  )
})
