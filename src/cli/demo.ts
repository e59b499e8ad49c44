import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command as Program } from 'commander'
import { dropSchema } from '../load/drop-schema.ts'
import { countOpenFollowUps } from '../load/follow-ups.ts'
import { countOpenRejects } from '../load/quarantine.ts'
import { type SampleRow, sampleRecordings } from '../load/sample.ts'
import { readStatus } from '../load/status.ts'
import { counted } from '../terminal/counted.ts'
import { type ExitName, worstExit } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { eachConnection, openForReading, type Reading } from './connections.ts'
import type { DemoAccounts } from './demo/demo-accounts.ts'
import { applyMigrations } from './migrate.ts'
import { exitOfOutcomes, type Outcomes, runsDocument, runsText } from './outcome.ts'
import { writeReport } from './report.ts'
import { syncConnection } from './sync.ts'

const demoConfig = fileURLToPath(new URL('../../config/demo', import.meta.url))

export const addDemo = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('demo')
    .summary('show the whole on three small dumps and five simulated phone platforms')
    .description(
      'Loads three small dumps and the recordings of simulated accounts of Telnyx, VoIPBIN, Genesys Cloud, Vapi and .do into\n' +
        'an embedded Postgres of its own (.reelhouse/demo, begun anew each time), and shows what came of it. Needs no\n' +
        'configuration and touches nothing else.',
    )
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExample:\n  reelhouse demo')
    .action(async (options: CommonOptions, self: Program) => {
      const all: CommonOptions = { ...self.optsWithGlobals(), ...options, config: [demoConfig] }
      // The simulators are needed by no other command.
      const { openDemoAccounts } = await import('./demo/demo-accounts.ts')
      const accounts = await openDemoAccounts(now())
      try {
        const env = { REELHOUSE_DEMO_DIRECTORY: demoDirectory(), ...accounts.env }
        exit(await runCommand(all, (command) => demo(command, accounts), { env }))
      } finally {
        await accounts.close()
      }
    })
}

const demoDirectory = (): string => join(resolve('.reelhouse'), 'demo')

const demo = async (command: Command, accounts: DemoAccounts): Promise<ExitName> => {
  await beginAnew(command)
  const reading = await openForReading(command)
  const first = await sync(command, reading, [], false)
  const again = await sync(command, reading, [], true)
  const events = accounts.goOn()
  const later = await sync(command, reading, accounts.connections, false)
  const session = await command.openSession('demo')
  const rejects = await countOpenRejects(session, { connectionIds: null, code: null })
  const status = await readStatus(session)
  const waiting = await countOpenFollowUps(session)
  const sample = await sampleRecordings(session, 1)
  const page = join(demoDirectory(), 'report.html')
  await writeReport(command, session, { out: page, zone: 'UTC' })
  const text = [
    'First sync: every record becomes a row, is rejected or is waited for, and is counted.',
    runsText(first),
    'Second sync, reading everything again by force: nothing new, so nothing is written.',
    runsText(again),
    'Meanwhile the platforms go on:',
    renderTable(['connection', 'what happens there'], events),
    'Third sync: reads the last days again, as nobody tells what changed there, and writes what is new or changed.',
    runsText(later),
    deletionsText(later),
    'What is still waited for:',
    renderTable(
      ['connection', 'reason', 'records'],
      waiting.map(({ connection_id, reason, waiting }) => [connection_id, reason, waiting]),
    ),
    'What is in quarantine, and why:',
    renderTable(
      ['connection', 'reason', 'path', 'records'],
      rejects.map(({ connection_id, code, path, records }) => [connection_id, code, path, records]),
    ),
    'What an analyst sees (reelhouse.recordings):',
    sampleText(sample),
    `All of it as a page with plots (reelhouse report): ${page}\n`,
    whatNext(status.reduce((sum, { rows }) => sum + rows, 0)),
  ]
  const documents = { first: runsDocument(first), again: runsDocument(again), later: runsDocument(later) }
  command.print({ ...documents, waiting, rejects, status, report: page }, text.join('\n'))
  return worstExit([first, again, later].map((outcomes) => exitOfOutcomes(outcomes, false, command.signal)))
}

/** What an earlier demo left would not be explained by this one. */
const beginAnew = async (command: Command): Promise<void> => {
  const { warehouse } = command.config
  if (warehouse.kind !== 'embedded' || warehouse.directory !== demoDirectory()) {
    throw new TypeError('the demo uses no warehouse but its own')
  }
  await dropSchema(await command.openSession('demo'))
  await applyMigrations(command)
}

const sync = (command: Command, reading: Reading, ids: readonly string[], force: boolean): Promise<Outcomes> =>
  eachConnection(command, chosenConnections(command.config, ids), (opened) =>
    syncConnection(command, reading, opened, { command: 'sync', force, acceptAccount: false }),
  )

const deletionsText = (outcomes: Outcomes): string => {
  const runs = outcomes.flatMap(({ result }) => result ?? [])
  const deleted = runs.reduce((sum, { counts }) => sum + (counts.tallies.deleted ?? 0), 0)
  return `${counted(deleted, 'record')} marked as deleted: missing where it was listed, and gone by its id, says its platform.\n`
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

  REELHOUSE_DEMO_DIRECTORY=${demoDirectory()} reelhouse warehouse --config ${demoConfig}/reelhouse.yaml

The same rows as a file for Travtus, in ${demoDirectory()}-deliveries:

  REELHOUSE_DEMO_DIRECTORY=${demoDirectory()} reelhouse export --config ${demoConfig}/reelhouse.yaml

(in a checkout: node dist/cli/main.js instead of reelhouse). What was loaded, and how: ${demoConfig}
`
