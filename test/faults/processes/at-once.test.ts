import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { barRows, until, untilSession } from '../../support/blocked.ts'
import { errorsIn, syncUninterrupted, type Uninterrupted } from '../../support/crash-case.ts'
import { createLoadScenario, type LoadScenario, smallBatches } from '../../support/load-scenario.ts'
import { countedByRuns, runStates, tablesOf } from '../../support/table-state.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('two processes at once')

let uninterrupted: Uninterrupted
let scenario: LoadScenario

beforeAll(async () => {
  uninterrupted = await syncUninterrupted()
})
afterEach(() => scenario.close())

describe('two syncs at once', () => {
  test('do the work once: the second ends with 75 for the connection that is busy, and reads the others', async () => {
    scenario = await createLoadScenario()
    const { database, workplace } = scenario
    const barrier = await barRows(database)
    const first = workplace.start(['sync'], smallBatches)
    await barrier.reached()
    const second = await workplace.reelhouse(['sync', 'calls', '--json'], smallBatches)
    expect(second.code).toBe(75)
    expect(errorsIn(second.stderr)).toEqual(['connection calls: another sync of it is running; nothing was done'])
    expect(JSON.parse(second.stdout)).toEqual({
      connections: [
        {
          connection: 'calls',
          stream: null,
          state: 'failed',
          records: null,
          rows: null,
          tallies: {},
          errors: ['connection calls: another sync of it is running; nothing was done'],
        },
      ],
    })
    await barrier.open()
    expect((await first.ended).code).toBe(0)
    expect(await tablesOf(database)).toEqual(uninterrupted.tables)
    expect(await runStates(database)).toEqual(['calls sync succeeded', 'chats sync succeeded'])
  })

  test('that begin in the same moment leave the same tables', async () => {
    scenario = await createLoadScenario()
    const { database, workplace } = scenario
    const both = await Promise.all([1, 2].map(() => workplace.reelhouse(['sync'], smallBatches)))
    expect(both.map(({ code }) => code).every((code) => code === 0 || code === 75)).toBe(true)
    expect(await tablesOf(database)).toEqual(uninterrupted.tables)
    expect(await countedByRuns(database)).toEqual(uninterrupted.counted)
  })
})

test('a sync that has lost its locks, and one that therefore runs beside it, leave the same tables', async () => {
  scenario = await createLoadScenario()
  const { database, workplace } = scenario
  const barrier = await barRows(database)
  const robbed = workplace.start(['sync'], smallBatches)
  await barrier.reached()
  await database.rows(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'reelhouse locks'",
  )
  const beside = workplace.start(['sync'], smallBatches)
  await until('both wait for the rows', async () => {
    const waiting = await database.rows(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return waiting.length === 2
  })
  await barrier.open()
  const codes = [(await robbed.ended).code, (await beside.ended).code]
  expect(codes.every((code) => code === 0 || code === 1)).toBe(true)
  expect(codes).toContain(1)
  expect((await workplace.reelhouse(['sync'], smallBatches)).code).toBe(0)
  expect(await tablesOf(database)).toEqual(uninterrupted.tables)
  expect(await countedByRuns(database)).toEqual(uninterrupted.counted)
})

describe('a migration', () => {
  test('waits for a running sync', async () => {
    scenario = await createLoadScenario()
    const { database, workplace } = scenario
    const barrier = await barRows(database)
    const sync = workplace.start(['sync'], smallBatches)
    await barrier.reached()
    const migrate = workplace.start(['migrate'])
    await untilSession(database, 'migrate')
    await barrier.open()
    expect((await sync.ended).code).toBe(0)
    expect(await migrate.ended).toMatchObject({ code: 0, stdout: 'The schema is up to date.\n', stderr: '' })
    expect(await tablesOf(database)).toEqual(uninterrupted.tables)
  })

  test('keeps a sync waiting until it is done', async () => {
    scenario = await createLoadScenario()
    const { database, workplace } = scenario
    const migrating = await database.session()
    await migrating.client.query('select pg_advisory_lock(724901, 0)')
    const sync = workplace.start(['sync'], smallBatches)
    await untilSession(database, 'locks')
    await migrating.client.query('select pg_advisory_unlock(724901, 0)')
    expect((await sync.ended).code).toBe(0)
    expect(await tablesOf(database)).toEqual(uninterrupted.tables)
  })
})
