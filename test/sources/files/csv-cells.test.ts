import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ordinaryCells, parseCells } from '../../../src/sources/files/csv-cells.ts'
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

/** One record after the other: two that csv-parse reads together it may cut elsewhere. */
const expectedOf = (block: FramedRecords, first: number, framing: Framing) =>
  block.starts.slice(first).map((start, index) => {
    const read = parseCells(block.text.slice(start, block.ends[first + index]), framing)
    expect(read).toHaveLength(1)
    return read[0]
  })

/** csv-parse replaces half a character by itself; here the reader of the cell does, and counts it. */
const wellFormed = (cells: readonly string[]) => cells.map((cell) => cell.toWellFormed())

test('records without quotes have the cells that csv-parse sees in them', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...characters), maxLength: 60 }),
      fc.constantFrom(...framings),
      fc.nat({ max: 2 }),
      (text, framing, skipped) => {
        for (const block of framed(text, framing)) {
          const first = Math.min(skipped, block.starts.length - 1)
          const cells = ordinaryCells(block, first, framing.delimiter)
          expect(cells?.map(wellFormed)).toEqual(expectedOf(block, first, framing))
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('records with cells in quotes have the cells that csv-parse sees in them, or are left to it', () => {
  const cell = fc.string({ unit: fc.constantFrom(...characters, '"'), maxLength: 6 })
  const inQuotes = cell.map((text) => `"${text.replaceAll('"', '""')}"`)
  const anyCell = fc.oneof({ weight: 4, arbitrary: inQuotes }, cell, fc.constant(''))
  let ordinary = 0
  let left = 0
  fc.assert(
    fc.property(
      fc.array(fc.array(anyCell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...framings),
      fc.nat({ max: 2 }),
      (rows, framing, skipped) => {
        const text = rows.map((cells) => cells.join(framing.delimiter)).join('\n')
        for (const block of framed(text, framing)) {
          const first = Math.min(skipped, block.starts.length - 1)
          const cells = ordinaryCells(block, first, framing.delimiter)
          if (cells === null) left += 1
          else {
            ordinary += 1
            expect(cells.map(wellFormed)).toEqual(expectedOf(block, first, framing))
          }
        }
      },
    ),
    { numRuns: 3_000 },
  )
  expect(ordinary).toBeGreaterThan(left)
  expect(left).toBeGreaterThan(0)
})

test('cells that are in quotes as a whole are read; a quote anywhere else is left to csv-parse', () => {
  const cellsOf = (text: string) => {
    const [block] = framed(text, { delimiter: ',', lineEnds: 'lf', quotes: true })
    return block === undefined ? null : ordinaryCells(block, 0, ',')
  }
  expect(cellsOf('"a","b, ""c""",,""\nd,e,f,"g\nh"\n')).toEqual([
    ['a', 'b, "c"', '', ''],
    ['d', 'e', 'f', 'g\nh'],
  ])
  expect(cellsOf('a,""""\n')).toEqual([['a', '"']])
  expect(cellsOf('a,b\n5" pipe,c\n')).toBeNull()
  expect(cellsOf('a, "b"\n')).toBeNull()
})
