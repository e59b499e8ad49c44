import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { openEmbeddedWarehouse } from '../../../src/warehouse/embedded.ts'
import { barRows, until } from '../../support/blocked.ts'
import { createWorkplace } from '../../support/cli.ts'
import { csv } from '../../support/cli-case.ts'
import { errorsIn, expectRecovery, syncUninterrupted, type Uninterrupted } from '../../support/crash-case.ts'
import {
  createLoadScenario,
  type LoadScenario,
  longDumps,
  smallBatches,
  writeDumps,
} from '../../support/load-scenario.ts'
import { createTelnyxCase, day, hour } from '../../support/telnyx-case.ts'
import { failingStatements } from '../failing-statements.ts'
import { isWhole } from '../tally.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('Postgres: outages')

const run = promisify(execFile)

let uninterrupted: Uninterrupted
beforeAll(async () => {
  uninterrupted = await syncUninterrupted()
})

const scenarioOf = async (files?: Readonly<Record<string, string>>): Promise<LoadScenario> => {
  const scenario = await createLoadScenario(files)
  onTestFinished(() => scenario.close())
  return scenario
}

const nameOf = ({ database }: LoadScenario): string => new URL(database.url).pathname.slice(1)

test('a warehouse that takes no writes ends a sync with 2 and its word; writable again, the next one loads', async () => {
  const scenario = await scenarioOf()
  const { database, workplace } = scenario
  await database.rows(`alter database ${nameOf(scenario)} set default_transaction_read_only = on`)
  const refused = await workplace.reelhouse(['sync'], smallBatches)
  expect(refused.code).toBe(2)
  expect(errorsIn(refused.stderr)[0]).toMatch(
    /^the warehouse refuses: cannot execute .* in a read-only transaction \(SQLSTATE 25006\)$/,
  )
  await database.rows(`alter database ${nameOf(scenario)} reset default_transaction_read_only`)
  await expectRecovery(scenario, uninterrupted)
})

test('a statement timeout that an administrator has set ends a sync with 1; without it the next one goes on', async () => {
  const scenario = await scenarioOf()
  const { database, workplace } = scenario
  await database.rows(`alter database ${nameOf(scenario)} set statement_timeout = '300ms'`)
  const barrier = await barRows(database)
  const timedOut = await workplace.reelhouse(['sync'], smallBatches)
  await barrier.open()
  expect(timedOut.code).toBe(1)
  expect(errorsIn(timedOut.stderr)[0]).toBe(
    'the warehouse was lost or is not ready: canceling statement due to statement timeout (SQLSTATE 57014); run the command again',
  )
  await database.rows(`alter database ${nameOf(scenario)} reset statement_timeout`)
  await expectRecovery(scenario, uninterrupted)
})

// They wait longer than they work: a batch is tried nine times.
test.concurrent.for(['53100', '40P01', '40001'])(
  'statements that go on failing with %s end a sync with 1; the next one goes on',
  async (state, { onTestFinished }) => {
    const scenario = await createLoadScenario()
    onTestFinished(() => scenario.close())
    const statements = await failingStatements(scenario.database)
    await statements.fail(40, 1000, state)
    const failed = await scenario.workplace.reelhouse(['sync'], smallBatches)
    expect(failed.code).toBe(1)
    expect(errorsIn(failed.stderr)[0]).toBe(
      `the warehouse was lost or is not ready: refused on purpose (SQLSTATE ${state}); run the command again`,
    )
    await statements.stop()
    await expectRecovery(scenario, uninterrupted)
  },
)

/** Texts that no compression makes smaller, so that a small disk is soon full. */
const bulky = (lines: number): string =>
  csv(
    ...Array.from({ length: lines }, (_, n) => {
      const text = Array.from({ length: 500 }, (_, k) =>
        Math.sin(n * 1000 + k)
          .toString(36)
          .slice(3),
      ).join(' ')
      return `bulky-${n},2026-01-01 10:00:00,60,,,inbound,${text}`
    }),
  )

const mounts = process.getuid?.() === 0 && process.platform === 'linux'

