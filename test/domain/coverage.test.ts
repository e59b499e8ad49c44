import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contiguousEnd, cut, gaps, overlaps, subtract, unite } from '../../src/domain/coverage.ts'
import type { Window } from '../../src/domain/window.ts'

const window = (from: number, to: number): Window => ({ from, to })

/** Small, so that windows touch, overlap and are empty; also upside down, which holds no time. */
const anyWindow = fc.record({ from: fc.integer({ min: 0, max: 30 }), to: fc.integer({ min: 0, max: 30 }) })
const anyWindows = fc.array(anyWindow, { maxLength: 8 })

const moments = Array.from({ length: 31 }, (_, n) => n)
const holds = (windows: readonly Window[], moment: number): boolean =>
  windows.some(({ from, to }) => from <= moment && moment < to)

const expectTidy = (windows: readonly Window[]): void => {
  windows.forEach(({ from, to }, n) => {
    expect(from).toBeLessThan(to)
    expect(from).toBeGreaterThan(windows[n - 1]?.to ?? -1)
  })
}

describe('united windows', () => {
  test('hold the time of each, and no other', () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        const united = unite(windows)
        expectTidy(united)
        for (const moment of moments) expect(holds(united, moment)).toBe(holds(windows, moment))
      }),
    )
  })

  test('do not depend on the order in which they came, and unite to themselves', () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        expect(unite([...windows].reverse())).toEqual(unite(windows))
        expect(unite(unite(windows))).toEqual(unite(windows))
      }),
    )
  })

  test('grow together where they touch', () => {
    expect(unite([window(20, 30), window(0, 10), window(10, 15), window(16, 16)])).toEqual([
      window(0, 15),
      window(20, 30),
    ])
  })
})

describe('a range without windows', () => {
  test('holds the time of the range that none of them holds', () => {
    fc.assert(
      fc.property(anyWindow, anyWindows, (range, windows) => {
        const rest = subtract(range, windows)
        expectTidy(rest)
        for (const moment of moments) {
          expect(holds(rest, moment)).toBe(holds([range], moment) && !holds(windows, moment))
        }
      }),
    )
  })

  test('and its rest, united with what was taken, is the range again', () => {
    fc.assert(
      fc.property(anyWindow, anyWindows, (range, windows) => {
        expect(unite([...subtract(range, windows), ...windows, range])).toEqual(unite([...windows, range]))
      }),
    )
  })

  test('is empty where everything is covered', () => {
    expect(subtract(window(5, 10), [window(0, 7), window(7, 12)])).toEqual([])
    expect(subtract(window(5, 5), [])).toEqual([])
  })
})

describe('the cursor', () => {
  test('is the end of what is covered from the start on without a hole', () => {
    expect(contiguousEnd([window(0, 10), window(12, 20)], 3)).toBe(10)
    expect(contiguousEnd([window(0, 10), window(10, 20)], 3)).toBe(20)
  })

  test('is the start itself when that is not covered', () => {
    expect(contiguousEnd([], 5)).toBe(5)
    expect(contiguousEnd([window(6, 10)], 5)).toBe(5)
    expect(contiguousEnd([window(0, 5)], 5)).toBe(5)
  })

  test('never goes back when more is covered', () => {
    fc.assert(
      fc.property(anyWindows, anyWindow, fc.nat(30), (windows, more, start) => {
        expect(contiguousEnd([...windows, more], start)).toBeGreaterThanOrEqual(contiguousEnd(windows, start))
      }),
    )
  })
})

test('gaps are the holes between covered ranges', () => {
  expect(gaps([])).toEqual([])
  expect(gaps([window(3, 8)])).toEqual([])
  expect(gaps([window(12, 20), window(0, 5), window(25, 30), window(5, 10)])).toEqual([window(10, 12), window(20, 25)])
})

describe('cut windows', () => {
  test('are as few as possible, none longer than is allowed, and the same time', () => {
    fc.assert(
      fc.property(anyWindows, fc.integer({ min: 1, max: 12 }), (windows, most) => {
        const whole = unite(windows)
        const pieces = cut(whole, most)
        expect(unite(pieces)).toEqual(whole)
        for (const { from, to } of pieces) expect(to - from).toBeLessThanOrEqual(most)
        const fewest = whole.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / most), 0)
        expect(pieces).toHaveLength(fewest)
      }),
    )
  })
})

test('windows that only touch do not overlap', () => {
  expect(overlaps(window(0, 5), window(5, 9))).toBe(false)
  expect(overlaps(window(0, 6), window(5, 9))).toBe(true)
})
