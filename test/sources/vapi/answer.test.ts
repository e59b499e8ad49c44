import { describe, expect, test } from 'vitest'
import { explainRefusal, isRefusal, rateLimitOf } from '../../../src/sources/vapi/answer.ts'
import { linkExpiry } from '../../../src/sources/vapi/link-expiry.ts'

describe('a refusal', () => {
  test.each([
    [{ statusCode: 404, message: 'Not here.', error: 'Not Found' }, 'Not Found, Not here.'],
    [{ statusCode: 400, message: ['one', ' ', 'two'] }, 'one, two'],
    [{ statusCode: 401, message: 'Unauthorized', error: 'Unauthorized' }, 'Unauthorized'],
    [{ detail: 'of a proxy' }, null],
    ['text', null],
  ])('%j says %s', (body, said) => {
    expect(explainRefusal(body)).toBe(said)
  })

  test('is that of Vapi when it repeats its status', () => {
    expect(isRefusal({ statusCode: 404 }, 404)).toBe(true)
    expect([undefined, {}, { statusCode: '404' }, []].some((body) => isRefusal(body, 404))).toBe(false)
  })
})

describe('the reset of a limit', () => {
  const resetMs = (reset: string) =>
    rateLimitOf(new Headers({ 'X-RateLimit-Reset': reset, Date: 'Wed, 15 Jul 2026 00:00:00 GMT' })).resetMs

  test('is a point in time, by the clock of the answer', () => {
    expect(resetMs(String(Date.UTC(2026, 6, 15, 0, 0, 30) / 1000))).toBe(30_000)
    expect(resetMs(String(Date.UTC(2026, 6, 14) / 1000))).toBe(0)
  })

  test('is a span when it can be nothing else, and unknown when it is no number', () => {
    expect(resetMs('20')).toBe(20_000)
    expect(resetMs('soon')).toBeNull()
    expect(rateLimitOf(new Headers())).toEqual({ remaining: null, resetMs: null })
  })
})

test.each([
  ['X-Amz-Date=20260714T150000Z&X-Amz-Expires=3600', Date.UTC(2026, 6, 14, 16) * 1000],
  ['X-Goog-Date=20260714T150000Z&X-Goog-Expires=60', Date.UTC(2026, 6, 14, 15, 1) * 1000],
  ['Expires=1784041331&Signature=x', 1_784_041_331_000_000],
  ['token=x', null],
])('a link with %s dies at %s', (query, at) => {
  expect(linkExpiry(new URL(`https://storage.example.test/a.wav?${query}`))).toBe(at)
})
