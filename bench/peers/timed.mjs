// Runs one command as a group of processes of its own, up to a limit.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quiet } from './contender.mjs'

const hasTime = spawnSync('/usr/bin/time', ['--version']).status === 0

/** What a failed tool said: its first lines about an error, or else the last that it printed. */
const failureIn = (path) => {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  const errors = lines.filter((line) => /error|fatal/i.test(line))
  return (errors.length > 0 ? errors.slice(0, 3) : lines.slice(-3)).join(' | ').slice(0, 600)
}

/** { ok, late, rss, cpu, said }: rss in MB of its largest process, cpu in seconds, said: why it failed. */
export const timed = async ({ command, env = {}, stdin, folder, limitSeconds }) => {
  const [log, usage] = [join(folder, 'log.txt'), join(folder, 'usage.txt')]
  const streams = [stdin === undefined ? 'ignore' : openSync(stdin, 'r'), openSync(log, 'w')]
  const [program, ...args] = hasTime ? ['/usr/bin/time', '-o', usage, '-f', '%M %U', ...command] : command
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...quiet, ...env },
    stdio: [streams[0], streams[1], streams[1]],
    detached: true,
  })
  let late = false
  const limit = setTimeout(() => {
    late = true
    process.kill(-child.pid, 'SIGKILL')
  }, limitSeconds * 1000)
  const [code] = await once(child, 'exit')
  clearTimeout(limit)
  for (const stream of streams) if (stream !== 'ignore') closeSync(stream)
  const [kb, cpu] = hasTime && !late ? readFileSync(usage, 'utf8').trim().split('\n').at(-1).split(' ').map(Number) : []
  return { ok: code === 0, late, rss: kb / 1024, cpu, said: code === 0 ? '' : failureIn(log) }
}
