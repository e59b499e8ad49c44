import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret, secretsOfUrl } from '../../src/domain/secret.ts'

describe('a secret', () => {
  const secret = new Secret('hunter2')

  it('is given away by reveal only', () => {
    expect(secret.reveal()).toBe('hunter2')
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      inspect(new Map([[secret, secret]])),
      Object.values(secret).join(),
      JSON.stringify(structuredClone({ ...secret })),
    ]
    expect(printed.filter((text) => text.includes('hunter2'))).toEqual([])
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}')
  })
})

describe('the secrets of a URL', () => {
  it('are its password, as written and decoded, and then the URL', () => {
    const secrets = (url: string) => secretsOfUrl(url).map((secret) => secret.reveal())
    expect(secrets('postgres://me:p%40ss@db/x')).toEqual(['postgres://me:p%40ss@db/x', 'p%40ss', 'p@ss'])
    expect(secrets('postgres://me:100%@db/x')).toEqual(['postgres://me:100%@db/x', '100%'])
    expect(secrets('postgres:///x?host=/run&password=abc')).toEqual(['postgres:///x?host=/run&password=abc', 'abc'])
    expect(secrets('https://proxy.example/?id=1&api_key=abc')).toEqual([
      'https://proxy.example/?id=1&api_key=abc',
      'abc',
    ])
    expect(secrets('postgres://me@db:5432/x?application_name=a&sslkey=client.key')).toEqual([])
  })
})
