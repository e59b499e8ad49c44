// Runs `reelhouse` in a folder of a bench, with its peak memory and CPU where /usr/bin/time is there to tell them.
import { spawnSync } from 'node:child_process'
import { main, run } from './warehouse.mjs'

const hasTime = spawnSync('/usr/bin/time', ['--version']).status === 0

/** { stdout, rss (MB), cpu (s) } */
export const timedReelhouse = async (folder, env, ...args) => {
  const command = [process.execPath, main, '--log-level', 'warn', '--config', 'bench.yaml', ...args]
  const [program, ...rest] = hasTime ? ['/usr/bin/time', '-f', '%M %U', ...command] : command
  const { stdout, stderr } = await run(program, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    maxBuffer: 1e9,
  })
  const [rssKb, cpu] = hasTime ? stderr.trim().split('\n').at(-1).split(' ').map(Number) : [Number.NaN, Number.NaN]
  return { stdout, rss: rssKb / 1024, cpu }
}

/** One sync of one connection; `counted`: what it counted of rows. */
export const timedSync = async (folder, env, ...args) => {
  const { stdout, ...usage } = await timedReelhouse(folder, env, 'sync', '--json', ...args)
  const [{ rows: counted }] = JSON.parse(stdout).connections
  return { counted, ...usage }
}
