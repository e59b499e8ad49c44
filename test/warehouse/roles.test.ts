import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelnyxSimulator, type TelnyxSimulator } from '../../src/simulator/telnyx/simulator.ts'
import { migrate } from '../../src/warehouse/migrations.ts'
import { openSession, type Session } from '../../src/warehouse/session.ts'
import { codeBlocks } from '../docs/markdown.ts'
import { readPage, root } from '../docs/pages.ts'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { privacyEnv, privacySection } from '../support/forget-case.ts'

const script = await readFile(join(root, 'config/roles.sql'), 'utf8')
const apiKey = 'KEY0199-roles-not-a-real-one'

let database: TestDatabase
let admin: Session
let workplace: Workplace
let simulator: TelnyxSimulator
/** Roles belong to the server, which other tests share. */
let suffix: string
beforeAll(async () => {
  database = await createTestDatabase(null)
  admin = await database.session()
  suffix = new URL(database.url).pathname.slice(1)
  simulator = await startTelnyxSimulator({ apiKey })
  workplace = await createWorkplace(database.url)
  for (const statement of (await documented()).slice(0, 1)) await admin.client.query(statement)
  const owner = await openSession(urlOf('etl_owner'), { purpose: 'test' })
  await migrate(owner)
  await owner.close()
  await admin.client.query(script)
  for (const statement of (await documented()).slice(1)) await admin.client.query(statement)
})
afterAll(async () => {
  await simulator.close()
  await workplace.remove()
  await admin.client.query(`drop owned by ${logins.map((role) => `${role}_${suffix}`).join(', ')} cascade`)
  await admin.client.query('drop owned by reelhouse_loader, reelhouse_eraser, reelhouse_analyst cascade')
  for (const role of logins) await admin.client.query(`drop role ${role}_${suffix}`)
  await database.drop()
})

const logins = ['etl_owner', 'etl_run', 'etl_forget', 'analyst', 'monitor']

/** What the page tells an administrator to run, with names of this test's own. */
const documented = async (): Promise<readonly string[]> => {
  const { text } = await readPage('docs/operator.md')
  const [, section = ''] = /^### Permissions$(.*?)^## /ms.exec(text) ?? []
  return codeBlocks(section)
    .filter(({ language }) => language === 'sql')
    .map((block) =>
      block.text
        .replaceAll(new RegExp(`\\b(${logins.join('|')})\\b`, 'g'), `$1_${suffix}`)
        .replaceAll("'...'", "'sesame-not-a-real-one'"),
    )
}

const urlOf = (role: string): string => {
  const url = new URL(database.url)
  url.username = `${role}_${suffix}`
  url.password = 'sesame-not-a-real-one'
  return url.href
}

const hour = 3_600_000

const config = () => `
connections:
  - id: front-desk
    source: telnyx
    api_key: \${TELNYX_API_KEY}
    base_url: ${simulator.baseUrl}
    start: ${new Date(Date.now() - 72 * hour).toISOString()}
    requests_per_second: 1000
  - id: calls
    source: files
    records: payloads
    paths: [../dumps/*.csv]
    version: none
    columns: { message_id: id, created_at: at }
retention: { runs: 1d, resolved_rejects: 1d, payloads: 1d }
${privacySection}`

const run = (role: string, args: readonly string[]) =>
  workplace.reelhouse(args, { DATABASE_URL: urlOf(role), TELNYX_API_KEY: apiKey, ...privacyEnv })

describe('the loader', () => {
  test('runs every command but migrate and forget', async () => {
    const now = Date.now() * 1000
    const [id = ''] = simulator.account.generate({ from: now - 48 * hour * 1000, to: now - hour * 1000, count: 30 })
    await workplace.write('config/reelhouse.yaml', config())
    await workplace.write('dumps/a.csv', 'id,at\na,2026-01-01T00:00:00Z\nb,soon\n')
    const range = [
      '--from',
      new Date(Date.now() - 48 * hour).toISOString(),
      '--to',
      new Date(Date.now() - hour).toISOString(),
    ]
    const commands = [
      ['check'],
      ['sync'],
      ['sync', '--force'],
      ['backfill', 'front-desk', ...range, '--again'],
      ['verify', 'front-desk', ...range, '--ids'],
      ['replay'],
      ['replay', '--map'],
      ['replay', '--rejects'],
      ['resolve', 'front-desk', id],
      ['status'],
      ['rejects', '--payload'],
    ]
    const ends: unknown[] = []
    for (const args of commands) {
      const { code, stderr } = await run('etl_run', args)
      ends.push({ args: args[0], code, problems: stderr.split('\n').filter((line) => /"(?:error|fatal)"/.test(line)) })
    }
    expect(ends).toEqual(commands.map(([name]) => ({ args: name, code: 0, problems: [] })))
    await admin.client.query(`
      update reelhouse.runs set finished_at = now() - interval '3 days' where state <> 'running';
      update reelhouse.windows set completed_at = now() - interval '3 days';
      update reelhouse.source_records set read_at = now() - interval '3 days';
      update reelhouse.rejected_records set resolved_at = now() - interval '3 days', last_changed_at = now() - interval '3 days'`)
    expect(await run('etl_run', ['prune'])).toMatchObject({ code: 0 })
    expect(await database.rows('select count(*)::integer as rejects from reelhouse.rejected_records')).toEqual([
      { rejects: 0 },
    ])
  }, 240_000)

  test('cannot migrate, which the message says', async () => {
    const [last] = await database.rows<{ name: string; timestamp: string }>(
      'select * from reelhouse.migrations order by name desc limit 1',
    )
    await database.rows('delete from reelhouse.migrations where name = $1', [last?.name])
    const { code, stderr } = await run('etl_run', ['migrate'])
    await database.rows('insert into reelhouse.migrations values ($1, $2)', [last?.name, last?.timestamp])
    expect(code).toBe(2)
    expect(stderr).toMatch(/the warehouse refuses: (?:permission denied|must be owner)/)
  })

  test('may write tables of a later migration at once, and delete from none of the rows', async () => {
    const owner = await openSession(urlOf('etl_owner'), { purpose: 'test' })
    await owner.client.query('create table reelhouse.of_tomorrow (a text)')
    const session = await openSession(urlOf('etl_run'), { purpose: 'test' })
    await session.client.query("insert into reelhouse.of_tomorrow values ('a')")
    for (const table of ['call_recordings', 'source_records', 'coverage', 'of_tomorrow', 'migrations'])
      await expect(session.client.query(`delete from reelhouse.${table}`)).rejects.toThrow('permission denied')
    for (const statement of [
      'drop table reelhouse.call_recordings',
      'truncate reelhouse.call_recordings',
      'alter table reelhouse.call_recordings add column a text',
      'create table reelhouse.mine (a text)',
      "update reelhouse.migrations set name = 'a'",
    ])
      await expect(session.client.query(statement)).rejects.toThrow(/permission denied|must be owner/)
    await session.close()
    await owner.client.query('drop table reelhouse.of_tomorrow')
    await owner.close()
  })
})

