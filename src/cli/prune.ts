import type { Command as Program } from 'commander'
import { prune } from '../load/prune.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { openForReading } from './connections.ts'

export const addPrune = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('prune')
    .summary('age out bookkeeping and payloads')
    .description(
      'Deletes runs, windows and rejects, and clears payloads, that are older than `retention:` allows. Rows stay.',
    )
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExample:\n  reelhouse prune')
    .action(async (options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, pruneWarehouse))
    })
}

const pruneWarehouse = async (command: Command): Promise<ExitName> => {
  const { runsMs, resolvedRejectsMs, openRejectsMs, payloadsMs } = command.config.retention
  await openForReading(command)
  const session = await command.openSession('prune')
  const pruned = await prune(session, {
    runs: runsMs,
    resolvedRejects: resolvedRejectsMs,
    openRejects: openRejectsMs,
    payloads: payloadsMs,
  })
  const { runs, windows, resolved_rejects, open_rejects, payloads } = pruned
  command.print(
    { pruned },
    `Deleted ${runs} runs, ${windows} windows, ${resolved_rejects} resolved and ${open_rejects} open rejects; cleared ${payloads} payloads.\n`,
  )
  return 'ok'
}
