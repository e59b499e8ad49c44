import { describe, expect, it } from 'vitest'
import { stableUrl } from '../../src/transform/signed-link.ts'

describe('the address of a recording', () => {
  it.each([
    'https://api.example.test/v2/recordings/rec-1',
    'http://host:8080/a/b.wav',
    'https://api.example.test/recordings?id=rec-1&format=wav&page=2',
    'https://example.test/@user/rec 1.wav',
    'https://example.test/Grüße.wav#t=10',
    'https://example.test/year=2026/rec%201.wav',
    'https://example.test/recordings/rec-1?page_token=abc',
    's3://bucket/calls/rec-1.wav',
    'gs://bucket/calls/rec-1.wav',
  ])('%s is stored as it is', (text) => {
    expect(stableUrl(text)).toEqual({ kind: 'value', value: text, note: null })
  })

  it.each([
    'https://b.s3.amazonaws.com/r.wav?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc',
    'https://b.s3.amazonaws.com/r.wav?AWSAccessKeyId=A&Expires=1&Signature=abc',
    'https://storage.googleapis.com/b/r.wav?x-goog-signature=abc',
    'https://storage.googleapis.com/b/r.wav?GoogleAccessId=a&Expires=1',
    'https://a.blob.core.windows.net/c/r.wav?sv=2024-01-01&se=2026&sp=r&sig=abc',
    'https://d.cloudfront.net/r.wav?Policy=abc&Key-Pair-Id=K',
    'https://example.test/r.wav?access_token=abc',
    'https://example.test/r.wav?downloadToken=abc',
    'https://example.test/r.wav?a=1;token=abc',
    'https://example.test/r.wav?API-KEY=abc',
    'https://example.test/r.wav?apikey=abc',
    'https://example.test/r.wav?subscription-key=abc',
    'https://example.test/r.wav?auth[token]=abc',
    'https://example.test/r.wav?auth%5Btoken%5D=abc',
    'https://example.test/r.wav?key=abc',
    'https://example.test/play#access_token=abc',
    'https://example.test/play?to=https%3A%2F%2Fb.test%2Fr%3FX-Amz-Signature%3Dabc',
    'https://example.test/proxy/https%3A%2F%2Fb.test%2Fr%3FX-Amz-Signature%3Dabc',
    'https://example.test/token=abc/r.wav',
    'https://user:secret@example.test/r.wav',
    'https://token@example.test/r.wav',
    's3://bucket/r.wav?X-Amz-Signature=abc',
  ])('%s is dropped, and counted', (text) => {
    expect(stableUrl(text)).toEqual({ kind: 'value', value: undefined, note: 'signed-link-dropped' })
  })

  it.each([
    'recordings/rec-1.wav',
    '/mnt/calls/rec-1.wav',
    'rec-1',
    'javascript:alert(1)',
    'data:audio/wav;base64,AAAA',
    'file:///etc/passwd',
    'ftp://example.test/r.wav',
    'https://',
    'https:///r.wav',
    'https://a/r\nhttps://b/r',
    'https://exa mple.test/r',
    'https:\\\\user:secret@example.test\\r',
  ])('%j is none: null, and counted', (text) => {
    expect(stableUrl(text)).toEqual({ kind: 'value', value: null, note: 'url-unreadable' })
  })
})