interface Privileges {
  readonly name: string
  readonly reads: boolean
  readonly readsSome: boolean
  readonly writes: boolean
}

const privilegesOf = (role: string) =>
  database.rows<Privileges>(
    `select relname as name,
      has_table_privilege($1, oid, 'select') as reads,
      has_any_column_privilege($1, oid, 'select') as "readsSome",
      has_table_privilege($1, oid, 'insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege($1, oid, 'insert, update, references') as writes
    from pg_class where relnamespace = 'reelhouse'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f', 'S') order by relname`,
    [role],
  )

test('the eraser runs forget, which the loader is refused', async () => {
  const args = ['forget', '--conversation', 'of-nobody', '--yes']
  expect(await run('etl_run', args)).toMatchObject({ code: 2, stderr: expect.stringContaining('permission denied') })
  expect(await run('etl_forget', args)).toMatchObject({ code: 1, stderr: '' })
})

describe('the analyst', () => {
  test('reads every view and the rows, and of all else not one column but the names of connections', async () => {
    const privileges = await privilegesOf(`analyst_${suffix}`)
    const views = await database.rows<{ name: string }>(
      "select viewname as name from pg_views where schemaname = 'reelhouse'",
    )
    expect(
      privileges
        .filter(({ reads }) => reads)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...views.map(({ name }) => name), 'call_recordings'].sort())
    expect(privileges.filter(({ reads, readsSome }) => readsSome && !reads).map(({ name }) => name)).toEqual([
      'connections',
    ])
    expect(privileges.filter(({ writes }) => writes)).toEqual([])
  })

  test('is refused payloads, quarantine and every write, and has what was loaded', async () => {
    const session = await openSession(urlOf('analyst'), { purpose: 'test' })
    const { rows } = await session.client.query('select count(*)::integer as n from reelhouse.recordings')
    expect(rows[0].n).toBeGreaterThan(30)
    await session.client.query(
      'select connection_id, message_id from reelhouse.call_recordings join reelhouse.connections using (connection_key)',
    )
    for (const statement of [
      'select payload from reelhouse.source_records',
      'select record_id from reelhouse.source_records',
      'select payload from reelhouse.rejected_records',
      'select account_fingerprint from reelhouse.connections',
      'select error from reelhouse.runs',
      "update reelhouse.call_recordings set message_text = 'a'",
      "update reelhouse.travtus_call_recordings set message_text = 'a'",
      'delete from reelhouse.call_recordings',
      "insert into reelhouse.connections (connection_id, source) values ('a', 'files')",
      'truncate reelhouse.call_recordings',
      'create table reelhouse.mine (a text)',
      'set role reelhouse_loader',
    ])
      await expect(session.client.query(statement), statement).rejects.toThrow(/permission denied/)
    await session.close()
  })
})

test('the monitor sees the status, and writes nothing', async () => {
  expect(await run('monitor', ['status'])).toMatchObject({ code: 0 })
  expect(await run('monitor', ['rejects'])).toMatchObject({ code: 0 })
  expect((await privilegesOf(`monitor_${suffix}`)).filter(({ writes }) => writes)).toEqual([])
})

describe('the script', () => {
  test('may be run again at any time, and takes back what was granted beyond it', async () => {
    const before = [await privilegesOf('reelhouse_loader'), await privilegesOf('reelhouse_analyst')]
    await admin.client.query('grant select, update on reelhouse.source_records to reelhouse_analyst')
    await admin.client.query(script)
    await admin.client.query(script)
    expect([await privilegesOf('reelhouse_loader'), await privilegesOf('reelhouse_analyst')]).toEqual(before)
  })

  test('asks for the tables first', async () => {
    const empty = await createTestDatabase(null)
    await expect(empty.rows(script)).rejects.toThrow('this database has no reelhouse tables; run: reelhouse migrate')
    await empty.drop()
  })
})
