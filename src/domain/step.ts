/**
 * The named steps of a load, then those of an export, in order: where the crash tests and the fault matrix stop a process. Whatever happens at one
 * of them, the next run ends with the same tables.
 */
export const steps = [
  'run-started',
  'follow-ups-read',
  'file-scanned',
  'file-begun',
  'window-begun',
  'batch-begun',
  'batch-staged',
  'batch-upserted',
  'batch-before-commit',
  'batch-committed',
  'file-read',
  'file-completed',
  'window-read',
  'window-completed',
  'run-before-finish',
  'run-finished',
  'export-begun',
  'export-written',
  'export-claimed',
  'export-published',
  'export-recorded',
] as const

/** The same for `forget`: killed at any of them and run again, it ends with the same tables. */
export const forgetSteps = [
  'forget-published',
  'forget-found',
  'forget-rows-erased',
  'forget-before-commit',
  'forget-erased',
] as const

export type Step = (typeof steps)[number] | (typeof forgetSteps)[number]

/** Told of every step as it is reached; what it throws fails the run there. */
export type StepObserver = (step: Step) => void | Promise<void>

export const unobserved: StepObserver = () => undefined
