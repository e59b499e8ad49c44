import type { Workplace } from '../support/cli.ts'
import { generatedPage } from './markdown.ts'

const helpOf = async (workplace: Workplace, args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await workplace.reelhouse(args)
  if (code !== 0) throw new Error(`reelhouse ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

/** Names of the commands, as `reelhouse --help` lists them. */
export const commandNames = async (workplace: Workplace): Promise<readonly string[]> => {
  const [, listed = ''] = (await helpOf(workplace, ['--help'])).split('\nCommands:\n')
  return Array.from(listed.matchAll(/^ {2}([a-z]+)\b/gm), ([, name = '']) => name).filter((name) => name !== 'help')
}

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

export const commandsReference = async (workplace: Workplace): Promise<string> => {
  const commands = await commandNames(workplace)
  const helps = await Promise.all(commands.map((command) => helpOf(workplace, ['help', command])))
  return generatedPage(
    'Commands',
    'What `reelhouse --help` and `reelhouse help <command>` print. In a checkout the program is `node dist/cli/main.js`.',
    [
      block(await helpOf(workplace, ['--help'])),
      ...commands.map((command, index) => `## ${command}\n\n${block(helps[index] ?? '')}`),
    ],
  )
}
