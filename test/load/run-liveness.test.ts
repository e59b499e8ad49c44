import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunCommand } from '../../src/domain/run.ts'
import { readStatus } from '../../src/load/status.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openLoader, runOf } from '../support/loading.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const range = { from: 0, to: 3_600_000_000 }
const runs = (connection: string, columns = 'command, state') =>
  database.rows(
    `select ${columns} from reelhouse.runs join reelhouse.connections using (connection_key)
     where connection_id = $1 order by run_id`,
    [connection],
  )
const shownState = async (connection: string) =>
  (await readStatus(await database.session())).find((stream) => stream.connection === connection)?.last_run.state

const commands: readonly RunCommand[] = ['sync', 'backfill', 'replay', 'remap', 'verify']

test.each(commands)(
  'a %s says that it runs while its process lives, and is abandoned when that dies',
  async (command) => {
    const connection = `lives-${command}`
    const living = await openLoader(database, connection, { command, range })
    const run = await living.loader.startRun()
    expect(await shownState(connection)).toBe('running')
    await living.die()
    expect(await shownState(connection)).toBe('abandoned')
    expect(await runs(connection)).toEqual([{ command, state: 'running' }])

    const next = await openLoader(database, connection, { command: 'verify' })
    await next.loader.startRun()
    expect(await runs(connection, 'run_id, state, error, finished_at is not null as ended')).toMatchObject([
      { run_id: run.runId, state: 'abandoned', error: 'its process ended without a word', ended: true },
      { state: 'running', error: null, ended: false },
    ])
  },
)

test('a run that begins marks the dead ones of its connection, whatever their command, and no other', async () => {
  const session = await database.session()
  for (const command of commands) await runOf(session, 'dead', { command, source: 'telnyx' })
  await runOf(session, 'dead-elsewhere')
  const living = await openLoader(database, 'dead', { command: 'backfill', range })
  const backfill = await living.loader.startRun()
  const finished = await openLoader(database, 'dead', { command: 'verify' })
  await finished.loader.finishRun(await finished.loader.startRun(), 'succeeded', null)
  const { loader } = await openLoader(database, 'dead')
  await loader.startRun()
  expect(await runs('dead')).toEqual([
    ...commands.map((command) => ({ command, state: 'abandoned' })),
    { command: 'backfill', state: 'running' },
    { command: 'verify', state: 'succeeded' },
    { command: 'sync', state: 'running' },
  ])
  expect(await runs('dead-elsewhere')).toEqual([{ command: 'sync', state: 'running' }])
  await living.loader.finishRun(backfill, 'succeeded', null)
  expect(await shownState('dead-elsewhere')).toBe('abandoned')
})

test('the windows that a dead run was reading have failed', async () => {
  const dying = await openLoader(database, 'dying')
  const run = await dying.loader.startRun()
  await dying.loader.beginWindow(run, 'created_at', range, 'sync')
  const failed = await dying.loader.beginWindow(run, 'created_at', range, 'sync')
  await dying.loader.failWindow(failed, 'it does not add up')
  await dying.die()
  const { loader } = await openLoader(database, 'dying')
  const next = await loader.startRun()
  await loader.beginWindow(next, 'created_at', range, 'sync')
  expect(
    await database.rows(
      `select state, error from reelhouse.windows join reelhouse.connections using (connection_key)
       where connection_id = 'dying' order by window_key`,
    ),
  ).toEqual([
    { state: 'failed', error: 'the process of its run ended without a word' },
    { state: 'failed', error: 'it does not add up' },
    { state: 'running', error: null },
  ])
})

test('a run that has ended holds no lock: the next of its kind begins, also in the same process', async () => {
  const { loader } = await openLoader(database, 'ended')
  for (const state of ['succeeded', 'failed'] as const) {
    const run = await loader.startRun()
    await loader.finishRun(run, state, null)
  }
  const other = await openLoader(database, 'ended')
  await expect(other.loader.startRun()).resolves.toMatchObject({ command: 'sync' })
})

test('a run whose end cannot be written lets go of its locks, and is abandoned', async () => {
  const { loader } = await openLoader(database, 'endless', {
    reached: (step) => {
      if (step === 'run-before-finish') throw new Error('the end of the run is lost')
    },
  })
  await expect(loader.finishRun(await loader.startRun(), 'succeeded', null)).rejects.toThrow(
    'the end of the run is lost',
  )
  expect(await shownState('endless')).toBe('abandoned')
  const next = await openLoader(database, 'endless')
  await next.loader.startRun()
  expect(await runs('endless')).toEqual([
    { command: 'sync', state: 'abandoned' },
    { command: 'sync', state: 'running' },
  ])
})

test('a role without any right on sequences can run', async () => {
  const role = `runner_${Date.now()}`
  await database.rows(`create role ${role}`)
  try {
    await database.rows(`grant usage on schema reelhouse to ${role}`)
    await database.rows(`grant select, insert, update, delete on all tables in schema reelhouse to ${role}`)
    const { loader, session } = await openLoader(database, 'restricted')
    await session.client.query(`set role ${role}`)
    const run = await loader.startRun()
    await loader.beginWindow(run, 'created_at', range, 'sync')
    await loader.finishRun(run, 'succeeded', null)
    expect(await runs('restricted')).toEqual([{ command: 'sync', state: 'succeeded' }])
    await session.client.query('reset role')
  } finally {
    await database.rows(`drop owned by ${role}`)
    await database.rows(`drop role ${role}`)
  }
})
