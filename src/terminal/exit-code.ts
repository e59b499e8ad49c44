import { ConfigError, LockHeldError, ReelhouseError } from '../domain/errors.ts'

/** Every exit code of the program, with what it tells a scheduler. The documentation is checked against this table. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; rejected records alone do not change it (see --strict)' },
  failed: {
    code: 1,
    meaning:
      'a file, window or batch failed, or with --strict a record was rejected; the next run tries again. Of export --check: a file breaks a rule. Of forget: nothing is stored of the person',
  },
  config: { code: 2, meaning: 'configuration, credentials or schema must be changed first; trying again cannot help' },
  stale: { code: 3, meaning: 'status --max-age: a stream was not completely synced within that age' },
  defect: { code: 70, meaning: 'a defect of reelhouse; please report it' },
  busy: { code: 75, meaning: 'the same command is running for this connection; nothing was done' },
  interrupted: {
    code: 130,
    meaning: 'stopped by Ctrl-C (SIGINT) after the current batch; the next run goes on from there',
  },
  terminated: { code: 143, meaning: 'stopped by SIGTERM after the current batch; the next run goes on from there' },
} as const

export type ExitName = keyof typeof exitCodes

const fromWorst: readonly ExitName[] = [
  'defect',
  'config',
  'failed',
  'busy',
  'stale',
  'interrupted',
  'terminated',
  'ok',
]

export const worstExit = (exits: readonly ExitName[]): ExitName =>
  fromWorst.find((name) => exits.includes(name)) ?? 'ok'

export const exitOfError = (error: unknown): ExitName => {
  if (error instanceof ConfigError) return 'config'
  if (error instanceof LockHeldError) return 'busy'
  return error instanceof ReelhouseError ? 'failed' : 'defect'
}
