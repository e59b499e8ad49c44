import { setTimeout as sleep } from 'node:timers/promises'
import type { Command as Program } from 'commander'
import type { ExitName } from '../terminal/exit-code.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'

export const addWarehouse = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('warehouse')
    .summary('keep the embedded Postgres up and print its URL')
    .description(
      'Starts the embedded Postgres, prints its URL for psql or a BI tool, and keeps it up until Ctrl-C.\n' +
        'The URL holds the password of that server, which listens on this machine only.',
    )
    .option('--json', 'print the URL as a JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  reelhouse warehouse\n  # in another terminal: psql with the URL that it printed',
    )
    .action(async (options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => keepUp(command, all.json === true), { stopping: 'stopping' }))
    })
}

const keepUp = async (command: Command, json: boolean): Promise<ExitName> => {
  const url = await command.warehouseUrl()
  if (command.config.warehouse.kind === 'external') {
    command.log.warn('the warehouse is your own Postgres (DATABASE_URL or warehouse.url); there is nothing to keep up')
    return 'ok'
  }
  // The one place that shows this password: the command exists to hand it to psql.
  process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `${url}\n`)
  while (!command.signal.aborted) {
    await sleep(60_000, undefined, { signal: command.signal }).catch(() => undefined)
  }
  return 'ok'
}
