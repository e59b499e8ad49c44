import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkFile } from '../../src/delivery/check-file.ts'
import { travtusFields } from '../../src/domain/recording-row.ts'

const header = travtusFields.join(',')
const line =
  'conv-1,rec-1,2026-07-14T15:02:11,P1,"AI: Maple Court. User: Is ""4B"" open?",Jo,Doe,t1,+15125550123,,inbound,+15125550199,73,https://x.test/1'

/** A row with another text. */
const withText = (text: string): string => line.replace(/"AI.*?",/, `${text},`)

/** In pieces of a few bytes: every seam may fall anywhere. */
async function* inPieces(bytes: Buffer, size = 7): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const check = async (name: string, content: string | Buffer, delimiter = ',') => {
  const { problems, problemCount, rows } = await checkFile(name, inPieces(Buffer.from(content)), {
    delimiter,
    most: 100,
  })
  expect(problemCount).toBeGreaterThanOrEqual(problems.length)
  return {
    rows,
    problems: problems.map(({ line: at, cell, text }) =>
      [at === null ? 'file' : `line ${at}`, ...(cell === null ? [] : [cell]), text].join(', '),
    ),
  }
}

const problemsOf = async (content: string | Buffer, name = 'a.csv') => (await check(name, content)).problems

const csv = (...lines: readonly string[]): string => `${[header, ...lines].join('\n')}\n`

describe('the check accepts', () => {
  test.each([
    ['quoted commas and quotes', csv(line), 1],
    ['empty cells', csv('c,r,2026-07-14T15:02:11,,,,,,,,,,,'), 1],
    ['a file of headers only', csv(), 0],
    ['headers without an end of line', header, 0],
    ['\\r\\n throughout', csv(line, line).replaceAll('\n', '\r\n'), 2],
    ['quotes where none are needed', csv(withText('"plain"')), 1],
    [
      'texts in which such words stand, and names',
      csv(withText('none of it, N/A or - NULL').replace('none of it,', '"none of it,').replace('NULL,', 'NULL",')),
      1,
    ],
    ['emoji, and letters of all kinds', csv(withText('\u{1F600} \u0644\u0648\u0645 e\u0301')), 1],
    ['what looks like a formula', csv(withText('=1+1')), 1],
  ])('%s', async (_, content, rows) => {
    expect(await check('a.csv', content)).toEqual({ rows, problems: [] })
  })

  test('another delimiter, where it is agreed', async () => {
    expect(await check('a.csv', csv(line).replaceAll(',', '|'), '|')).toEqual({ rows: 1, problems: [] })
  })

  test('.json and .json.gz', async () => {
    const one = Object.fromEntries(travtusFields.map((field) => [field, null as string | null]))
    const object = { ...one, conversation_id: 'c', message_id: 'r', created_at: '2026-07-14T15:02:11' }
    for (const text of [
      '[]',
      `[\n${JSON.stringify(object)},\n${JSON.stringify(object)}\n]\n`,
      JSON.stringify([object], null, 2),
    ]) {
      expect((await check('a.json', text)).problems).toEqual([])
      expect((await check('a.json.gz', gzipSync(text))).problems).toEqual([])
    }
  })
})

