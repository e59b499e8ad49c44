import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { json, raw, type Script, startScriptedServer } from '../../support/scripted-server.ts'
import { asking, clientOf, failureOf, rejection } from './asking.ts'
import { certificate, privateKey } from './self-signed.ts'

const ok = json({ ok: true })
const reset: Script = (response) => response.socket?.resetAndDestroy()
const hangUp: Script = (response) => response.socket?.destroy()
const silent: Script = () => undefined

const afterHalf =
  (end: Script, headers = {}): Script =>
  (response, seen) =>
    response.writeHead(200, headers).write('{"data":[', () => end(response, seen))

describe('a connection that breaks', () => {
  test.each([
    ['is reset before the answer', reset],
    ['is closed before the answer', hangUp],
    ['is reset within the body', afterHalf(reset)],
    ['is closed within a body of unknown length', afterHalf(hangUp)],
    ['is closed within a body of known length', afterHalf(hangUp, { 'content-length': 100 })],
    [
      'ends within compressed bytes',
      raw(gzipSync('{"data":[1,2,3]}').subarray(0, -12), 200, { 'content-encoding': 'gzip' }),
    ],
    ['garbles compressed bytes', raw('no gzip', 200, { 'content-encoding': 'gzip' })],
  ])('is tried again when it %s', async (_, script) => {
    const server = await startScriptedServer(script, ok)
    const client = clientOf(server.url)
    expect(await client.json({ path: '/x' }, asking())).toMatchObject({ body: { ok: true } })
    expect(client.requests()).toBe(2)
  })

  test('is named by its code in the end', async () => {
    const server = await startScriptedServer(reset)
    expect(await failureOf(clientOf(server.url).json({ path: '/x' }, asking()))).toBe(
      'TransientError: connection front-desk: Telnyx, GET /x: tried 6 times, at last ECONNRESET; the next run tries again',
    )
  })

  test('within the text of a refusal does not hide it', async () => {
    const server = await startScriptedServer((response, seen) =>
      response.writeHead(422).write('{"errors":[', () => reset(response, seen)),
    )
    const client = clientOf(server.url)
    expect(await failureOf(client.json({ path: '/x' }, asking()))).toMatch(/^SourceProtocolError: .*\(422\)/)
    expect(client.requests()).toBe(1)
  })
})

describe('a host that is not there', () => {
  test('refuses', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await failureOf(clientOf(new URL(`http://127.0.0.1:${port}`)).json({ path: '/x' }, asking()))).toMatch(
      /^TransientError: .*tried 6 times, at last ECONNREFUSED/,
    )
  })

  test('speaks no HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect(await failureOf(clientOf(new URL(`http://127.0.0.1:${port}`)).json({ path: '/x' }, asking()))).toMatch(
      /^UnreadableAnswer: .*tried 3 times, at last the answer was what is no HTTP \(HPE_[A-Z_]+\)/,
    )
  })

  test('speaks no TLS', async () => {
    const server = await startScriptedServer(ok)
    const client = clientOf(new URL(`https://127.0.0.1:${server.url.port}`))
    expect(await failureOf(client.json({ path: '/x' }, asking()))).toMatch(
      /^SourceProtocolError: connection front-desk: GET \/x: the host cannot be talked to \([A-Z_]+\); check base_url/,
    )
    expect(client.requests()).toBe(1)
  })

  test('cannot prove who it is: nothing is sent', async () => {
    const requests: unknown[] = []
    const server = createTlsServer({ cert: certificate, key: privateKey }, (request) => requests.push(request))
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const client = clientOf(new URL(`https://127.0.0.1:${port}`))
    expect(await failureOf(client.json({ path: '/x' }, asking()))).toBe(
      'ConfigError: connection front-desk: GET /x: the certificate of the host is not trusted ' +
        '(DEPTH_ZERO_SELF_SIGNED_CERT), nothing was sent; correct base_url, or name the certificate authority that ' +
        'signed it in ca_file',
    )
    expect(requests).toEqual([])
    expect(client.requests()).toBe(1)
  })
})

describe('time', () => {
  test.each([
    ['headers', silent],
    ['the body', afterHalf(silent)],
  ])('runs out for %s', async (_, script) => {
    const server = await startScriptedServer(script, ok)
    const client = clientOf(server.url, { timeoutMs: 150 })
    expect(await client.json({ path: '/x' }, asking())).toMatchObject({ body: { ok: true } })
    await server.seen[0]?.closed
    expect(client.requests()).toBe(2)
  })

  test('runs out though bytes keep dripping', async () => {
    const drip: Script = (response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(timer))
    }
    const server = await startScriptedServer(drip)
    const client = clientOf(server.url, { timeoutMs: 100 })
    expect(await failureOf(client.json({ path: '/x' }, asking()))).toBe(
      'TransientError: connection front-desk: Telnyx, GET /x: tried 6 times, at last no complete answer within 0.1 s; the ' +
        'next run tries again',
    )
  })
})

describe('when the run is stopped', () => {
  test.each([
    ['headers are awaited', silent],
    ['the body is read', afterHalf(silent)],
  ])('while %s, the reason is thrown at once and the connection closed', async (_, script) => {
    const server = await startScriptedServer(script)
    const context = asking()
    const failure = rejection(clientOf(server.url).json({ path: '/x' }, context))
    await server.arrived(1)
    context.stop('SIGTERM')
    expect(await failure).toBe('SIGTERM')
    await server.seen[0]?.closed
  })

  test('while a retry is awaited, no other request is sent', async () => {
    const server = await startScriptedServer(json({}, 429, { 'retry-after': '100' }))
    const client = clientOf(server.url)
    const { signal, stop } = asking()
    const notices: string[] = []
    const notice = (message: string) => {
      notices.push(message)
      setImmediate(() => stop('SIGINT'))
    }
    expect(await rejection(client.json({ path: '/x' }, { signal, notice }))).toBe('SIGINT')
    expect(notices).toEqual(['Telnyx asks to wait 100 s'])
    expect(client.requests()).toBe(1)
  })

  test('before it began, nothing is sent', async () => {
    const server = await startScriptedServer(ok)
    const context = asking()
    const reason = new Error('stopped')
    context.stop(reason)
    expect(await rejection(clientOf(server.url).json({ path: '/x' }, context))).toBe(reason)
    expect(server.seen).toEqual([])
  })

  test('while a token is fetched, the reason is thrown', async () => {
    const server = await startScriptedServer(ok)
    const context = asking()
    const client = clientOf(server.url, {
      authorize: () => {
        queueMicrotask(() => context.stop('SIGTERM'))
        return new Promise(() => undefined)
      },
    })
    expect(await rejection(client.json({ path: '/x' }, context))).toBe('SIGTERM')
    expect(server.seen).toEqual([])
  })
})

test('one request may take longer than the others', async () => {
  const server = await startScriptedServer((response) => setTimeout(() => response.end('{"late":true}'), 300))
  const client = clientOf(server.url, { timeoutMs: 50 })
  expect((await client.json({ path: '/x', timeoutMs: 10_000 }, asking())).body).toEqual({ late: true })
})
