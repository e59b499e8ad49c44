import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorkplace } from './cli.ts'
import { createTestDatabase } from './database.ts'
import { knowSecret, leakIn, refuseInFiles, refuseInOutput } from './leak-net.ts'

const link = 'https://s3.example.test/a.mp3?X-Amz-Date=1&X-Amz-Signature=abc'

describe('the net under the suite', () => {
  test.each([
    link,
    link.replaceAll('=', '%3D').replaceAll('&', '%26'),
    'https://s3.example.test/a?x=1\\u0026X-Amz-Signature\\u003dabc',
    'https://storage.example.test/a?X-Goog-Credential=x',
    'https://cdn.example.test/a?sig=abc',
    'https://cdn.example.test/a?a=b&amp;Signature=abc',
    'https://cdn.example.test/a%3Ftoken%3Dabc',
    'https://cdn.example.test/a?Expires=1',
    'the key KEY0199-not-a-real-one',
    'THE KEY KEY0199-NOT-A-REAL-ONE',
    `Basic ${Buffer.from('me:KEY0199-not-a-real-one').toString('base64')}`,
    `Basic ${Buffer.from('you:KEY0199-not-a-real-one').toString('base64')}`,
    'Bearer invented-token-1-of-the-organization',
  ])('sees %s', (text) => {
    expect(leakIn(`before ${text} behind`)).not.toBeNull()
  })

  test.each([
    'https://s3.example.test/a.mp3?[redacted]',
    'https://api.example.test/calls?page_token=abc&page[token]=abc&pageToken=abc',
    'GET /recordings?page[number]=2&token',
    '{"token":"[redacted]"}',
    'https://cdn.example.test/a?sig=[redacted]',
    'Is 4B open? Yes, sign=here, expires soon',
  ])('lets %s pass', (text) => {
    expect(leakIn(text)).toBeNull()
  })

  test('sees what a child was given as a key or a password, as it is', () => {
    expect(leakIn('opened with Zq7Xw2Vt9 of today')).toBeNull()
    knowSecret('Zq7Xw2Vt9')
    expect(leakIn('opened with Zq7Xw2Vt9 of today')).toContain('Zq7Xw2Vt9')
  })

  test('lets a command print what it is for, and nothing more', () => {
    expect(() => refuseInOutput(['sync'], '', link)).toThrow(
      /^a secret or a signed query is in stderr of reelhouse sync: /,
    )
    expect(() => refuseInOutput(['resolve', 'a', 'b'], link, '')).not.toThrow()
    expect(() => refuseInOutput(['resolve', 'a', 'b'], '', link)).toThrow(/^a secret/)
    expect(() => refuseInOutput(['resolve', 'a', 'b'], 'KEY-not-a-real-one', '')).toThrow(/^a secret/)
  })

  test.each([
    ["insert into reelhouse.connections (connection_id, source) values ('KEY-not-a-real-one', 'files')", 'connections'],
    [`insert into reelhouse.connections (connection_id, source) values ('a', '${link}')`, 'connections'],
    [`comment on table reelhouse.connections is '${link}'`, null],
  ])('fails the test whose database holds one: %s', async (statement, table) => {
    const database = await createTestDatabase()
    await database.rows(statement)
    const dropped = database.drop().then(
      () => null,
      (error: Error) => error.message,
    )
    if (table === null) expect(await dropped).toBeNull()
    else expect(await dropped).toContain(`a secret or a signed query is in table ${table}: `)
  })

  test('fails the test whose workplace has one in a file that the test did not write', async () => {
    const place = await createWorkplace(null)
    await place.write('dumps/a.csv', link)
    await writeFile(join(place.folder, 'dumps/b.log'), link)
    await expect(place.remove()).rejects.toThrow('a secret or a signed query is in file dumps/b.log: ')
  })

  test('fails the test whose command printed one', async () => {
    const place = await createWorkplace('postgres://etl@127.0.0.1:1/none')
    await place.write('config/reelhouse.yaml', 'connections: []\n')
    await expect(place.reelhouse(['status', '--config', 'KEY0199-not-a-real-one'])).rejects.toThrow(
      'a secret or a signed query is in stderr of reelhouse status',
    )
    await place.remove()
  })

  test('looks at binary files, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reelhouse-net-'))
    await writeFile(join(folder, 'heap'), Buffer.concat([Buffer.alloc(5000, 0xff), Buffer.from(link)]))
    await expect(refuseInFiles(folder, new Set())).rejects.toThrow('is in file heap')
  })
})
