// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration language
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type CliCase, callsConfig, createCliCase, csv, ended } from '../support/cli-case.ts'

const password = 'hunter2/Sesame+Open'

/** The role of the tests' own server with a password that no text may show. */
const withPassword = async (place: CliCase, given: string): Promise<string> => {
  const [database] = await place.rows<{ name: string }>('select current_database() as name')
  const role = `etl_${database?.name}`
  await place.rows(`create role ${role} login superuser password '${given}'`)
  const url = new URL(place.database.url)
  url.username = role
  url.password = encodeURIComponent(given)
  return url.href
}

const dropRole = async (place: CliCase): Promise<void> => {
  const [database] = await place.rows<{ name: string }>('select current_database() as name')
  await place.rows(`drop role if exists etl_${database?.name}`)
}

const commands = [
  ['sync'],
  ['sync', '--json'],
  ['status'],
  ['rejects', '--payload'],
  ['check'],
  ['replay'],
  ['migrate'],
  ['prune'],
  ['warehouse'],
]

describe('no secret is shown', () => {
  test('by any command, whether it works or fails, nor stored', async () => {
    const place = await createCliCase({
      config: callsConfig(),
      files: {
        'dumps/a.csv': csv('a,2026-01-01 10:00:00,60,,,inbound,', 'b,soon,60,,,inbound,'),
        'dumps/b.csv': 'x\n',
      },
    })
    const url = await withPassword(place, password)
    const wrong = url.replace(encodeURIComponent(password), encodeURIComponent(`${password}?`))
    const gone = wrong.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
    const forms = [password, encodeURIComponent(password), Buffer.from(password).toString('base64').slice(0, -4)]
    const attempts = [
      ...commands.map((args) => ({ args, DATABASE_URL: url })),
      ...[wrong, gone, `${gone}&sslmode=no such mode`, `http://${url.slice(11)}`].flatMap((DATABASE_URL) =>
        [['sync', '--json'], ['check']].map((args) => ({ args, DATABASE_URL })),
      ),
    ]
    for (const { args, DATABASE_URL } of attempts) {
      const { stdout, stderr } = await place.reelhouse(args, { DATABASE_URL, API_KEY: password })
      const shown = forms.filter((form) => `${stdout}${stderr}`.includes(form))
      expect({ args, shown }).toEqual({ args, shown: [] })
    }
    const stored = JSON.stringify([
      await place.rows('select * from reelhouse.runs'),
      await place.rows('select * from reelhouse.rejected_records'),
    ])
    expect(forms.filter((form) => stored.includes(form))).toEqual([])
    await dropRole(place)
  }, 120_000)

  test('of a dump that quotes it: a signed link in a rejected line goes to quarantine without its signature', async () => {
    const place = await createCliCase({
      config: callsConfig(),
      files: {
        'dumps/a.csv': csv(
          'a,soon,60,,,inbound,https://s3.example.test/a.mp3?X-Amz-Signature=0123456789abcdef',
          'ragged,https://s3.example.test/b.mp3?X-Amz-Signature=0123456789abcdef',
        ),
      },
    })
    await place.reelhouse(['sync'])
    const { stdout } = await place.reelhouse(['rejects', '--payload'])
    expect(stdout).toContain('https://s3.example.test/a.mp3')
    expect(stdout).not.toContain('0123456789abcdef')
    expect(JSON.stringify(await place.rows('select * from reelhouse.rejected_records'))).not.toContain(
      '0123456789abcdef',
    )
  })
})

describe('a warehouse that cannot be used', () => {
  test('because nobody listens is worth another try: 1', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const DATABASE_URL = 'postgres://etl:sesame@127.0.0.1:1/calls'
    for (const command of ['sync', 'status', 'migrate']) {
      expect(ended(await place.reelhouse([command], { DATABASE_URL }))).toEqual({
        code: 1,
        log: ['the warehouse at 127.0.0.1:1/calls cannot be reached or is not ready: connect ECONNREFUSED 127.0.0.1:1'],
      })
    }
    const { code, stdout } = await place.reelhouse(['check'], { DATABASE_URL })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^warehouse +FAILED +the warehouse at 127\.0\.0\.1:1\/calls cannot be reached/m)
  })

  test('because its name is unknown: 1', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const { code, log } = ended(
      await place.reelhouse(['sync'], { DATABASE_URL: 'postgres://etl:sesame@warehouse.invalid/calls' }),
    )
    expect(code).toBe(1)
    expect(log).toEqual([
      expect.stringMatching(/^the warehouse at warehouse\.invalid:5432\/calls cannot be reached .*warehouse\.invalid$/),
    ])
  })

  test('because it hangs up: 1', async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = Object(server.address())
    const place = await createCliCase({ config: callsConfig() })
    expect(
      ended(await place.reelhouse(['sync'], { DATABASE_URL: `postgres://etl:sesame@127.0.0.1:${port}/calls` })),
    ).toEqual({
      code: 1,
      log: [
        `the warehouse at 127.0.0.1:${port}/calls cannot be reached or is not ready: Connection terminated unexpectedly`,
      ],
    })
    server.close()
  })

  test('because the password is wrong, or there is none: 2', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const url = new URL(await withPassword(place, password))
    const at = `${url.host}${url.pathname}`
    url.password = 'wrong'
    expect(ended(await place.reelhouse(['sync'], { DATABASE_URL: url.href }))).toEqual({
      code: 2,
      log: [
        `the warehouse at ${at} refuses the session: password authentication failed for user "${url.username}" (SQLSTATE 28P01); check DATABASE_URL or warehouse.url`,
      ],
    })
    url.password = ''
    const without = await place.reelhouse(['sync'], { DATABASE_URL: url.href, PGPASSFILE: '/nonexistent' })
    expect(ended(without)).toEqual({
      code: 2,
      log: [
        `the warehouse at ${at} refuses the session: it asks for a password, and there is none; check DATABASE_URL or warehouse.url`,
      ],
    })
    await dropRole(place)
  })

  test('because there is no such database, no TLS or no such certificate: 2', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const url = new URL(place.database.url)
    url.pathname = '/gone'
    expect(ended(await place.reelhouse(['sync'], { DATABASE_URL: url.href })).log).toEqual([
      `the warehouse at ${url.host}/gone refuses the session: database "gone" does not exist (SQLSTATE 3D000); check DATABASE_URL or warehouse.url`,
    ])
    url.searchParams.set('sslmode', 'verify-full')
    expect(ended(await place.reelhouse(['sync'], { DATABASE_URL: url.href }))).toEqual({
      code: 2,
      log: [
        `the warehouse at ${url.host}/gone refuses the session: The server does not support SSL connections; check DATABASE_URL or warehouse.url`,
      ],
    })
    url.searchParams.set('sslrootcert', '/nonexistent.pem')
    const { code, log } = ended(await place.reelhouse(['sync'], { DATABASE_URL: url.href }))
    expect(code).toBe(2)
    expect(log).toEqual([expect.stringContaining('/nonexistent.pem')])
  })

  test('because it lacks the rights: 2', async () => {
    const place = await createCliCase({ config: callsConfig() })
    const url = new URL(await withPassword(place, password))
    await place.rows(`alter role ${url.username} nosuperuser`)
    const { code, log } = ended(await place.reelhouse(['sync'], { DATABASE_URL: url.href }))
    expect(code).toBe(2)
    expect(log).toEqual([expect.stringMatching(/^the warehouse refuses: permission denied for .*\(SQLSTATE 42501\)$/)])
    await dropRole(place)
  })
})
