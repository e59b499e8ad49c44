import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putNumber } from '../../src/load/put-bytes.ts'

const written = (value: number): string => {
  const out = Buffer.alloc(40, 'x')
  const end = putNumber(out, 3, value)
  return `${out.toString('latin1', 0, 3)} ${out.toString('latin1', 3, end)} ${out.toString('latin1', end, end + 3)}`
}

test('whole numbers are written with all their digits, and nothing beside them', () => {
  const borders = Array.from({ length: 16 }, (_, digits) => 10 ** digits)
  const numbers = [0, 2 ** 31, 2 ** 32, 2 ** 53, ...borders, 1_764_400_000_000_000].flatMap((value) => [
    value,
    value + 1,
    Math.max(0, value - 1),
  ])
  for (const value of numbers.filter(Number.isSafeInteger)) expect(written(value)).toBe(`xxx ${value} xxx`)
  fc.assert(fc.property(fc.maxSafeNat(), (value) => written(value) === `xxx ${value} xxx`))
})
