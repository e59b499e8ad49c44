import { beforeAll, describe, expect, test } from 'vitest'
import { interruptAndRecover, interruptions, syncUninterrupted, type Uninterrupted } from '../../support/crash-case.ts'
import { tallyEach } from '../tally-each.ts'
import { killPoints, unreachedSteps } from './kill-points.ts'

tallyEach('SIGKILL at a step: sync of files')

let uninterrupted: Uninterrupted
beforeAll(async () => {
  uninterrupted = await syncUninterrupted()
})

/** Killed after it said that it had succeeded, a run has succeeded. */
const lastWordOf = (step: string): string => (step === 'run-finished' ? 'succeeded' : 'abandoned')

describe('a sync that is killed', () => {
  test('is tried at every step, the first time and later', () => {
    expect(new Set(interruptions.map(({ step }) => step))).toEqual(
      new Set(killPoints('sync of files').map(([step]) => step)),
    )
    expect(unreachedSteps()).toEqual([])
  })

  test.each(interruptions)('at $step#$nth is completed by the next one', async ({ step, nth, connection }) => {
    const { interrupted, runs } = await interruptAndRecover(`kill@${step}#${nth}`, uninterrupted)
    expect(interrupted).toMatchObject({ code: null, signal: 'SIGKILL', stdout: '' })
    const dead = connection === 'calls' ? [] : ['calls sync succeeded']
    expect(runs).toEqual([
      ...dead,
      `${connection} sync ${lastWordOf(step)}`,
      'calls sync succeeded',
      'chats sync succeeded',
    ])
  })
})
