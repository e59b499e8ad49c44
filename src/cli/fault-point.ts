import { ConfigError, TransientError } from '../domain/errors.ts'
import { forgetSteps, type Step, type StepObserver, steps, unobserved } from '../domain/step.ts'

/**
 * For the crash tests and the fault matrix: `REELHOUSE_FAULT=kill@batch-staged#2` ends the process with SIGKILL the second
 * time that step is reached; `fail@...` throws there instead. Unset, nothing is watched.
 */
export const faultPoint = (fault: string | undefined): StepObserver => {
  if (fault === undefined || fault === '') return unobserved
  const match = /^(kill|fail)@([a-z-]+)(?:#([1-9]\d*))?$/.exec(fault)
  const known = [...steps, ...forgetSteps]
  const step = known.find((name) => name === match?.[2])
  if (match === null || step === undefined) {
    throw new ConfigError([`REELHOUSE_FAULT: "${fault}" is not <kill|fail>@<step>[#<n>]; steps: ${known.join(', ')}`])
  }
  let left = Number(match[3] ?? 1)
  return async (reached: Step): Promise<void> => {
    if (reached !== step || --left !== 0) return
    if (match[1] === 'fail') throw new TransientError(`failed on purpose at ${step} (REELHOUSE_FAULT)`)
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => undefined)
  }
}
