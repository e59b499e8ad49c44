import { describe, expect, test } from 'vitest'
import { SourceProtocolError } from '../../../src/domain/errors.ts'
import type { JsonAnswer } from '../../../src/sources/http/http-client.ts'
import { explainErrors, rateLimitOf, readList } from '../../../src/sources/telnyx/answer.ts'

const baseUrl = new URL('https://api.telnyx.com/v2')

const answer = (body: unknown): JsonAnswer => ({
  status: 200,
  headers: new Headers(),
  body,
  askedAt: 1,
  servedAt: null,
})

const read = (body: unknown) => readList(answer(body), baseUrl, 'connection front-desk: recordings')

describe('a list', () => {
  test('says what its meta says, numbers as text too', () => {
    const meta = { page_number: 2, page_size: 250, total_pages: '3', total_results: '700' }
    expect(read({ data: [{ id: 'a' }], meta })).toMatchObject({
      items: [{ id: 'a' }],
      number: 2,
      lastNumber: 3,
      total: 700,
      nextToken: null,
    })
  })

  test.each([undefined, null, {}, { total_results: null }, { total_results: -1 }, { total_results: 1.5 }])(
    'with meta %j says nothing',
    (meta) => {
      expect(read({ data: [], meta })).toMatchObject({ number: null, lastNumber: null, total: null, nextToken: null })
    },
  )

  test('leads on by a token, wherever its address leads', () => {
    const next = '/v2/recording_transcriptions?page%5Bafter%5D=abc%3D&page%5Bsize%5D=250'
    expect(read({ data: [], meta: { next } }).nextToken).toBe('abc=')
    expect(read({ data: [], meta: { next: `https://api.telnyx.com${next}` } }).nextToken).toBe('abc=')
    expect(read({ data: [], meta: { cursors: { after: 'abc' }, next: 'https://other.example.test/' } }).nextToken).toBe(
      'abc',
    )
    expect(read({ data: [], meta: { cursors: { after: null }, next: null } }).nextToken).toBeNull()
  })

  test('that leads to another host only is refused', () => {
    const next = 'https://other.example.test/v2/recording_transcriptions?page[after]=abc'
    expect(() => read({ data: [], meta: { next } })).toThrow(SourceProtocolError)
  })

  test.each([undefined, null, [], 'text', {}, { data: null }, { data: {} }])('is not %j', (body) => {
    expect(() => read(body)).toThrow('connection front-desk: recordings: the answer has no list in data')
  })
})

test('limits reset after so many seconds', () => {
  const headers = new Headers({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' })
  expect(rateLimitOf(headers)).toEqual({ remaining: 0, resetMs: 3000 })
  expect(rateLimitOf(new Headers())).toEqual({ remaining: null, resetMs: null })
  expect(rateLimitOf(new Headers({ 'x-ratelimit-reset': 'soon' }))).toEqual({ remaining: null, resetMs: null })
})

test('a refusal is explained by its errors, whatever form their codes have', () => {
  const errors = [
    { code: 10011, title: 'Too many requests', detail: 'Wait', meta: { url: 'https://example.test' } },
    { code: '10015', title: 'Bad request' },
    { code: 'third' },
  ]
  expect(explainErrors({ errors })).toBe('10011, Too many requests, Wait; 10015, Bad request')
  expect(explainErrors({ errors: [{ title: 'x'.repeat(500) }] })).toHaveLength(200)
  for (const body of [undefined, null, {}, { errors: null }, { errors: [] }, { errors: ['text'] }]) {
    expect(explainErrors(body)).toBeNull()
  }
})
