import type { Command as Program } from 'commander'
import { ConfigError } from '../domain/errors.ts'
import { findRecord } from '../load/find-record.ts'
import type { PlayableLink } from '../sources/source.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { formatInstant } from '../transform/instant.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { sourceOf } from './connections.ts'

export const addResolve = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('resolve')
    .summary('get a fresh link to the audio of one recording')
    .description(
      'Asks the vendor for a link to the audio of one recording, and prints it. It works for some minutes, for everybody who\n' +
        'has it: it is stored nowhere. Fetch it without any credentials.',
    )
    .argument('<connection>', 'id of an API connection')
    .argument('<message-id>', 'message_id of the row')
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse resolve front-desk 11111111-1111-4111-8111-000000000001\n  curl -o call.mp3 "$(reelhouse resolve front-desk 11111111-1111-4111-8111-000000000001)"',
    )
    .action(async (connection: string, messageId: string, options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => resolve(command, connection, messageId)))
    })
}

const resolve = async (command: Command, id: string, messageId: string): Promise<ExitName> => {
  const link = await linkOf(command, id, messageId)
  const document = {
    url: link.url,
    expires_at: link.expiresAt === null ? null : formatInstant(link.expiresAt),
    media_type: link.mediaType,
  }
  // The one place where a signed link is what was asked for.
  command.printPlain(document, `${link.url}\n`)
  return 'ok'
}

const linkOf = async (command: Command, id: string, messageId: string): Promise<PlayableLink> => {
  const [connection] = chosenConnections(command.config, [id])
  if (connection === undefined) throw new TypeError(`connection ${id} was not chosen`)
  const source = sourceOf(connection)
  if (source.kind !== 'api' || source.resolve === undefined) {
    throw new ConfigError([`connection ${id}: its source makes no links; the recording_url of the row is all there is`])
  }
  const session = await command.openSession('resolve')
  await requireCurrentSchema(session)
  const streams = source.streams.map(({ name }) => name)
  const ref = await findRecord(session, { rowsOf: connection.into ?? id, readBy: id, streams }, messageId)
  if (ref === null) {
    throw new ConfigError([
      `connection ${id} has no row with message_id ${messageId}; reelhouse sync loads what is new`,
    ])
  }
  const notice = (message: string) => command.log.warn(message, { connection: id })
  return source.resolve(ref, { signal: command.signal, notice })
}
