import { expect, test } from 'vitest'
import { bare, json, raw, type Script, startScriptedServer } from '../../support/scripted-server.ts'
import { asking, clientOf, failureOf, key } from './asking.ts'

const explain = (body: unknown): string | null => (body === undefined ? null : JSON.stringify(body))

test.each([301, 302, 303, 307, 308])('no credentials cross a redirect (%i)', async (status) => {
  const other = await startScriptedServer(json({}))
  const location = `${other.url.href}recordings?signature=abc`
  const server = await startScriptedServer(bare(status, { location }))
  const client = clientOf(server.url)
  expect(await failureOf(client.json({ path: '/recordings' }, asking()))).toBe(
    `SourceProtocolError: connection front-desk: Telnyx redirects GET /recordings (${status}) to ${other.url.host}; it was ` +
      'not followed, as credentials never cross to another address; correct base_url if the API has moved',
  )
  expect(other.seen).toEqual([])
  expect(client.requests()).toBe(1)
})

test.each([
  ['nowhere', {}],
  ['an address that is none', { location: 'http://[' }],
])('a redirect to %s has an unknown host', async (_, headers) => {
  const server = await startScriptedServer(bare(302, headers))
  expect(await failureOf(clientOf(server.url).json({ path: '/x' }, asking()))).toContain('to an unknown host;')
})

/** Servers that echo the credentials wherever they can. */
const echoes: readonly (readonly [string, (authorization: string) => Script])[] = [
  ['the text of a refusal', (authorization) => json({ authorization, key: authorization.slice(7) }, 400)],
  ['a refusal of the key', (authorization) => json([authorization, encodeURIComponent(authorization)], 401)],
  ['a refusal for good', (authorization) => json(Buffer.from(authorization).toString('base64'), 403)],
  ['an overload', (authorization) => json(authorization.toLowerCase(), 503)],
  ['the reason phrase', (authorization) => (response) => response.writeHead(500, authorization).end()],
  [
    'a page',
    (authorization) => raw(`<html>${authorization}`, 200, { 'content-type': `text/${authorization.slice(7)}` }),
  ],
  ['what is no JSON', (authorization) => raw(authorization)],
  ['a redirect', (authorization) => bare(302, { location: `https://${authorization.slice(7)}.evil.test/` })],
  ['retry-after', (authorization) => bare(429, { 'retry-after': authorization, date: authorization })],
  ['what is no HTTP', (authorization) => (response) => response.socket?.end(`${authorization}\r\n\r\n`)],
]

const echo =
  (script: (authorization: string) => Script): Script =>
  (response, seen) =>
    script(seen.headers.authorization ?? '')(response, seen)

test.each(echoes)('credentials that a server echoes are in no error: %s', async (_, script) => {
  const server = await startScriptedServer(echo(script))
  const context = asking()
  const error = await clientOf(server.url, { explain, retry: { firstDelayMs: 1, tellAboveMs: 0 } })
    .json({ path: '/x' }, context)
    .catch((thrown) => thrown)
  expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${key}`)
  expect(error).toBeInstanceOf(Error)
  const shown = [error.message, error.stack, String(error.cause ?? ''), JSON.stringify(error), ...context.notices].join(
    '\n',
  )
  for (const form of [key, Buffer.from(key).toString('base64').slice(2, -4), key.slice(0, 12)])
    expect(shown.toLowerCase()).not.toContain(form.toLowerCase())
})

test('user and password of a Basic header are in no error either', async () => {
  const server = await startScriptedServer(json({ told: 'agent-seven has the password 0pen-sesame' }, 422))
  const authorize = async () => ({
    Authorization: `Basic ${Buffer.from('agent-seven:0pen-sesame').toString('base64')}`,
  })
  const failure = await failureOf(clientOf(server.url, { authorize, explain }).json({ path: '/x' }, asking()))
  expect(failure).toContain('(422: {"told":"[redacted] has the password [redacted]"})')
})

test('what a vendor says is one short line', async () => {
  const server = await startScriptedServer(json(`a\n\u001b[31mb\u202e${'c'.repeat(1000)}`, 422))
  const said = (body: unknown) => String(body)
  expect(await failureOf(clientOf(server.url, { explain: said }).json({ path: '/x' }, asking()))).toContain(
    `(422: a [31mb ${'c'.repeat(192)}...)`,
  )
})

test('an error names of the query what cannot be personal or secret', async () => {
  const server = await startScriptedServer(bare(422))
  const query = [
    ['page[number]', '2'],
    ['page[size]', '250'],
    ['page[after]', 'b3BhcXVl'],
    ['filter[created_at][gte]', '2026-07-14T00:00:00.000001Z'],
    ['since', '2026-07-14'],
    ['filter[from]', '15125550123'],
    ['created_after', '1752505331'],
    ['token', '123456'],
  ] as const
  const failure = await failureOf(clientOf(server.url).json({ path: '/x', query }, asking()))
  expect(failure).toContain(
    'GET /x?page[number]=2&page[size]=250&page[after]&filter[created_at][gte]=2026-07-14T00:00:00.000001Z&' +
      'since=2026-07-14&filter[from]&created_after&token (422)',
  )
})

test('a key in a cookie that a server echoes is in no error', async () => {
  const server = await startScriptedServer(json({ said: `${key} of ${key.toLowerCase()} is wrong` }, 401))
  const client = clientOf(server.url, { explain, authorize: async () => ({ Cookie: `first=${key}; second=x` }) })
  const failure = await failureOf(client.json({ path: '/x' }, asking()))
  expect(server.seen[0]?.headers.cookie).toBe(`first=${key}; second=x`)
  expect(failure).toContain('[redacted] of [redacted] is wrong')
  expect(failure.toLowerCase()).not.toContain(key.toLowerCase())
})

test('a redirect that is asked for is answered with its headers, whatever stands beside them, and not followed', async () => {
  const other = await startScriptedServer(json({}))
  const location = `${other.url.href}audio.wav`
  const server = await startScriptedServer(raw('<a href="/elsewhere">Temporary Redirect</a>', 307, { location }))
  const answer = await clientOf(server.url).json({ path: '/x', accept: [307] }, asking())
  expect([answer.status, answer.headers.get('location'), answer.body]).toEqual([307, location, undefined])
  expect(other.seen).toEqual([])
})
