import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Framed, type Framing, frameCsv } from '../../../src/sources/files/frame-csv.ts'
import { chunksOf } from './dump.ts'

const comma: Framing = { delimiter: ',', lineEnds: 'lf', quotes: true }

const flat = (framed: Framed) =>
  framed.kind === 'unreadable'
    ? [{ line: framed.line, bad: framed.text, code: framed.reason.code }]
    : framed.starts.map((start, index) => ({
        line: framed.lines[index],
        text: framed.text.slice(start, framed.ends[index]),
      }))

const framed = async (text: string, sizes: readonly number[] = [65_536], framing = comma, maxLength?: number) => {
  const found: unknown[] = []
  for await (const block of frameCsv(chunksOf(text, sizes), framing, maxLength)) found.push(...flat(block))
  return found
}

describe('framing CSV', () => {
  test('cuts lines, and counts the physical lines inside quoted cells', async () => {
    expect(await framed('a,b\n"x\ny",2\nc,d\n')).toEqual([
      { line: 1, text: 'a,b' },
      { line: 2, text: '"x\ny",2' },
      { line: 4, text: 'c,d' },
    ])
  })

  test('line ends may be LF, CRLF or the CRCRLF of a writer on Windows, and the last one may be missing', async () => {
    expect(await framed('a\nb\r\nc\r\r\n"d"\r\r\n"e"\r\nf')).toEqual(
      ['a', 'b', 'c', '"d"', '"e"', 'f'].map((text, index) => ({ line: index + 1, text })),
    )
  })

  test('a lone carriage return is data where lines end with LF, and a line end in old Mac files', async () => {
    expect(await framed('a\rb,c\nd\n')).toEqual([
      { line: 1, text: 'a\rb,c' },
      { line: 2, text: 'd' },
    ])
    expect(await framed('a\r"b\rc"\r\rd', [1], { ...comma, lineEnds: 'any' })).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: '"b\rc"' },
      { line: 5, text: 'd' },
    ])
  })

  test('blank lines are no records but count as lines; a quoted empty cell is a record', async () => {
    expect(await framed('a\n\n\r\nb\n""\n')).toEqual([
      { line: 1, text: 'a' },
      { line: 4, text: 'b' },
      { line: 5, text: '""' },
    ])
  })

  test('a quote inside an unquoted cell is data, a doubled one inside quotes is one', async () => {
    expect(await framed('5" pipe,"say ""hi""",x"\nb\n')).toEqual([
      { line: 1, text: '5" pipe,"say ""hi""",x"' },
      { line: 2, text: 'b' },
    ])
  })

  test('junk after a closing quote costs one line', async () => {
    expect(await framed('a,b\n"x"y,2\nc,d\n')).toEqual([
      { line: 1, text: 'a,b' },
      { line: 2, bad: '"x"y,2', code: 'malformed-quotes' },
      { line: 3, text: 'c,d' },
    ])
  })

  test('a quote that is never closed costs one line, and the rest is framed', async () => {
    expect(await framed('a,b\n1,"x\n2,y\n3,z')).toEqual([
      { line: 1, text: 'a,b' },
      { line: 2, bad: '1,"x', code: 'malformed-quotes' },
      { line: 3, text: '2,y' },
      { line: 4, text: '3,z' },
    ])
    expect(await framed('"')).toEqual([{ line: 1, bad: '"', code: 'malformed-quotes' }])
  })

  test('a quote that is not closed within the longest record costs one line, wherever the chunks end', async () => {
    const text = `a\n"${'x'.repeat(20)}\n${'r\n'.repeat(30)}"\nz\n`
    const expected = await framed(text, [1_000], comma, 40)
    expect(expected.slice(0, 3)).toEqual([
      { line: 1, text: 'a' },
      { line: 2, bad: `"${'x'.repeat(20)}`, code: 'malformed-quotes' },
      { line: 3, text: 'r' },
    ])
    expect(expected.slice(-3)).toEqual([
      { line: 32, text: 'r' },
      { line: 33, bad: '"', code: 'malformed-quotes' },
      { line: 34, text: 'z' },
    ])
    expect(await framed(text, [7], comma, 40)).toEqual(expected)
  })

  test('a line longer than the longest record is cut, and costs one line', async () => {
    expect(await framed(`a\n${'x'.repeat(50)}\nb\n`, [7], comma, 40)).toEqual([
      { line: 1, text: 'a' },
      expect.objectContaining({ line: 2, code: 'record-too-long' }),
      { line: 3, text: 'b' },
    ])
  })

  test('a cell of 10 MB is framed in a second, not in quadratic time', async () => {
    const cell = 'x,\n'.repeat(3_500_000)
    const started = performance.now()
    expect(await framed(`a\n"${cell}",b\nc\n`)).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: `"${cell}",b` },
      { line: 3_500_003, text: 'c' },
    ])
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('many malformed lines after each other are framed in linear time', async () => {
    const started = performance.now()
    const found = await framed('"x"y,2\n'.repeat(300_000))
    expect(found).toHaveLength(300_000)
    expect(found.at(-1)).toEqual({ line: 300_000, bad: '"x"y,2', code: 'malformed-quotes' })
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('JSON Lines know no quotes', async () => {
    expect(await framed('"a\nb"\n', [2], { ...comma, quotes: false })).toEqual([
      { line: 1, text: '"a' },
      { line: 2, text: 'b"' },
    ])
  })
})

const anyText = fc.string({
  unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\r\n', '""', ',"', '",', 'é'),
  maxLength: 60,
})
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

describe('framing any text', () => {
  test('does not depend on where the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        sizes,
        fc.constantFrom<Framing>(comma, { ...comma, lineEnds: 'any' }, { ...comma, quotes: false }),
        fc.constantFrom(4, 9, 1_000),
        async (text, cuts, framing, maxLength) => {
          expect(await framed(text, cuts, framing, maxLength)).toEqual(await framed(text, [1_000], framing, maxLength))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('keeps every character that is no line end', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, sizes, async (text, cuts) => {
        const kept = (await framed(text, cuts)).map((each) =>
          typeof each === 'object' && each !== null && 'text' in each ? each.text : Object(each).bad,
        )
        const bare = (value: string): string => value.replace(/[\r\n]/g, '')
        expect(bare(kept.join(''))).toBe(bare(text))
      }),
      { numRuns: 1_000 },
    )
  })
})

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r\n', ' ', '\u0000', '😀'), maxLength: 8 })
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 12 })
const written = (value: string, always: boolean): string =>
  always || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value

describe('framing valid CSV', () => {
  test('gives csv-parse the records that it finds in the whole text', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        sizes,
        async (rows, always, lineEnd, cuts) => {
          const text = rows.map((row) => row.map((value) => written(value, always)).join(',') + lineEnd).join('')
          const one: string[][] = []
          for await (const block of frameCsv(chunksOf(text, cuts), comma)) {
            if (block.kind === 'unreadable') throw new Error(`unreadable: ${block.text}`)
            for (const [index, start] of block.starts.entries()) {
              one.push(...parse(block.text.slice(start, block.ends[index]), { relax_column_count: true }))
            }
          }
          expect(one).toEqual(rows)
          expect(one).toEqual(parse(text, { relax_column_count: true }))
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
