import type { Command as Program } from 'commander'
import { configJsonSchema } from '../config/json-schema.ts'
import { sources } from '../sources/registry.ts'
import type { ExitName } from '../terminal/exit-code.ts'

export const addSchema = (program: Program, _exit: (name: ExitName) => void): void => {
  program
    .command('schema')
    .summary('print the JSON Schema of the configuration')
    .description('Prints the JSON Schema of configuration files, for editors; it is made of the validators themselves.')
    .addHelpText(
      'after',
      '\nExample:\n  reelhouse schema > config/reelhouse.schema.json\n  # first line of config/reelhouse.yaml:\n  # yaml-language-server: $schema=reelhouse.schema.json',
    )
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(sources), null, 2)}\n`)
    })
}
