import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { HttpSettings } from '../../../src/sources/http/http-client.ts'
import { authoritiesOf } from '../../../src/sources/http/network-settings.ts'
import {
  type Identity,
  json,
  raw,
  type Script,
  startScriptedServer,
  startTlsServer,
} from '../../support/scripted-server.ts'
import { asking, clientOf, failureOf, key, rejection } from './asking.ts'
import { authority, elsewhere, expired, valid } from './certificates.ts'
import { certificate } from './self-signed.ts'

const ok = json({ ok: true })

/** As the setting of a connection has it: a path relative to the folder of the configuration. */
const trusting = async (...texts: readonly string[]): Promise<Pick<HttpSettings, 'authorities'>> => {
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-ca-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'ca.pem'), texts.join('\n'))
  return {
    authorities: authoritiesOf({ ca_file: 'ca.pem', internal_links: false }, { connectionId: 'front-desk', folder }),
  }
}

test('a host whose authority nobody named is refused, and nothing is sent', async () => {
  const server = await startTlsServer(valid, ok)
  expect(await failureOf(clientOf(server.url).json({ path: '/x' }, asking()))).toBe(
    'ConfigError: connection front-desk: GET /x: the certificate of the host is not trusted ' +
      '(UNABLE_TO_VERIFY_LEAF_SIGNATURE), nothing was sent; correct base_url, or name the certificate authority that ' +
      'signed it in ca_file',
  )
  expect(server.seen).toEqual([])
})

test('with its authority in ca_file it is asked as any other', async () => {
  const compressed = raw(gzipSync('{"compressed":true}'), 200, {
    'content-encoding': 'gzip',
    date: 'Sat, 21 Nov 2026 10:00:00 GMT',
  })
  const server = await startTlsServer(valid, compressed, ok)
  const client = clientOf(server.url, await trusting('# the proxy of the office', certificate, authority))
  expect(await client.json({ path: '/x', query: [['a', 'b c']] }, asking())).toMatchObject({
    status: 200,
    body: { compressed: true },
    servedAt: Date.UTC(2026, 10, 21, 10) * 1000,
  })
  expect(await client.json({ method: 'POST', path: '/y', body: { b: 1 } }, asking())).toMatchObject({
    body: { ok: true },
  })
  expect(server.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['GET', '/x?a=b%20c', ''],
    ['POST', '/y', '{"b":1}'],
  ])
  expect(server.seen[0]?.headers).toMatchObject({
    authorization: `Bearer ${key}`,
    accept: 'application/json',
    'user-agent': 'reelhouse',
  })
  expect(server.seen[1]?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '7' })
})

const unfit: readonly (readonly [string, Identity, string])[] = [
  [
    'that has expired',
    expired,
    'is not valid now (CERT_HAS_EXPIRED), nothing was sent; its owner must renew it, which no ca_file cures; or correct the clock of this machine',
  ],
  [
    'of another host',
    elsewhere,
    'is of another host (ERR_TLS_CERT_ALTNAME_INVALID), nothing was sent; correct base_url, no ca_file cures it',
  ],
]

test.each(unfit)('a certificate %s is refused, whoever signed it', async (_, identity, message) => {
  const server = await startTlsServer(identity, ok)
  const client = clientOf(server.url, await trusting(authority))
  expect(await failureOf(client.json({ path: '/x' }, asking()))).toBe(
    `ConfigError: connection front-desk: GET /x: the certificate of the host ${message}`,
  )
  expect(server.seen).toEqual([])
})

test('one of another authority is refused, though a ca_file is named', async () => {
  const server = await startTlsServer(valid, ok)
  const client = clientOf(server.url, await trusting(certificate))
  expect(await failureOf(client.json({ path: '/x' }, asking()))).toContain(
    'or name the certificate authority that signed it in ca_file',
  )
  expect(server.seen).toEqual([])
})

