import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { derivedId } from '../../src/transform/derived-id.ts'

describe('a derived id', () => {
  it.each<[readonly (string | null)[], string]>([
    [['+15125550123', '2026-07-14T15:02:11', null], '0268b88879cce11646cca7a600a00a90'],
    [['Grüße', '', '😀'], '19665111f31c5145d87feb23f506af2e'],
    [[], 'e3b0c44298fc1c149afbf4c8996fb924'],
  ])('of %j is for ever %s', (values, expected) => {
    expect(derivedId(values)).toBe(expected)
  })

  test('differs whenever a value differs, moves to another column or is null instead of empty', () => {
    const values = fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 4 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(derivedId(a) === derivedId(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 2000 },
    )
    const ids = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['abc'],
      ['abc', ''],
      ['abc', null],
      ['1:a'],
      ['a', 'b', 'c'],
      [null],
      [''],
    ].map(derivedId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
