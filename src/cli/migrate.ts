import type { Command as Program } from 'commander'
import { LockHeldError } from '../domain/errors.ts'
import { takeLock } from '../load/locks.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { migrate } from '../warehouse/migrations.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'

export const addMigrate = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('migrate')
    .summary('create or upgrade the tables')
    .description(
      'Brings the schema reelhouse to what this version needs. Waits up to a minute for running syncs to end.',
    )
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse migrate\n  DATABASE_URL=postgres://etl@db/warehouse reelhouse migrate',
    )
    .action(async (options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, migrateWarehouse))
    })
}

export const migrateWarehouse = async (command: Command): Promise<ExitName> => {
  const applied = await applyMigrations(command)
  const text = applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`
  command.print({ applied }, text)
  return 'ok'
}

export const applyMigrations = async (command: Command): Promise<readonly string[]> => {
  const session = await command.openSession('migrate', { statementTimeout: 0 })
  const lock = await takeLock(session, { name: 'schema', key: 0, patience: 60_000, signal: command.signal })
  if (lock === null)
    throw new LockHeldError('other reelhouse commands have been running for a minute; nothing was migrated')
  try {
    return await migrate(session)
  } finally {
    await lock.release()
  }
}