test.each([
  ['holds no certificate; allowed: certificates in PEM form', 'no certificate'],
  ['holds a certificate that cannot be read; allowed: certificates in PEM form', authority.replace('MII', 'AAA')],
])("a ca_file that %s is the operator's to correct", async (problem, text) => {
  const server = await startTlsServer(valid, ok)
  const failure = await failureOf(clientOf(server.url, await trusting(text)).json({ path: '/x' }, asking()))
  expect(failure).toMatch(/^ConfigError: connection front-desk: ca_file \/.*\/ca\.pem /)
  expect(failure).toContain(problem)
  expect(server.seen).toEqual([])
})

test('so is one that is not there', async () => {
  const server = await startTlsServer(valid, ok)
  const authorities = authoritiesOf(
    { ca_file: 'no.pem', internal_links: false },
    { connectionId: 'front-desk', folder: '/nowhere' },
  )
  expect(await failureOf(clientOf(server.url, { authorities }).json({ path: '/x' }, asking()))).toBe(
    'ConfigError: connection front-desk: ca_file /nowhere/no.pem cannot be read (ENOENT)',
  )
})

/** What Node's own client must make of a bad line as fetch does. */
const breaks: readonly (readonly [string, Script])[] = [
  ['is reset before the answer', (response) => response.socket?.destroy()],
  [
    'is closed within the body',
    (response) => response.writeHead(200).write('{"data":[', () => response.socket?.destroy()),
  ],
  [
    'ends too early',
    (response) => response.writeHead(200, { 'content-length': 100 }).write('{', () => response.socket?.destroy()),
  ],
  ['garbles compressed bytes', raw('no gzip', 200, { 'content-encoding': 'gzip' })],
  [
    'ends within compressed bytes',
    raw(gzipSync('{"data":[1,2,3]}').subarray(0, -12), 200, { 'content-encoding': 'gzip' }),
  ],
  ['is overloaded', json({}, 503)],
  ['never answers', () => undefined],
  ['never ends its answer', (response) => response.writeHead(200).write('{')],
]

test.each(breaks)('with a ca_file, too, a request is tried again when it %s', async (_, script) => {
  const server = await startTlsServer(valid, script, ok)
  const client = clientOf(server.url, { timeoutMs: 1000, ...(await trusting(authority)) })
  expect(await client.json({ path: '/x' }, asking())).toMatchObject({ body: { ok: true } })
  expect(client.requests()).toBe(2)
})

test('with a ca_file, too, an answer that is too large is not waited for, and a stopped run ends at once', async () => {
  const endless: Script = (response) => {
    response.writeHead(200)
    const more = () => response.write('x'.repeat(60_000), () => setImmediate(more))
    more()
  }
  const server = await startTlsServer(valid, endless, () => undefined)
  const client = clientOf(server.url, { maxResponseBytes: 100_000, ...(await trusting(authority)) })
  expect(await failureOf(client.json({ path: '/x' }, asking()))).toMatch(/^ResponseTooLarge: /)
  await server.seen[0]?.closed
  const context = asking()
  const stopped = rejection(client.json({ path: '/x' }, context))
  await server.arrived(2)
  context.stop('SIGTERM')
  expect(await stopped).toBe('SIGTERM')
})

test('with a ca_file, too, no redirect is followed, least of all out of TLS', async () => {
  const clear = await startScriptedServer(ok)
  const server = await startTlsServer(valid, (response) => response.writeHead(302, { location: clear.url.href }).end())
  const client = clientOf(server.url, await trusting(authority))
  expect(await failureOf(client.json({ path: '/x' }, asking()))).toContain(
    `redirects GET /x (302) to ${clear.url.host}; it was not followed`,
  )
  expect(clear.seen).toEqual([])
})

test('an address that came from a vendor is not connected to when its name leads into the own network', async () => {
  const server = await startTlsServer(valid, ok)
  const named = new URL(`https://localhost:${server.url.port}`)
  const settings = await trusting(authority)
  expect(await clientOf(named, settings).json({ path: '/x' }, asking())).toMatchObject({ status: 200 })
  const publicOnly = clientOf(named, { ...settings, publicOnly: true })
  expect(await failureOf(publicOnly.json({ path: '/x' }, asking()))).toBe(
    'SourceProtocolError: connection front-desk: GET /x: the name of the host leads into a private network, nothing was ' +
      'sent; set internal_links: true when it belongs there',
  )
  expect(server.seen).toHaveLength(1)
})
