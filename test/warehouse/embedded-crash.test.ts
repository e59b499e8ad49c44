import { spawn } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connect, freshDir, isUp, launch, open, query, serverPid } from './embedded-users.ts'

/** A first start takes about a second. Before Node has loaded, within initdb, within pg_ctl, within joining. */
const moments = [
  [150, 'SIGKILL'],
  [350, 'SIGINT'],
  [550, 'SIGKILL'],
  [750, 'SIGINT'],
  [950, 'SIGKILL'],
] as const

/** The postmaster dies at once; its children notice and follow. */
const killServer = async (dir: string): Promise<void> => {
  process.kill(serverPid(dir), 'SIGKILL')
  await sleep(100)
}

describe('the embedded warehouse after a violent end', () => {
  it('outlives a killed command, without holding its output open, and the next command attaches and stops it', async () => {
    const dir = await freshDir()
    const killed = await open(dir)
    const pid = serverPid(dir)
    await killed.kill()
    expect(serverPid(dir)).toBe(pid)
    const next = await open(dir)
    expect(next.url).toBe(killed.url)
    expect(serverPid(dir)).toBe(pid)
    await next.release()
    expect(isUp(dir)).toBe(false)
  })

  it('is stopped by the last one out although another one was killed', async () => {
    const dir = await freshDir()
    const killed = await open(dir)
    const last = await open(dir)
    await killed.kill()
    // On a busy machine the server takes a moment to see that the dead one's session is gone.
    const shares = () => query(last.url, "select count(*)::int as shares from pg_locks where locktype = 'advisory'")
    await expect.poll(shares, { timeout: 30_000 }).toEqual([{ shares: 1 }])
    await last.release()
    expect(isUp(dir)).toBe(false)
  })

  it('keeps every committed row when server and command are killed', async () => {
    const dir = await freshDir()
    const killed = await open(dir)
    await query(killed.url, 'create table kept as select n from generate_series(1, 50000) as n')
    process.kill(serverPid(dir), 'SIGKILL')
    await killed.kill()
    const next = await open(dir)
    expect(await query(next.url, 'select count(*)::int as rows from kept')).toEqual([{ rows: 50_000 }])
    await next.release()
    expect(isUp(dir)).toBe(false)
  })

  it('comes back at its address under a command whose server was killed', async () => {
    const dir = await freshDir()
    const user = await open(dir)
    await query(user.url, 'create table kept as select 42 as answer')
    await killServer(dir)
    const { notice } = await user.hears('notice')
    expect(notice).toContain('was lost and is back')
    expect(await query(user.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    const second = await open(dir)
    await second.release()
    expect(isUp(dir)).toBe(true)
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('starts although the pid of its dead server belongs to another process of the same user', async () => {
    const dir = await freshDir()
    const killed = await open(dir)
    await query(killed.url, 'create table kept as select 42 as answer')
    const lock = join(dir, 'postgres', 'postmaster.pid')
    const server = await stat(lock)
    const text = await readFile(lock, 'utf8')
    const other = spawn('sleep', ['60'], { uid: server.uid, gid: server.gid, cwd: '/', stdio: 'ignore' })
    process.kill(serverPid(dir), 'SIGKILL')
    await killed.kill()
    await writeFile(lock, text.replace(/^\d+/, String(other.pid)))
    try {
      const next = await open(dir)
      expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
      await next.release()
      expect(isUp(dir)).toBe(false)
      expect(other.exitCode ?? other.signalCode).toBeNull()
    } finally {
      other.kill()
    }
  })

  it('is not touched by a Ctrl-C: the transaction goes on, and the command ends when it likes', async () => {
    const dir = await freshDir()
    const user = await open(dir, { detached: true })
    const client = await connect(user.url)
    await client.query('begin')
    await client.query('create table kept as select 42 as answer')
    const group = user.process.pid
    if (group === undefined) throw new Error('the command did not start')
    process.kill(-group, 'SIGINT')
    await user.hears('interrupted')
    await client.query('commit')
    expect((await client.query('select answer from kept')).rows).toEqual([{ answer: 42 }])
    await client.end()
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('starts after a command was killed, or ended by a Ctrl-C, at any moment of the first start', async () => {
    const dir = await freshDir()
    for (const [after, signal] of moments) {
      const command = launch(dir, { detached: true })
      await sleep(after)
      const group = command.process.pid
      if (group !== undefined) process.kill(-group, signal)
      await command.kill()
    }
    const next = await open(dir)
    expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await next.release()
    expect(isUp(dir)).toBe(false)
    expect((await readdir(dir)).sort()).toEqual(['password', 'port', 'postgres', 'postgres.log'])
  })
})