describe('the check refuses', () => {
  test.each([
    ['a BOM', `\ufeff${csv(line)}`, ['line 1, begins with a byte order mark (BOM)']],
    ['a missing column', csv().replace(',email_address', ''), ['line 1, the header lacks email_address']],
    ['a 15th column', `${header},source\n`, ['line 1, the header has "source", which is no field']],
    [
      'another order',
      `${header.replace('first_name,last_name', 'last_name,first_name')}\n`,
      ['line 1, the header has its columns in another order: first_name is not in its place'],
    ],
    [
      'names in capitals',
      `${header.replace('message_id', 'Message_Id')}\n`,
      ['line 1, the header lacks message_id', 'line 1, the header has "Message_Id", which is no field'],
    ],
    ['a column twice', `${header},message_id\n`, ['line 1, the header has message_id twice']],
    ['no header', '', ['line 1, there is no header; a file without rows has its header']],
    ['a row that is too short', csv('c,r,2026-07-14T15:02:11'), ['line 2, has 3 cells, the header has 14']],
    ['a row that is too long', csv(line, `${line},more`), ['line 3, has 15 cells, the header has 14']],
    ['an empty line', csv(line, '', line), ['line 3, is an empty line']],
    [
      'mixed line endings',
      `${header}\n${line}\r\n${line}\n`,
      ['line 2, ends with \\r\\n, the lines before it with \\n; allowed: one of them'],
    ],
    [
      'a lone CR',
      `${header}\r${line}\r`,
      [1, 2].map((at) => `line ${at}, ends with a lone CR; allowed: \\n or \\r\\n throughout`),
    ],
    [
      'a newline in a cell',
      csv(withText('"a\nb"'), line),
      ['line 2, message_text, has a line break; a record is one line'],
    ],
    ['a tab', csv(withText('a\tb')), ['line 2, message_text, has a control character']],
    ['U+0000', csv(withText('a\0b')), ['line 2, message_text, has a control character']],
    ['a line separator', csv(withText('a\u2028b')), ['line 2, message_text, has a control character']],
    ['blanks only', csv(withText('  ')), ['line 2, message_text, has nothing but blanks; nothing is an empty cell']],
    [
      'a quote that is not doubled',
      csv(withText('a"b')),
      ['line 2, message_text, has a quote that is not doubled, or text behind its closing quote'],
    ],
    [
      'text behind a quote',
      csv(withText('"a"b')),
      ['line 2, message_text, has a quote that is not doubled, or text behind its closing quote'],
    ],
    ['an empty id', csv(line.replace('rec-1', '')), ['line 2, message_id, is empty; it must be there']],
    [
      'a time with a zone',
      csv(line.replace(':11,', ':11Z,')),
      ['line 2, created_at, is "2026-07-14T15:02:11Z"; it is YYYY-MM-DDThh:mm:ss in UTC, without zone and fraction'],
    ],
    [
      'a day that is none',
      csv(line.replace('07-14', '02-30')),
      ['line 2, created_at, is "2026-02-30T15:02:11"; it is YYYY-MM-DDThh:mm:ss in UTC, without zone and fraction'],
    ],
    [
      'a duration with a fraction',
      csv(line.replace(',73,', ',73.5,')),
      ['line 2, call_duration_in_sec, is "73.5"; it is whole seconds in decimal digits'],
    ],
  ])('%s', async (_, content, problems) => {
    expect(await problemsOf(content)).toEqual(problems)
  })

  test.each(['NULL', 'null', 'N/A', 'n/a', '-', 'none', 'None', ' none '])('the word %j as a cell', async (word) => {
    expect(await problemsOf(csv(withText(word)))).toEqual([
      `line 2, message_text, is ${JSON.stringify(word)}; nothing is an empty cell`,
    ])
  })

  test('a quote that is never closed, without holding what follows it', async () => {
    const problems = await problemsOf(csv(withText('"open')))
    expect(problems).toContain('line 2, message_text, has a quote that is never closed')
  })

  test('.csv.gz, and other names', async () => {
    expect(await problemsOf(gzipSync(csv(line)), 'a.csv.gz')).toEqual([
      'file, Travtus takes no compressed CSV; allowed: .csv, .json or .json.gz',
    ])
    expect(await problemsOf(csv(line), 'a.txt')).toEqual([
      'file, Travtus takes no such file; allowed: .csv, .json or .json.gz',
    ])
  })

  test('what is not UTF-8', async () => {
    expect(await problemsOf(Buffer.from(csv(withText('caf\u00e9')), 'latin1'))).toContain('file, is not UTF-8')
  })

  test('a gzip that is cut off', async () => {
    const bytes = gzipSync('[]')
    const problems = await problemsOf(bytes.subarray(0, bytes.length - 4), 'a.json.gz')
    expect(problems[0]).toMatch(/^file, is no complete gzip: /)
  })

  const object = Object.fromEntries(
    travtusFields.map((field) => [field, field === 'created_at' ? '2026-07-14T15:02:11' : 'x1']),
  )
  const valid = { ...object, call_duration_in_sec: '73' }

  test.each([
    [
      'a number',
      [{ ...valid, call_duration_in_sec: 73 }],
      ['line 1, call_duration_in_sec, is a number; allowed: a text or null'],
    ],
    ['a missing member', [{ ...valid, email_address: undefined }], ['line 1, lacks email_address']],
    ['a 15th member', [{ ...valid, source: 'x' }], ['line 1, has "source", which is no field']],
    [
      'a line break',
      [{ ...valid, message_text: 'a\nb' }],
      ['line 1, message_text, has a line break; a record is one line'],
    ],
    [
      'the word none',
      [{ ...valid, message_text: 'none' }],
      ['line 1, message_text, is "none"; nothing is an empty cell'],
    ],
    ['half a character', [{ ...valid, message_text: '\ud800' }], ['line 1, message_text, has half a character']],
    ['an object at the top', valid, ['line 1, found "{"; expected: an array of objects at the top']],
    ['a list of lists', [[valid]], ['line 1, found "["; expected: an object or the end of the array']],
  ])('%s in JSON', async (_, content, problems) => {
    expect(await problemsOf(JSON.stringify(content), 'a.json')).toEqual(problems)
  })

  test('JSON that ends too early, and more behind its end', async () => {
    expect(await problemsOf('', 'a.json')).toEqual(['line 1, the file ends; expected: an array of objects at the top'])
    expect(await problemsOf('[\n{"a":', 'a.json')).toEqual(['line 2, the file ends within this object'])
    expect(await problemsOf('[]\n[]', 'a.json')).toEqual(['line 2, found "["; expected: nothing behind the array'])
    expect(await problemsOf('\ufeff[]', 'a.json')).toEqual(['line 1, begins with a byte order mark (BOM)'])
  })
})

test('all problems are counted, and as many kept as are asked for', async () => {
  const content = Buffer.from(csv(...Array.from({ length: 500 }, () => withText('NULL'))))
  const checked = await checkFile('a.csv', inPieces(content, 1000), { delimiter: ',', most: 3 })
  expect(checked).toMatchObject({ format: 'csv', rows: 500, problemCount: 500 })
  expect(checked.problems.map(({ line: at }) => at)).toEqual([2, 3, 4])
})
