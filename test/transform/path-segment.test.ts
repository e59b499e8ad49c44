import { expect, test } from 'vitest'
import { encodedId, pathSegment } from '../../src/transform/path-segment.ts'

test('an id is one segment of a path, whatever stands in it', () => {
  expect(pathSegment('a/b?c#d e')).toBe('a%2Fb%3Fc%23d%20e')
})

test.each(['', '.', '..', 'half a \ud800 character'])('no path can hold %j', (id) => {
  expect(pathSegment(id)).toBeNull()
})

test('an address that is only stored has the replacement character for half of one', () => {
  expect(encodedId('rec-\ud800')).toBe('rec-%EF%BF%BD')
})
