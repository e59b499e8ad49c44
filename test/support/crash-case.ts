import { expect } from 'vitest'
import type { Step } from '../../src/domain/step.ts'
import type { CliResult } from './cli.ts'
import { createLoadScenario, type LoadScenario, smallBatches } from './load-scenario.ts'
import { countedByRuns, rowVersions, runStates, type Tables, tablesOf } from './table-state.ts'

/** What an uninterrupted sync of the scenario leaves behind. */
export interface Uninterrupted {
  readonly tables: Tables
  readonly counted: readonly object[]
}

export const syncUninterrupted = async (files?: Readonly<Record<string, string>>): Promise<Uninterrupted> => {
  const scenario = await createLoadScenario(files)
  try {
    const { code, stderr } = await scenario.workplace.reelhouse(['sync'], smallBatches)
    expect({ code, errors: errorsIn(stderr) }).toEqual({ code: 0, errors: [] })
    return { tables: await tablesOf(scenario.database), counted: await countedByRuns(scenario.database) }
  } finally {
    await scenario.close()
  }
}

/** Messages of log lines that are worse than a note. */
export const errorsIn = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level !== 'info')
    .map(({ msg }) => msg)

/** The next sync ends well and completes what was begun; the one after it writes nothing. */
export const expectRecovery = async (scenario: LoadScenario, uninterrupted: Uninterrupted): Promise<void> => {
  const { database, workplace } = scenario
  const again = await workplace.reelhouse(['sync'], smallBatches)
  expect({ code: again.code, errors: errorsIn(again.stderr) }).toEqual({ code: 0, errors: [] })
  expect(await tablesOf(database)).toEqual(uninterrupted.tables)
  expect(await countedByRuns(database)).toEqual(uninterrupted.counted)

  const before = await rowVersions(database)
  const third = await workplace.reelhouse(['sync', '--json'], smallBatches)
  expect(third.code).toBe(0)
  expect(await rowVersions(database)).toEqual(before)
  expect(await tablesOf(database)).toEqual(uninterrupted.tables)
  expect(await countedByRuns(database)).toEqual(uninterrupted.counted)
}

/** Where a load is interrupted: the n-th time that a step is reached, and in which of the two connections that is. */
export interface Interruption {
  readonly step: Step
  readonly nth: number
  readonly connection: 'calls' | 'chats'
}

/** Each step the first time and once later. `calls` has three files of three or four batches, `chats` two of three. */
export const interruptions: readonly Interruption[] = [
  { step: 'run-started', nth: 1, connection: 'calls' },
  { step: 'run-started', nth: 2, connection: 'chats' },
  { step: 'file-scanned', nth: 1, connection: 'calls' },
  { step: 'file-scanned', nth: 3, connection: 'calls' },
  { step: 'file-begun', nth: 1, connection: 'calls' },
  { step: 'file-begun', nth: 5, connection: 'chats' },
  { step: 'batch-begun', nth: 1, connection: 'calls' },
  { step: 'batch-begun', nth: 6, connection: 'calls' },
  { step: 'batch-staged', nth: 1, connection: 'calls' },
  { step: 'batch-staged', nth: 4, connection: 'calls' },
  { step: 'batch-upserted', nth: 1, connection: 'calls' },
  { step: 'batch-upserted', nth: 9, connection: 'calls' },
  { step: 'batch-before-commit', nth: 1, connection: 'calls' },
  { step: 'batch-before-commit', nth: 7, connection: 'calls' },
  { step: 'batch-committed', nth: 1, connection: 'calls' },
  { step: 'batch-committed', nth: 12, connection: 'chats' },
  { step: 'file-read', nth: 1, connection: 'calls' },
  { step: 'file-read', nth: 3, connection: 'calls' },
  { step: 'file-completed', nth: 1, connection: 'calls' },
  { step: 'file-completed', nth: 4, connection: 'chats' },
  { step: 'run-before-finish', nth: 1, connection: 'calls' },
  { step: 'run-before-finish', nth: 2, connection: 'chats' },
  { step: 'run-finished', nth: 1, connection: 'calls' },
  { step: 'run-finished', nth: 2, connection: 'chats' },
]

/** Syncs the scenario with the fault, then as the scheduler would. Returns what the interrupted process left behind. */
export const interruptAndRecover = async (
  fault: string,
  uninterrupted: Uninterrupted,
): Promise<{ readonly interrupted: CliResult; readonly runs: readonly string[] }> => {
  const scenario = await createLoadScenario()
  try {
    const interrupted = await scenario.workplace.reelhouse(['sync'], { ...smallBatches, REELHOUSE_FAULT: fault })
    await expectRecovery(scenario, uninterrupted)
    return { interrupted, runs: (await runStates(scenario.database)).slice(0, -2) }
  } finally {
    await scenario.close()
  }
}
