import type { Command as Program } from 'commander'
import { findConnection } from '../load/connections.ts'
import { countOpenRejects, listOpenRejects, type RejectCount, type RejectListing } from '../load/quarantine.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import type { Session } from '../warehouse/session.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { readCount } from './read-count.ts'

interface RejectsOptions extends CommonOptions {
  readonly code?: string
  readonly limit: number
  readonly payload?: boolean
}

export const addRejects = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('rejects')
    .summary('show what is in quarantine, and why')
    .description('Shows records that could not become a row: counted by reason, then one by one.')
    .argument('[connections...]', 'ids of connections (default: all)')
    .option('--code <code>', 'only those with this reason')
    .option('--limit <n>', 'how many are shown one by one', readCount, 20)
    .option('--payload', 'show what was read, too (it may hold personal data)')
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse rejects\n  reelhouse rejects call-centre --code time-in-dst-gap --payload',
    )
    .action(async (connections: string[], options: RejectsOptions, self: Program) => {
      const all: RejectsOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => rejects(command, connections, all)))
    })
}

const rejects = async (command: Command, ids: readonly string[], options: RejectsOptions): Promise<ExitName> => {
  const session = await command.openSession('rejects')
  await requireCurrentSchema(session)
  await requireKnown(command, session, ids)
  const filter = { connectionIds: ids.length === 0 ? null : ids, code: options.code ?? null, limit: options.limit }
  const counts = await countOpenRejects(session, filter)
  const listed = await listOpenRejects(session, filter)
  const shown = options.payload === true ? listed : listed.map(({ payload: _, payload_kind: __, ...rest }) => rest)
  command.print({ counts, rejects: shown }, rejectsText(counts, listed, options.payload === true))
  return 'ok'
}

/** A connection that is configured no more may still have records in quarantine. */
const requireKnown = async (command: Command, session: Session, ids: readonly string[]): Promise<void> => {
  const notStored: string[] = []
  for (const id of ids) if ((await findConnection(session, id)) === undefined) notStored.push(id)
  if (notStored.length > 0) chosenConnections(command.config, notStored)
}

const rejectsText = (
  counts: readonly RejectCount[],
  listed: readonly RejectListing[],
  withPayload: boolean,
): string => {
  if (counts.length === 0) return 'Nothing is in quarantine.\n'
  const byReason = renderTable(
    ['connection', 'reason', 'path', 'records'],
    counts.map(({ connection_id, code, path, records }) => [connection_id, code, path, records]),
  )
  const oneByOne = listed.map((reject) => {
    const place = reject.file_name === null ? reject.reject_key : `${reject.file_name}:${reject.line}`
    const path = reject.path === null ? '' : ` ${reject.path}:`
    const payload = withPayload ? `\n    ${reject.payload ?? '(aged out)'}` : ''
    return `${reject.connection_id} ${place} ${reject.code}:${path} ${reject.detail}${payload}\n`
  })
  const total = counts.reduce((sum, { records }) => sum + records, 0)
  const more = total > listed.length ? `... and ${total - listed.length} more (--limit)\n` : ''
  return `${byReason}\n${oneByOne.join('')}${more}`
}
