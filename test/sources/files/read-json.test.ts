import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRecords } from '../../../src/sources/files/read-file.ts'
import { createJsonArraySplitter } from '../../../src/sources/files/split-json-array.ts'
import { brief, context, dump, loaded, readFrom, scanned, settingsOf } from './dump.ts'

describe('JSON Lines', () => {
  test('every line with something on it is a record', async () => {
    const records = await loaded('a.jsonl', '{"id":"1"}\r\n\n  \n{"id":2}')
    expect(records).toEqual([
      { kind: 'record', line: 1, record: { id: '1' } },
      { kind: 'record', line: 4, record: { id: 2 } },
    ])
  })

  test('a bad line costs itself, and says where it is bad', async () => {
    const records = await loaded('bad.ndjson', '{"id":1}\n{"id":}\n[1]\nnull\n{"id":3\n{"id":4}\n')
    expect(brief(records)).toEqual([
      { id: 1 },
      { line: 2, code: 'malformed-json', text: '{"id":}' },
      { line: 3, code: 'not-an-object', text: '[1]' },
      { line: 4, code: 'not-an-object', text: 'null' },
      { line: 5, code: 'malformed-json', text: '{"id":3' },
      { id: 4 },
    ])
    expect(records[1]).toMatchObject({
      reason: { path: null, detail: "line 2, column 7: Object value expected after ':'" },
    })
    expect(records[2]).toMatchObject({ reason: { detail: 'found an array; expected an object' } })
    expect(records[4]).toMatchObject({
      reason: { detail: "line 5, column 8: Quoted object key or end of object '}' expected but reached end of input" },
    })
  })

  test('whole numbers of 16 and more digits are kept as text', async () => {
    const line =
      '{"id":12345678901234567890,"n":[-1234567890123456],"s":"1234567890123456","small":123456789012345,"x":0.1234567890123456}'
    expect(brief(await loaded('long.jsonl', line))).toEqual([
      {
        id: '12345678901234567890',
        n: ['-1234567890123456'],
        s: '1234567890123456',
        small: 123456789012345,
        x: 0.1234567890123456,
      },
    ])
  })

  test('of a repeated key the last value counts, with long numbers too', async () => {
    expect(brief(await loaded('repeated.jsonl', '{"a":1,"a":2}\n{"a":1234567890123456,"a":2}\n'))).toEqual([
      { a: 2 },
      { a: 2 },
    ])
  })

  test('a hundred thousand brackets are one bad record', async () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const records = await loaded('deep.jsonl', `${deep}\n{"id":1}\n`)
    expect(records.map((each) => (each.kind === 'record' ? each.record : each.reason.code))).toEqual([
      'nested-too-deep',
      { id: 1 },
    ])
  })

  test.each(['{"__proto__":{"polluted":true},"id":1}', '{"__proto__":{"polluted":true},"id":1234567890123456}'])(
    'a __proto__ key is a key: %s',
    async (line) => {
      const [record] = await loaded('proto.jsonl', line)
      const value: object = Object(record?.kind === 'record' ? record.record : null)
      expect(Object.keys(value)).toEqual(['__proto__', 'id'])
      expect('polluted' in value).toBe(false)
      expect('polluted' in {}).toBe(false)
    },
  )

  test('bytes that are no UTF-8 cost their line, and are kept exactly', async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"é"}\n{"a":"'), Buffer.of(0xe9), Buffer.from('"}\n{"a":1}\n')])
    expect(brief(await loaded('damaged.jsonl', bytes))).toEqual([
      { a: 'é' },
      {
        line: 2,
        code: 'invalid-encoding',
        base64: Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xe9, 0x22, 0x7d]).toString('base64'),
      },
      { a: 1 },
    ])
  })
})

