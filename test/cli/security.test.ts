import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authority, valid } from '../sources/http/certificates.ts'
import { callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'
import { json, startTlsServer } from '../support/scripted-server.ts'

test('nothing turns the verification of certificates off', async () => {
  const place = await createCliCase({ config: callsConfig() })
  expect(ended(await place.reelhouse(['sync'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }))).toEqual({
    code: 2,
    log: [
      'NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment: certificates would not be verified, and credentials could go to ' +
        'anybody; take it away, and name the certificate authority in ca_file of the connection, or sslrootcert of the ' +
        'warehouse URL',
    ],
  })
})

test('a private authority is trusted by the connection that names it, relative to its file', async () => {
  const server = await startTlsServer(valid, json({ data: [], meta: { total_results: 0 } }))
  const connection = (id: string, more: string) => `
  - id: ${id}
    source: telnyx
    api_key: \${TELNYX_API_KEY}
    base_url: ${server.url.href}
    start: 2026-01-01
${more}`
  const place = await createCliCase({
    config: `connections:${connection('with', '    ca_file: certificates/ca.pem')}${connection('without', '')}`,
    files: { 'config/certificates/ca.pem': authority },
  })
  const { code, stdout } = await place.reelhouse(['check', '--json'], { TELNYX_API_KEY: 'KEY0199-tls-not-a-real-one' })
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({
    checks: [
      { checked: 'warehouse', ok: true },
      { checked: 'portfolio map', ok: true },
      { checked: 'with', ok: true },
      { checked: 'without', ok: false, found: expect.stringContaining('signed it in ca_file') },
    ],
  })
})

describe('a link among dumps that leads out of its folder', () => {
  const line = 'a,2026-01-01 10:00:00,60,,,inbound,'

  test('is named by check, and not read by sync; the other files are; outside_links allows it', async () => {
    const place = await createCliCase({ config: callsConfig(), files: { 'dumps/a.csv': csv(line) } })
    await place.write('of-another-client.csv', csv(line.replace('a,', 'stolen,')))
    await symlink('../of-another-client.csv', join(place.folder, 'dumps/b.csv'))
    const problem =
      /^\.\.\/dumps\/b\.csv: is a link that leads out of its folder, to .*\/of-another-client\.csv; name that file/
    const { code, stdout } = await place.reelhouse(['check', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout).checks[2]).toMatchObject({ ok: false, found: expect.stringMatching(problem) })
    const synced = ended(await place.reelhouse(['sync']))
    expect(synced.code).toBe(1)
    expect(synced.log).toEqual(expect.arrayContaining([expect.stringMatching(/b\.csv: is a link that leads out/)]))
    expect(await place.rows('select message_id from reelhouse.call_recordings')).toEqual([{ message_id: 'a' }])
    await writeFile(
      join(place.folder, 'config/reelhouse.yaml'),
      callsConfig().replace('    version: none', '    version: none\n    outside_links: true'),
    )
    expect(await place.reelhouse(['sync'])).toMatchObject({ code: 0 })
    expect(await place.rows('select message_id from reelhouse.call_recordings order by 1')).toEqual([
      { message_id: 'a' },
      { message_id: 'stolen' },
    ])
  })
})

test('what the embedded Postgres keeps is not followed through a link', async () => {
  const place = await createCliCase({ config: `warehouse: { directory: ../warehouse }\n${callsConfig()}` })
  await place.write('elsewhere/precious', 'x')
  await place.write('warehouse/note', 'x')
  await symlink('../elsewhere', join(place.folder, 'warehouse/postgres'))
  const { code, log } = ended(await place.reelhouse(['migrate'], { DATABASE_URL: '' }))
  expect({ code, log }).toEqual({
    code: 2,
    log: [
      expect.stringMatching(
        /\/warehouse\/postgres is a link; the embedded Postgres does not follow it\. Name the folder/,
      ),
    ],
  })
})
