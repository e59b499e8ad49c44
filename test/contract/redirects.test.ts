import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sources } from '../../src/sources/registry.ts'
import type { ApiSource, RowRef } from '../../src/sources/source.ts'
import { authority, valid } from '../sources/http/certificates.ts'
import {
  type Identity,
  json,
  type Script,
  type ScriptedServer,
  startScriptedServer,
  startTlsServer,
} from '../support/scripted-server.ts'
import { cases } from './cases.ts'
import type { ContractCase } from './contract-case.ts'
import { configured, configuredIn } from './open-case.ts'

const ref: RowRef = { recordId: 'a1', parentId: null, messageId: 'a1' }

const context = { signal: new AbortController().signal }

const first = async (pages: AsyncGenerator<unknown>): Promise<unknown> => (await pages.next()).value

/** Everything that a source sends. What becomes of it is not the question here. */
const askEverything = async (source: ApiSource, { window }: ContractCase): Promise<void> => {
  const [stream] = source.streams
  if (stream === undefined) throw new Error('there is no stream')
  const asked: readonly (() => Promise<unknown> | undefined)[] = [
    () => source.check(context),
    () => first(stream.list(window, context)),
    () => stream.changes && first(stream.changes.list(window, context)),
    () => first(stream.fetch([ref], context)),
    () => stream.count?.(window, context),
    () => source.resolve?.(ref, context),
  ]
  for (const ask of asked) await Promise.resolve(ask()).catch(() => undefined)
}

const secretsOf = ({ env }: ContractCase): readonly string[] => Object.values(env).map(String)

/** What a request carries of the secrets, as written or in base64 (Basic). */
const carried = (contract: ContractCase, server: ScriptedServer): boolean =>
  server.seen.some(({ path, headers, body }) => {
    const encoded = /^basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
    const sent = JSON.stringify([path, headers, body, Buffer.from(encoded, 'base64').toString()])
    return secretsOf(contract).some((secret) => sent.includes(secret))
  })

/** Logs in where there is a login, so that what comes behind it is redirected, too. */
const redirectTo =
  (location: string, status: number, logsIn: boolean): Script =>
  (response, seen) =>
    logsIn && seen.path === '/oauth/token'
      ? json({ access_token: 'invented-token', token_type: 'bearer', expires_in: 86_400 })(response, seen)
      : response.writeHead(status, { location }).end(`<a href="${location}">Found</a>`)

const addressesOf = (name: string, url: URL) =>
  name === 'genesys' ? { base_url: url.href, login_url: url.href } : { base_url: url.href }

const start = (identity: Identity | null, script: Script): Promise<ScriptedServer> =>
  identity === null ? startScriptedServer(script) : startTlsServer(identity, script)

describe.each(Object.entries(cases))('%s follows no redirect', (name, contract) => {
  test.each([
    ['to another port of the host', 302, (other: URL) => other.href],
    ['to another name of the host', 307, (other: URL) => `http://localhost:${other.port}/x`],
    ['to the address itself', 301, (_: URL, own: string) => own],
    ['that keeps the method', 308, (other: URL) => `${other.href}oauth/token`],
    ['that changes it', 303, (other: URL) => other.href],
  ])('%s', async (_, status, locationOf) => {
    const other = await startScriptedServer(json({ data: [] }))
    for (const logsIn of [false, true]) {
      let location = ''
      const server = await startScriptedServer((response, seen) => redirectTo(location, status, logsIn)(response, seen))
      location = locationOf(other.url, `${server.url.href}followed`)
      const source = await configured(
        { sources, name, contract },
        { ...contract.settings, ...addressesOf(name, server.url) },
      )
      await askEverything(source, contract)
      expect(server.seen.length).toBeGreaterThan(3)
      expect(carried(contract, server)).toBe(true)
      expect(server.seen.filter(({ path }) => path === '/followed')).toEqual([])
    }
    expect(other.seen).toEqual([])
  })

  test('out of TLS', async () => {
    const clear = await startScriptedServer(json({ data: [] }))
    for (const logsIn of [false, true]) {
      const server = await start(valid, redirectTo(clear.url.href, 302, logsIn))
      const settings = { ...contract.settings, ...addressesOf(name, server.url), ca_file: '../authority.pem' }
      const source = await configuredIn({ sources, name, contract }, settings, (folder) =>
        writeFile(join(folder, 'authority.pem'), authority),
      )
      await askEverything(source, contract)
      expect(server.seen.length).toBeGreaterThan(3)
      expect(carried(contract, server)).toBe(true)
    }
    expect(clear.seen).toEqual([])
  })

  test('nor does it send anything to a host that cannot prove who it is', async () => {
    const server = await startTlsServer(valid, json({}))
    const source = await configured(
      { sources, name, contract },
      { ...contract.settings, ...addressesOf(name, server.url) },
    )
    await expect(source.check(context)).rejects.toThrow(
      /is not trusted \(.*name the certificate authority .* in ca_file/,
    )
    await askEverything(source, contract)
    expect(server.seen).toEqual([])
  })
})

/** How each vendor answers with a link. */
const linking: Readonly<Record<string, (link: string) => Script>> = {
  dotdo: (link) => json({ success: true, data: { url: link, expiresAt: 1 } }),
  genesys: (link) => (response, seen) =>
    seen.path === '/oauth/token'
      ? json({ access_token: 'invented-token', expires_in: 86_400 })(response, seen)
      : json({ id: 'a1', mediaUris: { S: { mediaUri: link } } })(response, seen),
  telnyx: (link) => json({ data: { id: 'a1', download_urls: { mp3: link } } }),
  vapi: (link) => (response) => response.writeHead(302, { location: link }).end(),
  voipbin: (link) => (response) => response.writeHead(307, { location: link }).end(),
}

describe.each(Object.entries(cases))('a link that %s gives', (name, contract) => {
  const resolved = async (link: string, settings = {}) => {
    const script = linking[name]
    if (script === undefined) throw new Error(`${name} gives no links`)
    const server = await startTlsServer(valid, script(link))
    const { settings: own } = contract
    const source = await configuredIn(
      { sources, name, contract },
      { ...own, ...addressesOf(name, server.url), ca_file: '../authority.pem', ...settings },
      (folder) => writeFile(join(folder, 'authority.pem'), authority),
    )
    return source.resolve?.(ref, context)
  }

  test('is handed out, and not followed', async () => {
    expect(await resolved('https://storage.example.test/a.mp3?X-Amz-Signature=abc')).toMatchObject({
      url: 'https://storage.example.test/a.mp3?X-Amz-Signature=abc',
    })
    const storage = await startTlsServer(valid, json({}))
    const link = `${storage.url.href}a.mp3?X-Amz-Signature=abc`
    expect(await resolved(link)).toMatchObject({ url: link })
    expect(storage.seen).toEqual([])
  })

  test.each([
    'file:///etc/passwd?x',
    'ftp://storage.example.test/a?x',
    'http://storage.example.test/a?x',
    'https://169.254.169.254/latest/meta-data/?x',
    'https://[::ffff:10.0.0.1]/a?x',
    'https://10.0.0.1/a?x',
    'https://user:pass@storage.example.test/a',
  ])('is refused when it is %s', async (link) => {
    await expect(resolved(link)).rejects.toThrow(/^connection front-desk: /)
  })

  test('may lead into the own network where the operator says so', async () => {
    const link = 'http://10.0.0.1/a.mp3?x=1'
    expect(await resolved(link, { internal_links: true })).toMatchObject({ url: link })
  })
})
