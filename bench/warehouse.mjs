// A Postgres of the bench's own, kept up by `reelhouse warehouse`, with a database for each contender.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

export const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export const run = promisify(execFile)

export const startWarehouse = async (folder) => {
  await writeFile(join(folder, 'warehouse.yaml'), 'warehouse: { directory: .reelhouse }\n')
  const kept = spawn(process.execPath, [main, 'warehouse', '--json', '--config', 'warehouse.yaml'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(kept.stdout), 'line')
  const { url } = JSON.parse(line)
  return {
    url,
    /** A new database of that name; what had it is dropped. */
    create: async (name) => {
      await query(url, `drop database if exists ${name} with (force)`)
      await query(url, `create database ${name}`)
      const made = new URL(url)
      made.pathname = `/${name}`
      return made.href
    },
    close: async () => {
      // A terminal sends its Ctrl-C to this process and to that one.
      if (kept.exitCode !== null) return
      kept.kill('SIGTERM')
      await once(kept, 'exit')
    },
  }
}

export const query = async (url, sql) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Seconds and bytes of WAL that the work costs. A checkpoint before it, so that none falls due for what was before. */
export const measured = async (url, work) => {
  await query(url, 'checkpoint')
  const [{ before }] = await query(url, 'select pg_current_wal_lsn() as before')
  const began = performance.now()
  const result = await work()
  const seconds = (performance.now() - began) / 1000
  const [{ wal }] = await query(url, `select pg_wal_lsn_diff(pg_current_wal_lsn(), '${before}')::float8 as wal`)
  return { seconds, wal, result }
}
