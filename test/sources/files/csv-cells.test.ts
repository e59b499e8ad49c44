import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCells, plainCells } from '../../../src/sources/files/csv-cells.ts'
import { createFramer, type FramedRecords, type Framing } from '../../../src/sources/files/frame-csv.ts'

const framed = (text: string, framing: Framing): readonly FramedRecords[] => {
  const framer = createFramer(framing)
  return [...framer.push(text), ...framer.end()].filter((block) => block.kind === 'records')
}

const framings: readonly Framing[] = [
  { delimiter: ',', lineEnds: 'lf', quotes: true },
  { delimiter: ';', lineEnds: 'any', quotes: true },
  { delimiter: '\t', lineEnds: 'lf', quotes: true },
]
const characters = ['a', ',', ';', '\t', ' ', '\n', '\r\n', '\r', '\0', '\u00a0', '\ufeff', '\ud800', '😀', '\\', "'"]

test('records without quotes have the cells that csv-parse sees in them', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...characters), maxLength: 60 }),
      fc.constantFrom(...framings),
      fc.nat({ max: 2 }),
      (text, framing, skipped) => {
        for (const block of framed(text, framing)) {
          const first = Math.min(skipped, block.starts.length - 1)
          const read = parseCells(block.text.slice(block.starts[first], block.ends.at(-1)), framing)
          const plain = plainCells(block, first, framing.delimiter)
          // csv-parse replaces half a character by itself; here the reader of the cell does, and counts it.
          expect(plain?.map((cells) => cells.map((cell) => cell.toWellFormed()))).toEqual(read)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a quote among the records leaves them to csv-parse; one before or behind them does not', () => {
  const framing = { delimiter: ',', lineEnds: 'lf', quotes: true } as const
  const block = (text: string, starts: number[], ends: number[]): FramedRecords => ({
    kind: 'records',
    text,
    starts,
    ends,
    lines: starts,
  })
  expect(plainCells(block('a,b\n"c",d\n', [0, 4], [3, 9]), 0, framing.delimiter)).toBeNull()
  expect(plainCells(block('"c",d\na,b\n', [0, 6], [5, 9]), 1, framing.delimiter)).toEqual([['a', 'b']])
  expect(plainCells(block('a,b\n"c"', [0], [3]), 0, framing.delimiter)).toEqual([['a', 'b']])
})