test.skipIf(!mounts)('a full disk ends a sync with 1; with room again the next one goes on', async ({ skip }) => {
  const disk = await mkdtemp(join(tmpdir(), 'reelhouse-disk-'))
  onTestFinished(() => rm(disk, { recursive: true, force: true }))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).catch(() =>
    skip('a tmpfs cannot be mounted here'),
  )
  onTestFinished(async () => void (await run('umount', [disk])))
  const scenario = await createLoadScenario({})
  onTestFinished(async () => {
    await scenario.database.rows('drop schema reelhouse cascade')
    await scenario.database.rows(`drop tablespace ${tablespace}`)
    await scenario.close()
  })
  const { database, workplace } = scenario
  const tablespace = `small_${nameOf(scenario)}`
  const [server] = await database.rows<{ data_directory: string }>('show data_directory')
  const owner = await stat(server?.data_directory ?? '')
  await chown(disk, owner.uid, owner.gid)
  await database.rows(`create tablespace ${tablespace} location '${disk}'`)
  await database.rows(`alter table reelhouse.call_recordings set tablespace ${tablespace}`)
  const plain =
    'connections: [{ id: bulk, source: files, paths: [../dumps/*.csv], zone: America/Chicago, version: none, columns: { message_id: id, created_at: began, message_text: text } }]\n'
  await workplace.write('config/reelhouse.yaml', plain)
  await workplace.write('dumps/bulky.csv', bulky(2000))

  const full = await workplace.reelhouse(['sync'], { REELHOUSE_BATCH_ROWS: '100' })
  expect(full.code).toBe(1)
  expect(errorsIn(full.stderr)[0]).toMatch(
    /^the warehouse was lost or is not ready: could not extend file .*No space left on device.*\(SQLSTATE 53100\); run the command again$/,
  )
  const [half] = await database.rows<{ rows: number }>(
    'select count(*)::integer as rows from reelhouse.call_recordings',
  )
  expect(half?.rows).toBeLessThan(2000)
  await run('mount', ['-o', 'remount,size=64m', disk])
  expect(await workplace.reelhouse(['sync'])).toMatchObject({ code: 0 })
  expect(
    await database.rows(
      'select count(*)::integer as rows, sum(length(message_text)) > 0 as whole from reelhouse.call_recordings',
    ),
  ).toEqual([{ rows: 2000, whole: true }])
})

test('sessions that an administrator ends between two windows end a sync with 1; the next one reads what is left', async () => {
  const place = await createTelnyxCase({
    startDaysAgo: 2,
    settings: '    max_window: 12h\n    rereads: [{ depth: 10d, every: run }]',
    simulator: { seed: 9 },
  })
  const { account } = place.simulator
  account.generate({ from: place.began - 2 * day + hour, to: place.began - hour, count: 60 })
  let listed = 0
  place.simulator.onRequest = ({ path }) => {
    if (path !== '/v2/recordings') return
    listed += 1
    if (listed === 3)
      void place.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'reelhouse lo%'",
      )
  }
  const lost = await place.json(['sync'])
  expect(lost.code).toBe(1)
  expect(lost.log[0]).toMatch(
    /^connection front-desk: window .* failed: the warehouse was lost or is not ready: .*; run the command again$/,
  )
  place.simulator.onRequest = undefined
  expect(await place.json(['sync'])).toMatchObject({ code: 0, log: [] })
  const stored = await place.rows('select record_id from reelhouse.source_records order by 1')
  expect(stored.map(({ record_id }) => record_id)).toEqual([...account.ids()].sort())
  expect(await place.rows('select count(*)::integer as n from reelhouse.coverage, unnest(covered)')).toEqual([{ n: 1 }])
})

/** SIGINT: stopped in an orderly way, sessions ended. SIGQUIT: as after a crash, with recovery. */
const restarts = isWhole ? (['SIGQUIT', 'SIGINT', 'SIGKILL'] as const) : (['SIGQUIT'] as const)

test.each(restarts)(
  'a server that is ended with %s under load, and comes back: the next sync goes on',
  { timeout: 180_000 },
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'reelhouse-restart-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const notices: string[] = []
    const server = await openEmbeddedWarehouse(join(folder, '.reelhouse'), {
      onNotice: (notice) => notices.push(notice),
    })
    onTestFinished(() => server.release())
    const workplace = await createWorkplace(server.url)
    onTestFinished(() => workplace.remove())
    const files = longDumps(2, 1500)
    const whole = await scenarioOf(files)
    const batches = { REELHOUSE_BATCH_ROWS: '100' }
    await workplace.write('config/reelhouse.yaml', readFileSync(join(whole.workplace.folder, 'config/reelhouse.yaml')))
    await writeDumps(workplace, files)
    expect((await workplace.reelhouse(['migrate'])).code).toBe(0)
    const sync = workplace.start(['sync'], batches)
    await until('it loads', () => sync.stderr().includes('loading file'))
    process.kill(
      Number(readFileSync(join(folder, '.reelhouse/postgres/postmaster.pid'), 'utf8').split('\n')[0]),
      signal,
    )
    const lost = await sync.ended
    expect(lost.code, lost.stderr).toBe(1)
    expect(errorsIn(lost.stderr)[0]).toMatch(
      /^the warehouse (was lost or is not ready|at .* cannot be reached or is not ready): /,
    )
    await until('the server is back', () => notices.some((notice) => notice.includes('is back')))
    expect((await workplace.reelhouse(['sync'], batches)).code).toBe(0)
    const { stdout } = await workplace.reelhouse(['status', '--json'])
    expect(JSON.parse(stdout).streams).toMatchObject([
      { connection: 'calls', rows: 3000, open_rejects: 0, half_loaded_files: [] },
      { connection: 'chats', rows: 0 },
    ])
  },
)
