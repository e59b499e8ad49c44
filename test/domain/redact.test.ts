import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/domain/redact.ts'
import { Secret } from '../../src/domain/secret.ts'

const value = 'k/y+"1 ü=\\2'

describe('a redactor', () => {
  const redact = createRedactor([new Secret(value), 'abc'])

  it('hides a secret in plain, URL-encoded, JSON-escaped and base64 form', () => {
    const base64 = Buffer.from(value).toString('base64')
    const texts = [
      value,
      encodeURIComponent(value),
      encodeURIComponent(value).toLowerCase(),
      new URLSearchParams({ x: value }).toString(),
      JSON.stringify({ x: value }),
      JSON.stringify({ x: value }).replaceAll('/', '\\/'),
      `Basic ${base64}`,
    ]
    expect(texts.map(redact)).toEqual([
      '[redacted]',
      '[redacted]',
      '[redacted]',
      'x=[redacted]',
      '{"x":"[redacted]"}',
      '{"x":"[redacted]"}',
      'Basic [redacted]',
    ])
  })

  it('hides a secret inside the base64 of a longer text, wherever it begins', () => {
    for (const user of ['', 'a', 'ab', 'abd']) {
      const header = Buffer.from(`${user}:secret-key-1:x`).toString('base64')
      const hidden = createRedactor(['secret-key-1'])(header)
      expect(hidden).toContain('[redacted]')
      expect(Buffer.from(hidden.replace('[redacted]', ''), 'base64').toString()).not.toContain('secret')
    }
  })

  it('hides every occurrence, the longer of two secrets first, and what it put in place not again', () => {
    expect(createRedactor(['key', 'key-long', 'red'])('key-long key red')).toBe('[redacted] [redacted] [redacted]')
  })

  it('hides a short secret in plain form only, and an empty one not at all', () => {
    expect(redact(`abc ${Buffer.from('abc').toString('base64')}`)).toBe('[redacted] YWJj')
    expect(createRedactor([''])('text')).toBe('text')
  })

  it('hides each line of a private key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort\n-----END PRIVATE KEY-----\n'
    const hide = createRedactor([key])
    expect(hide(`x ${key.trim()} y`)).toBe('x [redacted] y')
    expect(hide(JSON.stringify({ key }))).toBe('{"key":"[redacted]"}')
    expect(hide('line 2: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC')).toBe('line 2: [redacted]')
  })

  it('finds in bytes what it hides, and nothing else', () => {
    const url = `postgres://me:${encodeURIComponent(value)}@host/db`
    const redactor = createRedactor([value, url, 'abc', 'long-enough-key'])
    const holds = (text: string) => redactor.holdsSecret(Buffer.from(text))
    const hidden = [value, url, 'x abc', 'a long-enough-key', JSON.stringify({ value }), encodeURIComponent(value)]
    const inBase64 = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}long-enough-key:x`).toString('base64'))
    for (const text of [...hidden, ...inBase64])
      expect([text, holds(text), redactor(text) === text]).toEqual([text, true, false])
    for (const text of ['', 'ab c', 'long-enough-kex', 'ü=', '"1 '])
      expect([text, holds(text), redactor(text)]).toEqual([text, false, text])
    // A signed query and userinfo are no secrets of ours.
    expect(holds('https://me:you@host/a?signature=x')).toBe(false)
  })

  it('takes regular expression signs for what they are', () => {
    expect(createRedactor(['a.b*c$(d)[e]'])('a.b*c$(d)[e] axbbcd')).toBe('[redacted] axbbcd')
  })
})

describe('without knowing any secret, a redactor', () => {
  const redact = createRedactor([])

  it('hides userinfo and passwords in URLs', () => {
    expect(redact('to postgres://me:p/w#@1@db:5432/x failed')).toBe('to postgres://[redacted]@db:5432/x failed')
    expect(redact('"postgresql://me:pw@db/x"')).toBe('"postgresql://[redacted]@db/x"')
    expect(redact('https://me:pw@proxy:8080/a')).toBe('https://[redacted]@proxy:8080/a')
    expect(redact('https://token@proxy:8080/a')).toBe('https://[redacted]@proxy:8080/a')
    expect(redact('postgres://me@db:5432/x?a=b')).toBe('postgres://[redacted]@db:5432/x?a=b')
    expect(redact('postgres://db/x?host=a&password=pw')).toBe('postgres://db/x?[redacted]')
  })

  it('leaves URLs without credentials as they are', () => {
    const harmless = [
      'postgres://db:5432/x?application_name=reelhouse',
      'https://api.example.com:8443/v2/recordings?page[size]=250&filter[created_at][gte]=2024-01-01T00:00:00Z',
      'https://api.example.com/calls?page_token=abc&pageToken=abc&next_page_token=abc&cursor=abc',
      'Is it there? Yes: 12:30, me@example.com',
    ]
    expect(harmless.map(redact)).toEqual(harmless)
  })

  it('hides signed queries, of whichever vendor', () => {
    const queries = [
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc',
      'x-goog-signature=abc&a=b',
      'GoogleAccessId=a&Expires=1&Signature=abc',
      'sv=2024&sig=abc%3D',
      'token=abc',
      'a=b&access_token=abc',
      'accesskey=abc',
      'api_key=abc',
      'apiKey=abc',
      'Policy=abc&Key-Pair-Id=K',
      'a=b&amp;token=abc',
      'a=b\\u0026token=abc',
      "name='a.mp3'&sig=abc",
      'a=b\\\\u0026sig=abc',
      'url=https%3A%2F%2Fs3%2Fa%3FX-Amz-Signature%3Dabc',
    ]
    for (const query of queries)
      expect(redact(`https://s3.example/a.mp3?${query}`)).toBe('https://s3.example/a.mp3?[redacted]')
  })

  it('hides only the query: what stands around it remains', () => {
    const url = 'https://s3.example/a.mp3?sig=abc'
    expect(redact(`{"url":"${url}","b":1}`)).toBe('{"url":"https://s3.example/a.mp3?[redacted]","b":1}')
    expect(redact(JSON.stringify(JSON.stringify({ url, b: 1 })))).toBe(
      JSON.stringify(JSON.stringify({ url: 'https://s3.example/a.mp3?[redacted]', b: 1 })),
    )
    expect(redact(`see '${url}', or (${url}).`)).toBe(
      "see 'https://s3.example/a.mp3?[redacted]', or (https://s3.example/a.mp3?[redacted]).",
    )
    expect(redact(`GET /a.mp3?token=abc 200\n<${url}>`)).toBe(
      'GET /a.mp3?[redacted] 200\n<https://s3.example/a.mp3?[redacted]>',
    )
  })

  it('is fast on long texts, also on ones that are made to be slow', () => {
    const hide = createRedactor(Array.from({ length: 20 }, (_, index) => `secret-number-${index}-xyz`))
    const texts = [
      'x'.repeat(4_000_000),
      '://a:'.repeat(200_000),
      'postgres://a:'.repeat(20_000),
      `?${"a'".repeat(500_000)}`,
      '?a=b&'.repeat(200_000),
    ]
    for (const text of texts) {
      const started = performance.now()
      hide(text)
      expect(performance.now() - started).toBeLessThan(2_000)
    }
  })
})
