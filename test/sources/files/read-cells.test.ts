import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileCellRow } from '../../../src/sources/files/cell-row.ts'
import type { CsvLayout } from '../../../src/sources/files/csv-layout.ts'
import { LineCutter } from '../../../src/sources/files/cut-lines.ts'
import { readCells } from '../../../src/sources/files/read-cells.ts'
import { readCsv } from '../../../src/sources/files/read-csv.ts'
import { filesSettings } from '../../../src/sources/files/settings.ts'
import type { FileRecord, RecordPage } from '../../../src/sources/source.ts'

const columns = ['message_id', 'conversation_id', 'created_at']
const row = compileCellRow(filesSettings.parse({ paths: ['a.csv'], shape: 'travtus' }), columns)
if (row === null) throw new Error('these cells can be taken as they are')

const readingWith = (delimiter: string, leadingRecords: number) => {
  const layout: CsvLayout = { framing: { delimiter, lineEnds: 'lf', quotes: true }, columns, leadingRecords }
  return { layout, ragged: 'reject', isDamaged: false } as const
}

/** In chunks of these sizes, of which each is overwritten when the next is asked for, as StoredFile does it. */
async function* chunked(bytes: Buffer, sizes: readonly number[]) {
  const shared = Buffer.alloc(bytes.length)
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1
    const length = bytes.copy(shared, 0, at, at + size)
    yield shared.subarray(0, length)
    shared.fill('"')
    at += length
  }
}

async function* textOf(text: string) {
  yield text
}

type Reading = ReturnType<typeof readingWith>

const pagesOf = (text: string, sizes: readonly number[], reading: Reading, from: number) =>
  readCells(chunked(Buffer.from(text), sizes), reading, row, from, () => 0)

const recordsOf = async (pages: AsyncIterable<RecordPage>): Promise<FileRecord[]> => {
  const records: FileRecord[] = []
  for await (const page of pages) records.push(...page.records)
  return records
}

const expectedOf = async (text: string, reading: Reading, from: number): Promise<FileRecord[]> => {
  const records: FileRecord[] = []
  for await (const group of readCsv(textOf(text), reading, from)) records.push(...group)
  return records
}

const units = ['a', 'b', ',', ',', ';', '\t', '\r', ' ', '\\', '=', '@', '/', 'é', '😀', '\0']
const line = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...units), maxLength: 12 }) },
  fc.string({ unit: fc.constantFrom(...units, '"', '"', '\n'), maxLength: 12 }),
  fc.constantFrom('"a","b\nc",d', 'a,"b""c",d'),
)
const texts = fc.tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n', '\r\r\n')), { maxLength: 8 }), line)
const textOfLines = ([lines, last]: readonly [readonly (readonly string[])[], string]) => lines.flat().join('') + last

test('pages have the records that the framer and its readers see, wherever the bytes are cut and reading begins', async () => {
  let asCells = 0
  let asRecords = 0
  await fc.assert(
    fc.asyncProperty(
      texts.map(textOfLines),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(',', ';', '\t'),
      fc.nat({ max: 3 }),
      fc.nat({ max: 1 }),
      async (text, sizes, delimiter, from, leading) => {
        const reading = readingWith(delimiter, leading)
        expect(await recordsOf(pagesOf(text, sizes, reading, from))).toEqual(await expectedOf(text, reading, from))
        for await (const page of pagesOf(text, sizes, reading, from)) {
          if (page.lines === undefined) asRecords += page.records.length
          else asCells += page.lines.cells.count
        }
      },
    ),
    { numRuns: 3_000 },
  )
  expect(asCells).toBeGreaterThan(1_000)
  expect(asRecords).toBeGreaterThan(1_000)
})

const cellsOf = async (text: string) => {
  const found: { readonly plain: boolean; readonly cells: readonly string[] }[] = []
  for await (const { lines } of pagesOf(text, [1000], readingWith(',', 0), 0)) {
    if (lines === undefined) continue
    const { bytes, bounds, stride, count, isPlain } = lines.cells
    for (let n = 0; n < count; n += 1) {
      const starts = Array.from(bounds.subarray(n * stride, (n + 1) * stride))
      const cells = starts
        .slice(0, -1)
        .map((start, c) => Buffer.from(bytes).toString('utf8', start, (starts[c + 1] ?? 0) - 1))
      found.push({ plain: isPlain[n] === 1, cells })
    }
  }
  return found
}

test('a plain line has the cells that its record has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.string({ unit: fc.constantFrom('a', ' ', 'é', '@', '/', '=', '\r'), maxLength: 4 }), {
          minLength: 2,
          maxLength: 4,
        }),
        {
          maxLength: 5,
        },
      ),
      async (rows) => {
        const text = rows.map((cells) => `${cells.join(',')}\r\n`).join('')
        const records = await expectedOf(text, readingWith(',', 0), 0)
        const lines = await cellsOf(text)
        expect(lines).toHaveLength(records.length)
        lines.forEach(({ plain, cells }, n) => {
          const one = records[n]
          if (plain)
            expect(one).toMatchObject({
              kind: 'record',
              record: Object.fromEntries(columns.map((name, c) => [name, cells[c]])),
            })
        })
      },
    ),
  )
})

test('what must be read is not plain: escapes, controls, what could be a query or userinfo, and ragged lines', async () => {
  const plain = ['a,b,c', 'a,,', 'a b,c@d,e/f', 'é,😀,"'.slice(0, -1), ' a , b , c ']
  const others = ['a,b', 'a,b,c,d', 'a,b\\,c', 'a,b=1,c', 'a,50%,c', 'a,b@c/d,e', 'a,b\0,c', 'a,b\tc,d', 'a,b\rc,d']
  const lines = await cellsOf([...plain, ...others].map((line) => `${line}\n`).join(''))
  expect(lines.map((line) => line.plain)).toEqual([...plain.map(() => true), ...others.map(() => false)])
})

test('a line that is longer than what is held is read like any other', async () => {
  const long = 'x'.repeat(3_000_000)
  const text = `a,b,c\n${long},b,c\nd,"e\n${long}",f\ng,h,i\n`
  const reading = readingWith(',', 0)
  expect(await recordsOf(pagesOf(text, [65_536], reading, 0))).toEqual(await expectedOf(text, reading, 0))
})

test('lines between those with quotes are taken as cells, up to the page that is full', async () => {
  const plain = (n: number) => Array.from({ length: n }, (_, at) => `id-${at},b,c\n`).join('')
  const text = `${plain(3)}q,"x,y",c\nr,"two\nlines",c\n${plain(5_000)}`
  const counts: number[] = []
  for await (const { lines, records } of pagesOf(text, [1_000_000], readingWith(',', 0), 0))
    counts.push(lines === undefined ? -records.length : lines.cells.count)
  expect(counts).toEqual([3, -2, 2000, 2000, 1000])
})

test('a page has the fewer lines the more columns there are', () => {
  const pageOf = (width: number): number => {
    const cutter = new LineCutter(row, width, ',')
    cutter.cut(Buffer.from(`${','.repeat(width - 1)}\n`.repeat(3)), 0, 1)
    return cutter.count
  }
  expect([pageOf(3), pageOf(90_000), pageOf(300_000)]).toEqual([3, 2, 1])
})
