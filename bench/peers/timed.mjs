// Runs one command as a group of processes of its own, up to a limit.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quiet } from './contender.mjs'

const hasTime = spawnSync('/usr/bin/time', ['--version']).status === 0

let running
let stopped = false

/** Ends the tool that runs, and lets no other start. */
export const stopTools = () => {
  stopped = true
  if (running?.exitCode === null) process.kill(-running.pid, 'SIGKILL')
}

/** What a failed tool said: its first lines about an error, or else the last that it printed. */
const failureIn = (path) => {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  const errors = lines.filter((line) => /error|fatal/i.test(line))
  return (errors.length > 0 ? errors.slice(0, 3) : lines.slice(-3)).join(' | ').slice(0, 600)
}

const usageIn = (path) => {
  const [kb, cpu] = readFileSync(path, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
  return { rss: kb / 1024, cpu }
}

/** { ok, late, rss, cpu, said }: rss in MB of its largest process, cpu in seconds, said: why it failed. */
export const timed = async ({ command, env = {}, stdin, folder, limitSeconds }) => {
  if (stopped) throw new Error('stopped')
  const [log, usage] = [join(folder, 'log.txt'), join(folder, 'usage.txt')]
  const [input, output] = [openSync(stdin ?? '/dev/null', 'r'), openSync(log, 'w')]
  const [program, ...args] = hasTime ? ['/usr/bin/time', '-o', usage, '-f', '%M %U', ...command] : command
  const stdio = [input, output, output]
  const environment = { ...process.env, ...quiet, ...env }
  const child = spawn(program, args, { cwd: folder, env: environment, stdio, detached: true })
  running = child
  let late = false
  const limit = setTimeout(() => {
    late = true
    process.kill(-child.pid, 'SIGKILL')
  }, limitSeconds * 1000)
  try {
    const [code] = await once(child, 'exit')
    const used = hasTime && code !== null ? usageIn(usage) : {}
    return { ok: code === 0, late, ...used, said: code === 0 ? '' : failureIn(log) }
  } finally {
    clearTimeout(limit)
    for (const stream of [input, output]) closeSync(stream)
  }
}
