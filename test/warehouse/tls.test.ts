import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedWarehouse, openEmbeddedWarehouse } from '../../src/warehouse/embedded.ts'
import { openSession } from '../../src/warehouse/session.ts'
import { transportWarning } from '../../src/warehouse/transport.ts'
import { authority, elsewhere, expired, valid } from '../sources/http/certificates.ts'
import { certificate } from '../sources/http/self-signed.ts'
import type { Identity } from '../support/scripted-server.ts'

let folder: string
let server: EmbeddedWarehouse
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelhouse-tls-'))
  await chmod(folder, 0o755)
  server = await openEmbeddedWarehouse(join(folder, '.reelhouse'))
  await writeFile(join(folder, 'authority.pem'), authority)
  await writeFile(join(folder, 'other.pem'), certificate)
})
afterAll(async () => {
  await server.release()
  await rm(folder, { recursive: true, force: true })
})

/** The real server speaks TLS with this certificate from now on. */
const present = async ({ cert, key }: Identity): Promise<void> => {
  const data = join(folder, '.reelhouse/postgres')
  const { uid, gid } = await stat(data)
  for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    await writeFile(join(data, name), `${text}\n`, { mode: 0o600 })
    await chown(join(data, name), uid, gid)
  }
  const admin = await openSession(server.url, { purpose: 'test' })
  await admin.client.query('alter system set ssl = on')
  await admin.client.query('select pg_reload_conf()')
  await expect.poll(() => encrypted('no-verify')).toBe(true)
  await admin.close()
}

const urlWith = (sslmode: string, sslrootcert?: string): string => {
  const url = new URL(server.url)
  url.hostname = 'localhost'
  url.searchParams.set('sslmode', sslmode)
  if (sslrootcert !== undefined) url.searchParams.set('sslrootcert', join(folder, sslrootcert))
  return url.href
}

/** Whether the server sees the session as encrypted; throws as openSession does. */
const encrypted = async (sslmode: string, sslrootcert?: string): Promise<boolean> => {
  const session = await openSession(urlWith(sslmode, sslrootcert), { purpose: 'test' })
  try {
    const { rows } = await session.client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    return rows[0]?.ssl === true
  } finally {
    await session.close()
  }
}

describe('a warehouse behind TLS', () => {
  test('is trusted by the authority that its URL names, and by no other', async () => {
    await present(valid)
    expect(await encrypted('verify-full', 'authority.pem')).toBe(true)
    const refusal =
      /^the warehouse at localhost:\d+\/\w+ refuses the session: .*; check DATABASE_URL or warehouse\.url, and name the authority that signed its certificate with sslrootcert=<file> in it$/
    await expect(encrypted('verify-full')).rejects.toThrow(refusal)
    await expect(encrypted('verify-full', 'other.pem')).rejects.toThrow(refusal)
    // What libpq would take without a look at the certificate.
    await expect(encrypted('require')).rejects.toThrow(refusal)
  })

  test.each([
    ['of another host', elsewhere, /does not match certificate's altnames/],
    ['that has expired', expired, /certificate has expired/],
  ])('is refused with a certificate %s', async (_, identity, message) => {
    await present(identity)
    await expect
      .poll(() => encrypted('verify-full', 'authority.pem').catch((error: Error) => error.message))
      .toMatch(message)
    await expect(encrypted('verify-full', 'authority.pem')).rejects.toMatchObject({ name: 'ConfigError' })
  })
})

describe('check warns of a warehouse on another machine', () => {
  const warningOf = (url: string) => transportWarning(new pg.Client({ connectionString: url }))
  const advice = 'write sslmode=verify-full into the warehouse URL, and sslrootcert=<file> for an authority of your own'

  test.each(['', '?sslmode=disable', '?ssl=0'])('whose sessions are not encrypted (%s)', (query) => {
    expect(warningOf(`postgres://etl@db.example.test/calls${query}`)).toBe(
      `the session with the warehouse at db.example.test is not encrypted: ${advice}`,
    )
  })

  test.each(['?sslmode=no-verify', '?uselibpqcompat=true&sslmode=require'])(
    'that need not prove who it is (%s)',
    (query) => {
      expect(warningOf(`postgres://etl@db.example.test/calls${query}`)).toBe(
        `the warehouse at db.example.test need not prove who it is: ${advice}`,
      )
    },
  )

  test.each([
    'postgres://etl@db.example.test/calls?sslmode=verify-full',
    'postgres://etl@db.example.test/calls?sslmode=require',
    'postgres://etl@127.0.0.1/calls',
    'postgres://etl@localhost:5433/calls?sslmode=disable',
    'postgres://etl@/calls?host=/run/postgresql',
  ])('and of no other (%s)', (url) => {
    expect(warningOf(url)).toBeNull()
  })
})
