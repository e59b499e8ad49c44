// A command that uses the embedded warehouse, as a process of its own: `node embedded-user.mjs <dir> hold|churn <rounds>`.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openEmbeddedWarehouse } from '../../dist/warehouse/embedded.js'

const [, , dir, mode, rounds] = process.argv
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const onNotice = (notice) => say({ notice })

const hold = async () => {
  const warehouse = await openEmbeddedWarehouse(dir, { onNotice })
  process.on('SIGINT', () => say({ interrupted: true }))
  say({ url: warehouse.url })
  for await (const _ of process.stdin) break
  await warehouse.release()
  say({ released: true })
  process.stdin.destroy()
}

const churn = async () => {
  for (let round = 0; round < Number(rounds); round++) {
    const warehouse = await openEmbeddedWarehouse(dir, { onNotice })
    const client = new pg.Client({ connectionString: warehouse.url, application_name: 'reelhouse churn' })
    client.on('error', () => undefined)
    await client.connect()
    await client.query('create table if not exists visits (at timestamptz)').catch(() => undefined)
    await sleep(Math.random() * 80)
    await client.query('insert into visits values (now())')
    await client.end()
    await warehouse.release()
    await sleep(Math.random() * 120)
  }
  say({ released: true })
}

await (mode === 'churn' ? churn() : hold()).catch((error) => {
  say({ error: error.name, message: error.message })
  // The session it holds would keep it alive.
  process.exit(1)
})
