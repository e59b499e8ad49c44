import { beforeAll, describe, expect, test } from 'vitest'
import type { Step } from '../../../src/domain/step.ts'
import {
  errorsIn,
  interruptAndRecover,
  interruptions,
  syncUninterrupted,
  type Uninterrupted,
} from '../../support/crash-case.ts'
import { isWhole } from '../tally.ts'
import { tallyEach } from '../tally-each.ts'

tallyEach('sync of files fails at a step')

let uninterrupted: Uninterrupted
beforeAll(async () => {
  uninterrupted = await syncUninterrupted()
})

/** Where the run could not be marked failed any more, the next one finds it dead; after its last word it has succeeded. */
const lastWordOf = (step: Step): string => {
  if (step === 'run-finished') return 'succeeded'
  return step === 'run-started' || step === 'run-before-finish' ? 'abandoned' : 'failed'
}

/** Of the two times that each step is tried the later one; that a killed sync goes on from the first is tried beside this. */
const tried = isWhole ? interruptions : interruptions.filter((_, index) => index % 2 === 1)

describe('a sync that fails', () => {
  test('is tried at every step', () => {
    expect(new Set(tried.map(({ step }) => step))).toEqual(new Set(interruptions.map(({ step }) => step)))
  })

  test.each(tried)('at $step#$nth is completed by the next one', async ({ step, nth, connection }) => {
    const { interrupted, runs } = await interruptAndRecover(`fail@${step}#${nth}`, uninterrupted)
    expect(interrupted).toMatchObject({ code: 1, signal: null })
    expect(errorsIn(interrupted.stderr)).toEqual([`failed on purpose at ${step} (REELHOUSE_FAULT)`])
    const word = lastWordOf(step)
    expect(runs).toEqual([
      `calls sync ${connection === 'calls' ? word : 'succeeded'}`,
      `chats sync ${connection === 'chats' ? word : 'succeeded'}`,
      'calls sync succeeded',
      'chats sync succeeded',
    ])
  })
})