describe('JSON arrays', () => {
  test('an array at the top, under "data", or at records_at', async () => {
    const expected = [{ id: 1 }, { id: 2 }]
    expect(brief(await loaded('top.json', '\n[ {"id":1} , {"id":2} ]\n'))).toEqual(expected)
    expect(
      brief(await loaded('data.json.gz', gzipSync('{"meta":{"data":[9]},"data":[{"id":1},{"id":2}],"next":null}'))),
    ).toEqual(expected)
    const nested = '{"data":[{"no":1}],"result":{"x":["]"],"calls":[{"id":1},{"id":2}]}}'
    expect(brief(await loaded('at.json', nested, { records_at: 'result.calls' }))).toEqual(expected)
    expect(brief(await loaded('dotted.json', '{"a.b":[{"id":1},{"id":2}]}', { records_at: 'a.b' }))).toEqual(expected)
  })

  test('an empty array and an empty file have no records', async () => {
    expect(await loaded('none.json', '[]')).toEqual([])
    expect(await loaded('empty.json', '')).toEqual([])
    expect(await loaded('empty.jsonl', '')).toEqual([])
  })

  test('a balanced element that is no JSON costs itself; its line is where it starts', async () => {
    const records = await loaded('elements.json', '[\n {"id":1},\n {"id":\n  nope},\n 7,, {"id":2},\n]')
    expect(brief(records)).toEqual([
      { id: 1 },
      { line: 3, code: 'malformed-json', text: '{"id":\n  nope}' },
      { line: 5, code: 'not-an-object', text: '7' },
      { line: 5, code: 'malformed-json', text: '' },
      { id: 2 },
    ])
    expect(records[1]).toMatchObject({ reason: { detail: "line 4, column 3: Object value expected after ':'" } })
  })

  test('a cut file gives its good records, and then an error that says where', async () => {
    const settings = settingsOf()
    const scan = await scanned(await dump('cut.json', '[{"id":1},\n{"id":2},\n{"id":'), settings)
    const pages = readRecords(scan, settings, 0, context)
    const first = await pages.next()
    expect(first.done === true ? [] : brief(first.value.records)).toEqual([{ id: 1 }, { id: 2 }])
    await expect(pages.next()).rejects.toThrow(
      'cut.json: line 3, character 27: the file ends inside the record that starts on line 3; it is cut off: fetch or export it again',
    )
  })

  test.each([
    ['brackets.json', '[{"id":[1}]', 'line 1, character 10: found } where ] was expected'],
    [
      'lines.json',
      '{"id":1}\n{"id":2}\n',
      'line 2, character 10: there is more after the end of the JSON value; if every line is a record, set format: jsonl',
    ],
    [
      'object.json',
      '{"items":[{"id":1}],"n":2}',
      'no records: expected an array at the top, or under "data"; found the keys "items", "n"; set records_at',
    ],
    ['null.json', '{"data":null}', 'no records: expected an array at the top'],
    ['string.json', '["a', 'line 1, character 3: the file ends inside the record that starts on line 1'],
    ['open.json', '[{"id":1}', 'line 1, character 9: the file ends inside the record'],
    ['comma.json', '[{"id":1},', 'line 1, character 10: the file ends before its brackets are closed'],
  ])('%s is broken beyond repair', async (name, text, message) => {
    await expect(loaded(name, text)).rejects.toThrow(`${name}: ${message}`)
  })

  test('a path without an array is an error that lists what was found', async () => {
    await expect(loaded('path.json', '{"a":{"b":1}}', { records_at: 'a.b' })).rejects.toThrow(
      'path.json: no array at records_at "a.b"; found the keys "a"',
    )
    await expect(loaded('path-top.json', '[{"id":1}]', { records_at: 'a' })).rejects.toThrow(
      'path-top.json: no array at records_at "a"; the top level is an array',
    )
  })
})

describe('the format', () => {
  test.each([
    ['x.csv', '{"id":1}\n', 'x.csv: the file is named like CSV, but its content is JSON; set format: json or jsonl'],
    ['y.txt', '[\n{"id":1}]', 'y.txt: the file is named like CSV, but its content is JSON'],
    [
      'z.json',
      'id,at\n',
      'z.json: the file is named like JSON, but its content starts with "id,at"; expected { or [; set format if it is csv',
    ],
    ['calls.dat', 'id\n', 'calls.dat: the format cannot be told by the name'],
  ])('%s: the name and the content do not agree', async (name, text, message) => {
    await expect(loaded(name, text)).rejects.toThrow(message)
  })

  test('settings win over the name; names in brackets are CSV', async () => {
    expect(brief(await loaded('calls.log', '{"id":1}', { format: 'jsonl' }))).toEqual([{ id: 1 }])
    expect(brief(await loaded('server.csv', '[id],[at]\n1,2\n'))).toEqual([{ '[id]': '1', '[at]': '2' }])
    expect(brief(await loaded('UPPER.TSV', 'id\tat\n1\t2\n'))).toEqual([{ id: '1', at: '2' }])
  })
})

const splitInto = (text: string, sizes: readonly number[], recordsAt: string | null) => {
  const splitter = createJsonArraySplitter(recordsAt)
  const found: string[] = []
  let at = 0
  for (let turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const { elements, broken } = splitter.push(text.slice(at, at + size))
    expect(broken).toBe(null)
    found.push(...elements.map((element) => element.text))
    at += size
  }
  expect(splitter.end().broken).toBe(null)
  return found
}

test('the splitter finds the elements that JSON.parse finds, in any chunks', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 6 }),
      fc.jsonValue(),
      sizes,
      fc.constantFrom(0, 1, 2),
      (values, other, cuts, indent) => {
        const plain = values.map((value): unknown => JSON.parse(JSON.stringify(value)))
        expect(
          splitInto(JSON.stringify(values, null, indent), cuts, null).map((text): unknown => JSON.parse(text)),
        ).toEqual(plain)
        const envelope = JSON.stringify({ 'o"ther': other, 'a\\b': { 'c\n': values }, last: other }, null, indent)
        expect(splitInto(envelope, cuts, 'a\\b.c\n').map((text): unknown => JSON.parse(text))).toEqual(plain)
      },
    ),
    { numRuns: 1_000 },
  )
})

test.each([
  ['resume.jsonl', '\n'],
  ['resume.json', ','],
])('%s: reading on from any ordinal gives the rest of a full read', async (name, between) => {
  const value = fc.constantFrom(
    '{"id":1}',
    '{"id":[1,{"a":"]"}]}',
    'nope',
    '7',
    '{"t":"x,y"}',
    '{"n":1234567890123456}',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 8 }), async (values) => {
      const settings = settingsOf({ format: between === ',' ? 'json' : 'jsonl' })
      const text = between === ',' ? `[${values.join(',\n')}]` : values.join('\n')
      const scan = await scanned(await dump(name, text), settings)
      const all = await readFrom(scan, settings, 0)
      expect(all).toHaveLength(values.length)
      for (let from = 0; from <= all.length + 1; from++)
        expect(await readFrom(scan, settings, from)).toEqual(all.slice(from))
    }),
    { numRuns: 60 },
  )
})
