import { afterEach, beforeAll, expect, test } from 'vitest'
import { expectRecovery, syncUninterrupted, type Uninterrupted } from '../../support/crash-case.ts'
import { createLoadScenario, type LoadScenario, smallBatches } from '../../support/load-scenario.ts'
import { runStates } from '../../support/table-state.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('SIGKILL twice in a row')

let uninterrupted: Uninterrupted
let scenario: LoadScenario

beforeAll(async () => {
  uninterrupted = await syncUninterrupted()
})
afterEach(() => scenario.close())

test.each([
  ['kill@batch-staged#2', 'kill@batch-before-commit#2'],
  ['kill@batch-committed#2', 'kill@run-started#1'],
  ['kill@file-completed#2', 'kill@file-begun#1'],
  ['fail@batch-upserted#5', 'kill@batch-committed#1'],
])('a sync that dies at %s, and whose successor dies at %s, is completed by the third', async (first, second) => {
  scenario = await createLoadScenario()
  const { database, workplace } = scenario
  for (const fault of [first, second]) {
    const { code, signal } = await workplace.reelhouse(['sync', 'calls'], { ...smallBatches, REELHOUSE_FAULT: fault })
    expect({ code, signal }).toEqual(
      fault.startsWith('kill') ? { code: null, signal: 'SIGKILL' } : { code: 1, signal: null },
    )
  }
  await expectRecovery(scenario, uninterrupted)
  expect((await runStates(database)).filter((run) => run.endsWith('running'))).toEqual([])
})
