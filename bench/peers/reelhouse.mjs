// Reelhouse itself, twice: made to load the identical file again, and as it is used, when a file that is known by its bytes is
// not loaded.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { main, run } from '../warehouse.mjs'

const config = (input) => `connections:
  - id: bench
    source: files
    paths: [${input}]
    shape: travtus
`

const command = (...args) => [process.execPath, main, '--log-level', 'warn', '--config', 'reelhouse.yaml', ...args]

const contender = (name, force) => ({
  name,
  table: 'reelhouse.call_recordings',
  upserts: true,
  version: () => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
  prepare: async ({ url, folder, csv }) => {
    await writeFile(join(folder, 'reelhouse.yaml'), config(csv))
    const [program, ...args] = command('migrate')
    await run(program, args, { cwd: folder, env: { ...process.env, DATABASE_URL: url } })
  },
  command: ({ url, again }) => ({
    command: command('sync', '--json', ...(again && force ? ['--force'] : [])),
    env: { DATABASE_URL: url },
  }),
})

export const reelhouse = contender('reelhouse', true)
export const unforced = contender('reelhouse-unforced', false)
