import { expect, it } from 'vitest'
import { durationName, parseDuration } from '../../src/domain/duration.ts'

it('reads a whole number and its unit as milliseconds', () => {
  expect(['45s', '30m', '12h', '90d'].map(parseDuration)).toEqual([45_000, 1_800_000, 43_200_000, 7_776_000_000])
})

it('refuses everything else', () => {
  for (const text of ['', '90', 'd', '0d', '-1d', '1.5h', '1 h', '90D', '1w', '1h30m', '1000000d', '1d\n'])
    expect(parseDuration(text)).toBeNull()
})

it('gives equal durations one name', () => {
  const named = (text: string) => durationName(parseDuration(text) ?? 0)
  expect(['24h', '1d', '60m', '90m', '120s', '45s', '36h'].map(named)).toEqual([
    '1d',
    '1d',
    '1h',
    '90m',
    '2m',
    '45s',
    '36h',
  ])
})
