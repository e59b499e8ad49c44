import { describe, expect, test } from 'vitest'
import { compileTime, formOf, readTime, writeTime } from '../../../src/sources/voipbin/times.ts'

const july = 1_784_041_331_000_000

describe('a time', () => {
  test.each([
    ['2026-07-14 15:02:11', july],
    ['2026-07-14T15:02:11Z', july],
    ['2026-07-14T15:02:11.5Z', july + 500_000],
    ['2026-07-14 15:02:11.051136', july + 51_136],
    ['2026-07-14T15:02:11.051136999Z', july + 51_136],
    ['2026-07-14T10:02:11.000001-05:00', july + 1],
  ])('%s is read in UTC, with all its microseconds', (text, micros) => {
    expect(readTime(text)).toBe(micros)
  })

  test.each([
    '9999-01-01 00:00:00.000000',
    '9999-01-01T00:00:00.000000Z',
    '9999-12-31T23:59:59Z',
    '0001-01-01T00:00:00Z',
    '0001-01-01 00:00:00.000000',
  ])('%s is unset', (text) => {
    expect(readTime(text)).toBeNull()
  })

  test('is unset when its key is absent, null or empty', () => {
    const tmEnd = compileTime('tm_end')
    expect([{}, { tm_end: null }, { tm_end: '' }, { tm_end: ' ' }].map(tmEnd)).toEqual([null, null, null, null])
  })

  test.each(['yesterday', '2026-02-30 00:00:00', '1784041331'])('%s is none', (text) => {
    expect(readTime(text)).toMatchObject({ kind: 'invalid' })
  })
})

describe('a page token', () => {
  test('has six digits in the form that the server writes', () => {
    expect(writeTime(july, 'rfc3339')).toBe('2026-07-14T15:02:11.000000Z')
    expect(writeTime(july + 51_136, 'rfc3339')).toBe('2026-07-14T15:02:11.051136Z')
    expect(writeTime(july + 1, 'blank')).toBe('2026-07-14 15:02:11.000001')
    expect([formOf('2021-01-28 09:16:58.076735'), formOf('2021-01-28T09:16:58.076735Z')]).toEqual(['blank', 'rfc3339'])
  })
})
