import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { barRows } from '../../support/blocked.ts'
import { config, createLoadScenario, type LoadScenario, smallBatches } from '../../support/load-scenario.ts'
import { rowVersions, runStates, type Tables, tablesOf } from '../../support/table-state.ts'
import { tallyEach } from '../tally-each.ts'
import { killPoints } from './kill-points.ts'

tallyEach('SIGKILL at a step: replay')

/** Flatten and map say something else of most records than they did when they were loaded. */
const corrected = config
  .replace('call_duration_in_sec: seconds', 'call_duration_in_sec: { column: seconds, unit: ms }')
  .replace('message_text: text', 'message_text: text\n      first_name: { constant: Jo }')
  .replace('at, message_text: text', 'at')
  .replace('portfolio_id: oak', 'portfolio_id: elm')

/** Loaded once: every scenario begins with a copy. */
let loaded: LoadScenario
let template: string
beforeAll(async () => {
  loaded = await createLoadScenario()
  expect((await loaded.workplace.reelhouse(['sync'], smallBatches)).code).toBe(0)
  template = await loaded.database.asTemplate()
})
afterAll(() => loaded.close())

let scenario: LoadScenario
afterEach(() => scenario.close())

const loadedAndCorrected = async (): Promise<LoadScenario> => {
  const made = await createLoadScenario(undefined, template)
  await made.workplace.write('config/reelhouse.yaml', corrected)
  return made
}

/** What the replay leaves behind when nothing happens to it. */
const uninterrupted = async (args: readonly string[]): Promise<Tables> => {
  const whole = await loadedAndCorrected()
  const before = await tablesOf(whole.database)
  expect((await whole.workplace.reelhouse(args, smallBatches)).code).toBe(0)
  const tables = await tablesOf(whole.database)
  expect(tables.call_recordings).not.toEqual(before.call_recordings)
  await whole.close()
  return tables
}

describe('a replay', () => {
  let tables: Tables
  beforeAll(async () => {
    tables = await uninterrupted(['replay'])
  })

  /** `calls` keeps payloads, `chats` none: its files are read again. */
  test.each([
    ...killPoints('replay of payloads').map(([step, nth]) => ['calls', `${step}#${nth}`] as const),
    ...killPoints('replay of files').map(([step, nth]) => ['chats', `${step}#${nth}`] as const),
  ])('of %s that is killed at %s is completed by the next one', async (connection, fault) => {
    scenario = await loadedAndCorrected()
    const { database, workplace } = scenario
    const killed = await workplace.reelhouse(['replay', connection], {
      ...smallBatches,
      REELHOUSE_FAULT: `kill@${fault}`,
    })
    expect(killed.signal).toBe('SIGKILL')
    expect((await workplace.reelhouse(['replay'], smallBatches)).code).toBe(0)
    expect(await tablesOf(database)).toEqual(tables)
    expect((await runStates(database)).filter((run) => run.endsWith('running'))).toEqual([])

    const before = await rowVersions(database)
    expect((await workplace.reelhouse(['replay'], smallBatches)).code).toBe(0)
    expect(await rowVersions(database)).toEqual(before)
  })
})

describe('a re-mapping', () => {
  let tables: Tables
  beforeAll(async () => {
    tables = await uninterrupted(['replay', '--map'])
  })

  test.each(killPoints('remap'))(
    'that is killed at %s the %i. time is completed by the next one',
    async (step, nth) => {
      scenario = await loadedAndCorrected()
      const { database, workplace } = scenario
      const killed = await workplace.reelhouse(['replay', '--map'], { REELHOUSE_FAULT: `kill@${step}#${nth}` })
      expect(killed.signal).toBe('SIGKILL')
      expect((await workplace.reelhouse(['replay', '--map'])).code).toBe(0)
      expect(await tablesOf(database)).toEqual(tables)
      expect((await runStates(database)).filter((run) => run.endsWith('running'))).toEqual([])

      const before = await rowVersions(database)
      expect((await workplace.reelhouse(['replay', '--map'])).code).toBe(0)
      expect(await rowVersions(database)).toEqual(before)
    },
  )

  test('that is killed while it writes is completed by the next one, and the one after it writes nothing', async () => {
    scenario = await loadedAndCorrected()
    const { database, workplace } = scenario
    const barrier = await barRows(database)
    const killed = workplace.start(['replay', '--map'])
    await barrier.reached()
    killed.kill('SIGKILL')
    expect((await killed.ended).signal).toBe('SIGKILL')
    await barrier.open()

    expect((await workplace.reelhouse(['replay', '--map'])).code).toBe(0)
    expect(await tablesOf(database)).toEqual(tables)
    expect((await runStates(database)).slice(2)).toEqual([
      'calls remap abandoned',
      'calls remap succeeded',
      'chats remap succeeded',
    ])

    const before = await rowVersions(database)
    expect((await workplace.reelhouse(['replay', '--map'])).code).toBe(0)
    expect(await rowVersions(database)).toEqual(before)
  })
})
