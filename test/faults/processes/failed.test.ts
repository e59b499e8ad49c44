import { beforeAll, describe, expect, test } from 'vitest'
import type { Step } from '../../../src/domain/step.ts'
import {
  errorsIn,
  interruptAndRecover,
  interruptions,
  syncUninterrupted,
  type Uninterrupted,
} from '../../support/crash-case.ts'
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

describe('a sync that fails', () => {
  test.each(interruptions)('at $step#$nth is completed by the next one', async ({ step, nth, connection }) => {
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
