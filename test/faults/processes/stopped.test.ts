import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { barRows, until, untilSession } from '../../support/blocked.ts'
import { errorsIn } from '../../support/crash-case.ts'
import { createLoadScenario, type LoadScenario, longDumps } from '../../support/load-scenario.ts'
import { runStates, type Tables, tablesOf } from '../../support/table-state.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('SIGTERM and SIGINT')

/** Two files of three pages and fifteen batches each. */
const dumps = longDumps(2, 1500)
const batches = { REELHOUSE_BATCH_ROWS: '100' }

let uninterrupted: Tables
let scenario: LoadScenario

beforeAll(async () => {
  const whole = await createLoadScenario(dumps)
  expect((await whole.workplace.reelhouse(['sync'], batches)).code).toBe(0)
  uninterrupted = await tablesOf(whole.database)
  await whole.close()
})

afterEach(() => scenario.close())

const stopping = (signal: string) => `${signal}: stopping after the current batch; once more stops at once`

describe.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a sync that gets %s in the middle of a file', (signal, code) => {
  test(`commits what it has read, ends with ${code}, and the next one goes on from there`, async () => {
    scenario = await createLoadScenario(dumps)
    const { database, workplace } = scenario
    const barrier = await barRows(database)
    const sync = workplace.start(['sync', '--json'], batches)
    await barrier.reached()
    sync.kill(signal)
    await until('the signal is logged', () => sync.stderr().includes(stopping(signal)))
    await barrier.open()

    const stopped = await sync.ended
    expect(stopped).toMatchObject({ code, signal: null })
    expect(errorsIn(stopped.stderr)).toEqual([stopping(signal)])
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      connections: [{ connection: 'calls', state: 'stopped', files: { loaded: 0, known: 0 }, errors: [] }],
    })
    expect(await runStates(database)).toEqual(['calls sync stopped'])
    const files = await database.rows<{ records_committed: number }>(
      'select file_name, state, records_committed from reelhouse.loaded_files',
    )
    expect(files).toMatchObject([{ file_name: '../dumps/calls-0.csv', state: 'loading' }])
    const committed = files[0]?.records_committed ?? 0
    expect(committed).toBeGreaterThan(0)
    expect(committed).toBeLessThan(1500)

    const next = await workplace.reelhouse(['sync'], batches)
    expect(next.code).toBe(0)
    expect(next.stderr).toContain(`"fromRecord":${committed},"msg":"going on with file"`)
    expect(await tablesOf(database)).toEqual(uninterrupted)
    expect(await runStates(database)).toEqual(['calls sync stopped', 'calls sync succeeded', 'chats sync succeeded'])
  })

  test('and gets it again, ends at once and loses only the batch', async () => {
    scenario = await createLoadScenario(dumps)
    const { database, workplace } = scenario
    const barrier = await barRows(database)
    const sync = workplace.start(['sync'], batches)
    await barrier.reached()
    sync.kill(signal)
    await until('the signal is logged', () => sync.stderr().includes(stopping(signal)))
    sync.kill(signal)
    expect(await sync.ended).toMatchObject({ code, stdout: '' })
    await barrier.open()

    expect((await workplace.reelhouse(['sync'], batches)).code).toBe(0)
    expect(await tablesOf(database)).toEqual(uninterrupted)
    expect(await runStates(database)).toEqual(['calls sync abandoned', 'calls sync succeeded', 'chats sync succeeded'])
  })
})

test('a sync that is stopped while another command keeps it waiting says so by its exit code', async () => {
  scenario = await createLoadScenario(dumps)
  const { database, workplace } = scenario
  const migrating = await database.session()
  await migrating.client.query('select pg_advisory_lock(724901, 0)')
  const sync = workplace.start(['sync'], batches)
  await untilSession(database, 'locks')
  sync.kill('SIGTERM')
  expect(await sync.ended).toMatchObject({ code: 143, stdout: '' })
  expect(await runStates(database)).toEqual([])
})

test.each([
  ['sync', 'calls sync stopped'],
  ['replay --map', 'calls remap stopped'],
])('%s, stopped while another run reads its file, stops its run', async (command, run) => {
  scenario = await createLoadScenario(dumps)
  const { database, workplace } = scenario
  await workplace.reelhouse(['sync'], { REELHOUSE_FAULT: 'fail@file-scanned' })
  await database.rows(`
    insert into reelhouse.call_recordings (connection_key, conversation_id, message_id, created_at, source, media, record_id, source_ordinal, first_loaded_at, last_changed_at, run_id)
    values (1, 'c', 'a', now(), 'files', 'audio', 'a', 1, now(), now(), 1)`)
  const other = await database.session()
  await other.client.query('select pg_advisory_lock(724903, 1)')
  const waiting = workplace.start(command.split(' '), batches)
  await until('its run has begun', async () => (await runStates(database)).at(-1)?.endsWith('running') === true)
  waiting.kill('SIGTERM')
  expect((await waiting.ended).code).toBe(143)
  expect((await runStates(database)).at(-1)).toBe(run)
})
