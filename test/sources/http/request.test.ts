import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AnswerSizes } from '../../../src/sources/answer-sizes.ts'
import { bare, json, raw, startScriptedServer } from '../../support/scripted-server.ts'
import { asking, clientOf, failureOf, key } from './asking.ts'

describe('what is sent', () => {
  test('a GET carries the credentials, and its query encoded', async () => {
    const server = await startScriptedServer(json({ data: [] }))
    const query = [
      ['page[size]', '250'],
      ['filter[from]', '+1 512&x'],
    ] as const
    await clientOf(new URL('/v2/', server.url)).json({ path: '/recordings', query }, asking())
    expect(server.seen[0]).toMatchObject({
      method: 'GET',
      path: '/v2/recordings?page%5Bsize%5D=250&filter%5Bfrom%5D=%2B1%20512%26x',
      headers: { authorization: `Bearer ${key}`, accept: 'application/json' },
      body: '',
    })
  })

  test('a POST carries JSON', async () => {
    const server = await startScriptedServer(json({}))
    await clientOf(server.url).json({ method: 'POST', path: '/query', body: { a: 'ü' } }, asking())
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ü"}',
    })
  })

  test('a POST carries a form where one is asked for', async () => {
    const server = await startScriptedServer(json({}))
    const form = [
      ['grant_type', 'client_credentials'],
      ['scope', 'a b&c'],
    ] as const
    await clientOf(server.url).json({ method: 'POST', path: '/oauth/token', form }, asking())
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=a%20b%26c',
    })
  })

  test.each([
    '//evil.test/x',
    '/a/../../b',
    '/a/%2e%2e/b',
    'https://evil.test/',
    '/a?b',
    '/a#b',
    '/\\evil.test',
    '/a b',
    'x',
    '',
    '/\t/evil.test',
  ])('the path %j is a defect, and nothing is sent', async (path) => {
    const server = await startScriptedServer(json({}))
    expect(await failureOf(clientOf(new URL('/v2', server.url)).json({ path }, asking()))).toMatch(/^TypeError: /)
    expect(server.seen).toEqual([])
  })

  test('a key that no header can carry is a matter of configuration, and is not shown', async () => {
    const server = await startScriptedServer(json({}))
    for (const bad of [`Bearer ${key}\nX: y`, `Bearer ${key}\u2013`]) {
      const client = clientOf(server.url, { authorize: async () => ({ Authorization: bad }) })
      expect(await failureOf(client.json({ path: '/x' }, asking()))).toBe(
        'ConfigError: connection front-desk: api_key holds characters that no request can carry (a line end, a ' +
          'typographic dash); copy it again, without what stands around it',
      )
    }
    expect(server.seen).toEqual([])
  })
})

describe('an answer', () => {
  test('gives status, body, and the clocks of both sides', async () => {
    const date = 'Fri, 20 Nov 2026 10:00:00 GMT'
    const server = await startScriptedServer(json({ a: 1 }, 201, { date }))
    const before = Date.now() * 1000
    const answer = await clientOf(server.url).json({ path: '/x' }, asking())
    expect(answer).toMatchObject({ status: 201, body: { a: 1 }, servedAt: 1_795_168_800_000_000 })
    expect(answer.askedAt).toBeGreaterThanOrEqual(before)
    expect(answer.askedAt).toBeLessThanOrEqual(Date.now() * 1000)
  })

  test('without a readable date leaves the clock of the vendor unknown', async () => {
    const server = await startScriptedServer(json({}, 200, { date: 'yesterday' }))
    expect(await clientOf(server.url).json({ path: '/x' }, asking())).toMatchObject({ servedAt: null })
  })

  test('keeps whole numbers of 16 and more digits as text', async () => {
    const server = await startScriptedServer(raw('{"id":1752000000000000621,"n":12}'))
    expect(await clientOf(server.url).json({ path: '/x' }, asking())).toMatchObject({
      body: { id: '1752000000000000621', n: 12 },
    })
  })

  test('without a body has none', async () => {
    const server = await startScriptedServer(bare(204), raw(' \n'))
    const client = clientOf(server.url)
    expect(await client.json({ path: '/x' }, asking())).toMatchObject({ status: 204, body: undefined })
    expect(await client.json({ path: '/x' }, asking())).toMatchObject({ status: 200, body: undefined })
  })

  test('may be compressed', async () => {
    const server = await startScriptedServer(raw(gzipSync('{"a":"b"}'), 200, { 'content-encoding': 'gzip' }))
    expect(await clientOf(server.url).json({ path: '/x' }, asking())).toMatchObject({ body: { a: 'b' } })
    expect(server.seen[0]?.headers['accept-encoding']).toContain('gzip')
  })

  test('with an accepted status is one for the caller, 403 too', async () => {
    const server = await startScriptedServer(json({ errors: [] }, 404), json({}, 403))
    const client = clientOf(server.url)
    const request = { path: '/x', accept: [403, 404] }
    expect(await client.json(request, asking())).toMatchObject({ status: 404, body: { errors: [] } })
    expect(await client.json(request, asking())).toMatchObject({ status: 403 })
    expect(client.requests()).toBe(2)
  })

  test('of a proxy is none, though its status be accepted', async () => {
    const server = await startScriptedServer(raw('<html>no such site</html>', 404))
    const failure = await failureOf(clientOf(server.url).json({ path: '/x/1', accept: [404] }, asking()))
    expect(failure).toMatch(/^UnreadableAnswer: .*an HTML page \(status 404\)/)
  })
})

