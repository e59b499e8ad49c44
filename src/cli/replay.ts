import type { Command as Program } from 'commander'
import type { ConnectionConfig } from '../config/config.ts'
import { ReelhouseError } from '../domain/errors.ts'
import type { RunCounts, RunState } from '../domain/run.ts'
import { remap } from '../pipeline/remap.ts'
import { replay } from '../pipeline/replay.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { type ConnectionOutcome, openConnection, openForReading, readConnections } from './read-connections.ts'
import { exitOfOutcomes, runsDocument, runsText } from './sync.ts'

interface ReplayOptions extends CommonOptions {
  readonly map?: boolean
  readonly rejects?: boolean
  readonly strict?: boolean
}

const description = `Applies today's settings to what was read before; its result wins over what the same versions became then.
Without an option: flattens every record again, from its stored payload (records: payloads) or from the dump files.
--map      only the portfolio map, on the stored rows
--rejects  only what is in quarantine`

export const addReplay = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('replay')
    .summary('apply a changed mapping or portfolio map to what is loaded')
    .description(description)
    .argument('[connections...]', 'ids of connections (default: all)')
    .option('--map', 'map stored rows to portfolios again')
    .option('--rejects', 'try records in quarantine again')
    .option('--strict', 'exit 1 when a record was rejected')
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExamples:\n  reelhouse replay --map\n  reelhouse replay call-centre --rejects')
    .action(async (connections: string[], options: ReplayOptions, self: Program) => {
      const all: ReplayOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => replayConnections(command, connections, all)))
    })
}

const replayConnections = async (
  command: Command,
  ids: readonly string[],
  options: ReplayOptions,
): Promise<ExitName> => {
  const outcomes = await replayEach(command, chosenConnections(command.config, ids), options)
  command.print(runsDocument(outcomes), runsText(outcomes))
  return exitOfOutcomes(outcomes, options.strict === true, command.signal)
}

const replayEach = async (
  command: Command,
  connections: readonly ConnectionConfig[],
  options: ReplayOptions,
): Promise<readonly ConnectionOutcome[]> => {
  const kept = (connection: ConnectionConfig) => options.map || options.rejects || connection.records === 'payloads'
  const fromFiles = connections.filter((connection) => !kept(connection))
  const outcomes: ConnectionOutcome[] = []
  const sessions = await openForReading(command)
  for (const connection of connections.filter(kept)) {
    if (command.signal.aborted) break
    try {
      const result = await replayKept(command, sessions, connection, options)
      const outcome = { ...result, loaded: 0, known: 0, failures: [] }
      outcomes.push({ connection: connection.id, outcome, error: null })
    } catch (thrown) {
      const error = warehouseError(thrown)
      if (!(error instanceof ReelhouseError)) throw error
      command.log.error(error.message, { connection: connection.id })
      outcomes.push({ connection: connection.id, outcome: null, error })
    }
  }
  const read = await readConnections(command, sessions, fromFiles, { command: 'replay', force: true })
  return [...outcomes, ...read]
}

const replayKept = async (
  command: Command,
  sessions: Awaited<ReturnType<typeof openForReading>>,
  connection: ConnectionConfig,
  options: ReplayOptions,
): Promise<{ readonly state: RunState; readonly counts: RunCounts }> => {
  const request = { command: options.map === true ? 'remap' : 'replay', force: true } as const
  const { loader, stream, place, portfolioOf } = await openConnection(command, sessions, connection, request)
  if (options.map === true) return remap(loader, portfolioOf, command.signal)
  const settings = {
    recordsKept: connection.records ?? 'none',
    flatten: stream.flatten,
    place,
  }
  // Everything that was read: what became a row, and what is in quarantine.
  async function* pages() {
    if (options.rejects !== true) yield* loader.keptRecords()
    yield* loader.keptRejects()
  }
  return replay(loader, settings, pages, command.signal)
}
