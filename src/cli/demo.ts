import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command as Program } from 'commander'
import { countOpenRejects } from '../load/quarantine.ts'
import { type SampleRow, sampleRecordings } from '../load/sample.ts'
import { readStatus } from '../load/status.ts'
import { type ExitName, worstExit } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { applyMigrations } from './migrate.ts'
import { openForReading, readConnections } from './read-connections.ts'
import { exitOfOutcomes, runsDocument, runsText } from './sync.ts'

const demoConfig = fileURLToPath(new URL('../../config/demo', import.meta.url))

export const addDemo = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('demo')
    .summary('show the whole on three small dumps')
    .description(
      'Loads three small dumps into an embedded Postgres of its own (.reelhouse/demo), twice, and shows what came of it.\n' +
        'Needs no configuration and touches nothing else.',
    )
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExample:\n  reelhouse demo')
    .action(async (options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options, config: [demoConfig] }
      exit(await runCommand(all, demo, { env: { REELHOUSE_DEMO_DIRECTORY: demoDirectory() } }))
    })
}

const demoDirectory = (): string => join(resolve('.reelhouse'), 'demo')

const demo = async (command: Command): Promise<ExitName> => {
  await applyMigrations(command)
  const sessions = await openForReading(command)
  const { connections } = command.config
  const first = await readConnections(command, sessions, connections, { command: 'sync', force: false })
  const again = await readConnections(command, sessions, connections, { command: 'sync', force: true })
  const rejects = await countOpenRejects(sessions.session, { connectionIds: null, code: null })
  const status = await readStatus(sessions.session)
  const sample = await sampleRecordings(sessions.session, 3)
  const text = [
    'First sync: every record becomes a row or is rejected, and is counted.',
    runsText(first),
    'Second sync, reading the files again by force: nothing new, so nothing is written.',
    runsText(again),
    'What is in quarantine, and why:',
    renderTable(
      ['connection', 'reason', 'path', 'records'],
      rejects.map(({ connection_id, code, path, records }) => [connection_id, code, path, records]),
    ),
    'What an analyst sees (reelhouse.recordings):',
    sampleText(sample),
    whatNext(status.reduce((sum, { rows }) => sum + rows, 0)),
  ]
  command.print({ first: runsDocument(first), again: runsDocument(again), rejects, status }, text.join('\n'))
  return worstExit([exitOfOutcomes(first, false, command.signal), exitOfOutcomes(again, false, command.signal)])
}

const sampleText = (sample: readonly SampleRow[]): string =>
  renderTable(
    ['connection', 'began (UTC)', 'direction', 'customer', 'seconds', 'portfolio'],
    sample.map((row) => [
      row.connection_id,
      row.began,
      row.message_direction,
      row.customer_phone_number,
      row.call_duration_in_sec,
      row.portfolio_id,
    ]),
  )

const whatNext = (
  rows: number,
): string => `${rows} rows are in Postgres, in ${demoDirectory()}. To look at them with psql or a BI tool:

  REELHOUSE_DEMO_DIRECTORY=${demoDirectory()} reelhouse warehouse --config ${demoConfig}

(in a checkout: node dist/cli/main.js instead of reelhouse). What was loaded, and how: ${demoConfig}/reelhouse.yaml
`
