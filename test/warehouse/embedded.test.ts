import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect, freshDir, isLinux, isUp, launch, open, postmasterPid, query, serverPid } from './embedded-users.ts'

describe('the embedded warehouse', () => {
  it('is created by the first command, stopped by its end, and found again at the same address', async () => {
    const dir = await freshDir()
    const first = await open(dir)
    expect(await query(first.url, 'select current_database() as db, current_user as role')).toEqual([
      { db: 'reelhouse', role: 'reelhouse' },
    ])
    await query(first.url, 'create table kept as select 42 as answer')
    await first.release()
    expect(isUp(dir)).toBe(false)

    const second = await open(dir)
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    await second.release()
    expect(isUp(dir)).toBe(false)
  })

  it('listens on this machine only, in UTC, UTF-8 and a locale of its own, with all that is safe as Postgres has it', async () => {
    const user = await open(await freshDir())
    const [settings] = await query(
      user.url,
      `select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
              current_setting('timezone') as timezone, current_setting('log_timezone') as log_timezone,
              current_setting('fsync') as fsync, current_setting('data_checksums') as checksums,
              current_setting('max_connections') as connections, current_setting('server_encoding') as encoding,
              (select datlocale from pg_database where datname = 'reelhouse') as locale,
              (select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'reelhouse') as scram`,
    )
    expect(settings).toEqual({
      listen: '127.0.0.1',
      sockets: '',
      timezone: 'UTC',
      log_timezone: 'UTC',
      fsync: 'on',
      checksums: 'on',
      connections: '100',
      encoding: 'UTF8',
      locale: 'C.UTF-8',
      scram: true,
    })
    await expect(query(user.url.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' })
    await user.release()
  })

  it('keeps password, data and log from other users, and the password out of the log', async () => {
    const dir = await freshDir()
    const user = await open(dir)
    await user.release()
    const mode = async (name: string) => ((await stat(join(dir, name))).mode & 0o777).toString(8)
    expect([await mode('password'), await mode('postgres'), await mode('postgres.log')]).toEqual(['600', '700', '600'])
    expect((await stat(dir)).mode & 0o067).toBe(0)
    expect((await readdir(dir)).sort()).toEqual(['password', 'port', 'postgres', 'postgres.log'])
    const password = await readFile(join(dir, 'password'), 'utf8')
    expect(password).toMatch(/^[0-9a-f]{48}$/)
    expect(await readFile(join(dir, 'postgres.log'), 'utf8')).not.toContain(password)
  })

  it.runIf(isLinux)(
    'leaves the secrets of the command that started it out of the environment of the server',
    async () => {
      const dir = await freshDir()
      const user = await open(dir, { env: { TELNYX_API_KEY: 'KEY-of-the-operator', PGPORT: '1', PGOPTIONS: '-c x=y' } })
      const environment = await readFile(`/proc/${serverPid(dir)}/environ`, 'utf8')
      expect(environment).toContain('TZ=UTC')
      expect(environment).not.toMatch(/KEY-of-the-operator|PGPORT|PGOPTIONS/)
      await user.release()
    },
  )

  it('is shared by commands that overlap and stopped by the last one out', async () => {
    const dir = await freshDir()
    const first = await open(dir)
    const second = await open(dir)
    expect(second.url).toBe(first.url)
    const pid = postmasterPid(dir)
    await first.release()
    expect(postmasterPid(dir)).toBe(pid)
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await second.release()
    expect(isUp(dir)).toBe(false)
  })

  it('is created once by commands that start at the same time', async () => {
    const dir = await freshDir()
    const users = await Promise.all([open(dir), open(dir), open(dir), open(dir)])
    expect(new Set(users.map(({ url }) => url)).size).toBe(1)
    expect((await readdir(dir)).sort()).toEqual(['password', 'port', 'postgres', 'postgres.log'])
    await Promise.all(users.map((user) => user.release()))
    expect(isUp(dir)).toBe(false)
  })

  it('serves six commands that come and go at random, and is down when the last has gone', async () => {
    const dir = await freshDir()
    const users = Array.from({ length: 6 }, () => launch(dir, { mode: ['churn', '12'] }))
    await Promise.all(users.map((user) => user.hears('released')))
    expect(users.flatMap(({ said }) => said)).toEqual(Array.from({ length: 6 }, () => ({ released: true })))
    expect(isUp(dir)).toBe(false)
    const last = await open(dir)
    expect(await query(last.url, 'select count(*)::int as visits from visits')).toEqual([{ visits: 72 }])
    await last.release()
  })

  it('is left running for the sessions of other programs, says so, and is stopped by a later command', async () => {
    const dir = await freshDir()
    const first = await open(dir)
    const guest = await connect(first.url, 'metabase')
    await first.release()
    expect(first.said.find(({ notice }) => notice)?.notice).toContain('left running: other programs are connected')
    expect((await guest.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await guest.end()
    const second = await open(dir)
    await second.release()
    expect(isUp(dir)).toBe(false)
  })

  it('takes another port when its own is taken, and stays there', async () => {
    const dir = await freshDir()
    const first = await open(dir)
    await first.release()
    const elsewhere = await freshDir()
    await mkdir(elsewhere, { mode: 0o700 })
    await writeFile(join(elsewhere, 'port'), await readFile(join(dir, 'port')))
    const squatter = await open(elsewhere)
    expect(new URL(squatter.url).port).toBe(new URL(first.url).port)

    const second = await open(dir)
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
    await squatter.release()
    await second.release()
    const third = await open(dir)
    expect(third.url).toBe(second.url)
    await third.release()
  })

  it('starts a new log when the old one has grown', async () => {
    const dir = await freshDir()
    await mkdir(dir, { mode: 0o700 })
    await writeFile(join(dir, 'postgres.log'), Buffer.alloc(10_000_001, 'x'))
    const user = await open(dir)
    await user.release()
    expect((await stat(join(dir, 'postgres.log.1'))).size).toBe(10_000_001)
    expect((await stat(join(dir, 'postgres.log'))).size).toBeLessThan(100_000)
  })

  it('lives under a path with spaces, quotes of one kind and letters of all kinds', async () => {
    const dir = join(dirname(await freshDir()), "Zoë's project & co; 録音", '.reelhouse')
    const user = await open(dir)
    expect(await query(user.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('removes what a killed command left of an unfinished creation, and nothing of a living one', async () => {
    const dir = await freshDir()
    await mkdir(dir, { mode: 0o700 })
    await mkdir(join(dir, 'postgres.999999999.abcd.new'))
    await mkdir(join(dir, `postgres.${process.pid}.abcd.new`))
    await chmod(dir, 0o700)
    const user = await open(dir)
    await user.release()
    expect((await readdir(dir)).filter((name) => name.endsWith('.new'))).toEqual([`postgres.${process.pid}.abcd.new`])
  })
})