describe('the largest answer', () => {
  const settings = { maxResponseBytes: 1000 }
  const long = (length: number) => JSON.stringify('x'.repeat(length - 2))

  test('is read', async () => {
    const server = await startScriptedServer(raw(long(1000)))
    expect(await clientOf(server.url, settings).json({ path: '/x' }, asking())).toMatchObject({ body: 'x'.repeat(998) })
  })

  test('is not exceeded, and the connection is closed', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200).write(long(1001))
    })
    const client = clientOf(server.url, settings)
    expect(await failureOf(client.json({ path: '/x', query: [['page[size]', '250']] }, asking()))).toBe(
      'ResponseTooLarge: connection front-desk: the answer of Telnyx to GET /x?page[size]=250 is larger than 1000 bytes ' +
        '(max_response_bytes)',
    )
    await server.seen[0]?.closed
    expect(client.requests()).toBe(1)
  })

  test('is smaller for what can be asked for in parts, whatever the setting', async () => {
    const server = await startScriptedServer(raw(long(8_000_001)), raw(long(8_000_001)))
    const client = clientOf(server.url, { maxResponseBytes: 64_000_000 })
    expect(await failureOf(client.json({ path: '/x', isDivisible: true }, asking()))).toMatch(
      /^ResponseTooLarge: .* larger than 8000000 bytes/,
    )
    expect(await client.json({ path: '/x' }, asking())).toMatchObject({ status: 200 })
  })

  test('that is stated to be larger is not read', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200, { 'content-length': '1001' }).write('"')
    })
    expect(await failureOf(clientOf(server.url, settings).json({ path: '/x' }, asking()))).toMatch(/^ResponseTooLarge/)
    await server.seen[0]?.closed
  })

  test('is counted after decompression', async () => {
    const bomb = gzipSync(long(50_000_000))
    const server = await startScriptedServer(raw(bomb, 200, { 'content-encoding': 'gzip' }))
    expect(await failureOf(clientOf(server.url, settings).json({ path: '/x' }, asking()))).toMatch(/^ResponseTooLarge/)
  })

  test('of a refusal is small: the rest is not waited for', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(400).write('x'.repeat(100_000))
    })
    expect(await failureOf(clientOf(server.url).json({ path: '/x' }, asking()))).toMatch(
      /^SourceProtocolError: connection front-desk: Telnyx refuses GET \/x \(400\)/,
    )
  })
  test('of a refusal says nothing of how large answers are', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(400).write('x'.repeat(100_000))
    })
    const sizes = new AnswerSizes()
    const before = sizes.atOnce
    const client = clientOf(server.url, { maxResponseBytes: 64_000_000 })
    await failureOf(client.json({ path: '/x' }, { ...asking(), sizes }))
    expect(sizes.atOnce).toBe(before)
  })
})
