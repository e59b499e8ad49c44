import { describe, expect, it, test } from 'vitest'
import { compileDurationReader, type DurationUnit } from '../../src/transform/duration.ts'

const seconds = (unit: DurationUnit, cell: string): number | string => {
  const reading = compileDurationReader(unit)(cell)
  return reading.kind === 'value' ? reading.value : reading.code
}

describe('a duration', () => {
  it.each<[DurationUnit, string, number]>([
    ['s', '73', 73],
    ['s', '0', 0],
    ['s', '0.4', 0],
    ['s', '0.5', 1],
    ['s', '0.49999999999999994', 0],
    ['s', '2.5', 3],
    ['s', '007', 7],
    ['s', '12.345678901234567', 12],
    ['s', '2147483647', 2_147_483_647],
    ['ms', '1499', 1],
    ['ms', '1500', 2],
    ['ms', '72600', 73],
    ['h:mm:ss', '1:02:03', 3723],
    ['h:mm:ss', '00:01:13', 73],
    ['h:mm:ss', '1:13', 73],
    ['h:mm:ss', '75:30', 4530],
    ['h:mm:ss', '0:00:59.5', 60],
    ['h:mm:ss', '100:00:00', 360_000],
  ])('in %s, %s is %s seconds', (unit, cell, expected) => {
    expect(seconds(unit, cell)).toBe(expected)
  })

  it.each<[DurationUnit, string]>([
    ['s', '-1'],
    ['s', '-0'],
    ['s', 'NaN'],
    ['s', 'Infinity'],
    ['s', '1,234.5'],
    ['s', '1e3'],
    ['s', '73s'],
    ['s', '1:13'],
    ['s', '.5'],
    ['s', '0x10'],
    ['s', '2147483648'],
    ['s', '99999999999999999999'],
    ['h:mm:ss', '73'],
    ['h:mm:ss', '1:60'],
    ['h:mm:ss', '1:60:00'],
    ['h:mm:ss', '1:2:3'],
    ['h:mm:ss', '-1:13'],
  ])('in %s, %s is refused', (unit, cell) => {
    expect(seconds(unit, cell)).toBe('invalid-duration')
  })

  test('that is refused is explained', () => {
    expect(compileDurationReader('s')('1,234.5')).toEqual({
      kind: 'invalid',
      code: 'invalid-duration',
      detail: '"1,234.5" is not seconds: digits, with a decimal point at most',
    })
    expect(compileDurationReader('ms')('9999999999999')).toEqual({
      kind: 'invalid',
      code: 'invalid-duration',
      detail: '"9999999999999" is longer than 2147483647 seconds',
    })
  })
})
