import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { baseUrlSetting, requireSafeBaseUrl } from '../../../src/domain/base-url.ts'
import { ConfigError } from '../../../src/domain/errors.ts'
import { clientOf } from './asking.ts'

const settings = z.strictObject({ base_url: baseUrlSetting('https://api.telnyx.com/v2') })

describe('a base URL', () => {
  test.each([
    ['https://api.telnyx.com/v2', 'https://api.telnyx.com/v2'],
    ['https://api.telnyx.com/v2//', 'https://api.telnyx.com/v2'],
    ['https://api.telnyx.com', 'https://api.telnyx.com/'],
    ['http://127.0.0.1:8080/v2/', 'http://127.0.0.1:8080/v2'],
    ['http://localhost:8080', 'http://localhost:8080/'],
    ['http://telnyx.localhost', 'http://telnyx.localhost/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
  ])('%s is one', (text, href) => {
    expect(settings.parse({ base_url: text }).base_url.href).toBe(href)
  })

  test('is that of the vendor when none is given', () => {
    expect(settings.parse({}).base_url.href).toBe('https://api.telnyx.com/v2')
  })

  test.each([
    ['http://api.telnyx.com/v2', /credentials would travel in clear/],
    ['http://127.0.0.1.evil.test/', /credentials would travel in clear/],
    ['http://192.168.0.1/', /credentials would travel in clear/],
    ['ftp://127.0.0.1/', /is no web address/],
    ['file:///etc/passwd', /is no web address/],
    ['api.telnyx.com', /is no web address/],
    ['', /is no web address/],
    ['https://me@api.telnyx.com/', /has a user or password in it/],
    ['https://:pass@api.telnyx.com/', /has a user or password in it/],
    ['https://api.telnyx.com/?api_key=x', /has a query or fragment/],
    ['https://api.telnyx.com/#x', /has a query or fragment/],
  ])('%s is none', (text, problem) => {
    const result = settings.safeParse({ base_url: text })
    expect(result.error?.issues.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: expect.stringMatching(problem), path: ['base_url'] },
    ])
    expect(JSON.stringify(result.error)).not.toContain('pass@')
  })

  test('has a JSON schema that shows what stands for it', () => {
    expect(z.toJSONSchema(settings, { io: 'input' }).properties).toEqual({
      base_url: { type: 'string', default: 'https://api.telnyx.com/v2' },
    })
  })

  test('that is not safe gets no client', () => {
    const url = new URL('http://me:secret@api.telnyx.com/')
    expect(() => clientOf(url)).toThrow(ConfigError)
    expect(() => requireSafeBaseUrl(url)).toThrow(/^base_url is an http: address/)
  })
})
