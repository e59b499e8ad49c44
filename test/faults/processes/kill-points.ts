import { type Step, steps } from '../../../src/domain/step.ts'
import { isWhole } from '../tally.ts'

/** Where a process is killed: the n-th time that it reaches a step. */
export type KillPoint = readonly [step: Step, nth: number]

interface Reaching {
  /** Steps that the command does not have. */
  readonly never: readonly Step[]
  /** Which times of a step are tried; default: the first. */
  readonly times: Partial<Readonly<Record<Step, readonly number[]>>>
  /** What `npm test` tries of them; default: all. */
  readonly slice?: readonly Step[]
}

const ofFiles: readonly Step[] = ['file-scanned', 'file-begun', 'file-read', 'file-completed']
const ofWindows: readonly Step[] = ['follow-ups-read', 'window-begun', 'window-read', 'window-completed']
const ofBatches: readonly Step[] = [
  'batch-begun',
  'batch-staged',
  'batch-upserted',
  'batch-before-commit',
  'batch-committed',
]
const ofExports: readonly Step[] = [
  'export-begun',
  'export-written',
  'export-claimed',
  'export-published',
  'export-recorded',
]
const ofRuns: readonly Step[] = ['run-started', 'run-before-finish', 'run-finished']

const commands = {
  'sync of files': { never: [...ofWindows, ...ofExports], times: {} },
  'sync of windows': {
    never: [...ofFiles, ...ofExports],
    times: {
      'window-begun': [1, 3],
      'batch-begun': [2],
      'batch-staged': [3],
      'batch-before-commit': [4],
      'batch-committed': [2],
      'window-read': [1, 4],
      'window-completed': [2],
    },
  },
  backfill: {
    never: [...ofFiles, ...ofExports, 'follow-ups-read'],
    times: {
      'window-begun': [2],
      'batch-staged': [2],
      'batch-before-commit': [3],
      'window-read': [2],
      'window-completed': [3],
    },
  },
  'replay of payloads': {
    never: [...ofFiles, ...ofWindows, ...ofExports],
    times: {},
    slice: ['run-started', 'batch-upserted', 'batch-committed'],
  },
  'replay of files': {
    never: [...ofWindows, ...ofExports],
    times: { 'batch-staged': [1, 3] },
    slice: ['file-begun', 'batch-staged', 'file-completed', 'run-before-finish'],
  },
  remap: { never: [...ofFiles, ...ofWindows, ...ofBatches, ...ofExports], times: {}, slice: ['run-before-finish'] },
  verify: { never: [...ofFiles, ...ofWindows, ...ofBatches, ...ofExports], times: {}, slice: ['run-before-finish'] },
  export: {
    never: [...ofRuns, ...ofFiles, ...ofWindows, ...ofBatches],
    times: { 'export-written': [2], 'export-claimed': [1, 4], 'export-published': [2, 4], 'export-recorded': [2, 4] },
  },
} satisfies Readonly<Record<string, Reaching>>

export type KilledCommand = keyof typeof commands

const reachedBy = (command: Reaching): readonly Step[] => steps.filter((step) => !command.never.includes(step))

/** Steps that no command reaches. */
export const unreachedSteps = (): readonly Step[] =>
  steps.filter((step) => !Object.values(commands).some((command) => reachedBy(command).includes(step)))

/** Every step that the command may reach: a new one is tried with every command, until it says that it has not got it. */
export const killPoints = (name: KilledCommand): readonly KillPoint[] => {
  const command: Reaching = commands[name]
  const tried = isWhole ? steps : (command.slice ?? steps)
  return reachedBy(command)
    .filter((step) => tried.includes(step))
    .flatMap((step) => (command.times[step] ?? [1]).map((nth): KillPoint => [step, nth]))
}
