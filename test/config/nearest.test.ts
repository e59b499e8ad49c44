import { expect, it } from 'vitest'
import { editDistance, nearest } from '../../src/config/nearest.ts'

it('counts inserted, deleted, replaced and swapped characters', () => {
  expect([
    editDistance('', 'abc'),
    editDistance('abc', 'abc'),
    editDistance('kitten', 'sitting'),
    editDistance('ab', 'ba'),
  ]).toEqual([3, 0, 3, 1])
})

it('finds what was probably meant, and nothing when nothing is near', () => {
  const keys = ['paths', 'default_country', 'records_at']
  expect(['pths', 'DefaultCountry', 'record-at', 'zone', ''].map((word) => nearest(word, keys))).toEqual([
    'paths',
    'default_country',
    'records_at',
    null,
    null,
  ])
})
