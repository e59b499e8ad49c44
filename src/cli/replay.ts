import type { Command as Program } from 'commander'
import { ConfigError } from '../domain/errors.ts'
import type { RunCounts, RunState } from '../domain/run.ts'
import { remap } from '../pipeline/remap.ts'
import { replay } from '../pipeline/replay.ts'
import type { FileStream, WindowStream } from '../sources/source.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import {
  eachConnection,
  type OpenedConnection,
  openForReading,
  openLoader,
  type Reading,
  recordsKept,
} from './connections.ts'
import { exitOfOutcomes, type RunOutcome, runsDocument, runsText } from './outcome.ts'
import { syncConnection } from './sync.ts'

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
  const chosen = chosenConnections(command.config, ids)
  const reading = await openForReading(command)
  const outcomes = await eachConnection(command, chosen, (opened) =>
    replayConnection(command, reading, opened, options),
  )
  command.print(runsDocument(outcomes), runsText(outcomes))
  return exitOfOutcomes(outcomes, options.strict === true, command.signal)
}

const replayConnection = async (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  options: ReplayOptions,
): Promise<readonly RunOutcome[]> => {
  const { config, source } = opened
  const keeps = recordsKept(config, source)
  if (options.map !== true && options.rejects !== true && keeps !== 'payloads') {
    if (source.kind === 'files')
      return syncConnection(command, reading, opened, {
        command: 'replay',
        force: true,
        acceptAccount: false,
      })
    throw new ConfigError([
      `connection ${config.id} keeps no payloads (records: ${keeps}), so there is nothing to flatten again; --map and --rejects work`,
    ])
  }
  const streams = source.kind === 'files' ? [source] : source.streams
  const outcomes: RunOutcome[] = []
  for (const stream of streams) {
    if (opened.signal.aborted) break
    const result = await replayStream(command, reading, opened, stream, options)
    outcomes.push({ stream: stream.name, ...result, failures: [] })
  }
  return outcomes
}

const replayStream = async (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  stream: FileStream | WindowStream,
  options: ReplayOptions,
): Promise<{ readonly state: RunState; readonly counts: RunCounts }> => {
  const { loader, place, portfolioOf } = await openLoader(command, reading, opened, {
    stream: stream.name,
    command: options.map === true ? 'remap' : 'replay',
    authoritative: true,
  })
  if (options.map === true) return remap(loader, portfolioOf, opened.signal)
  const settings = {
    recordsKept: recordsKept(opened.config, opened.source),
    flatten: stream.flatten,
    place,
    now: opened.source.kind === 'api' ? now : undefined,
  }
  // Everything that was read: what became a row, and what is in quarantine.
  async function* pages() {
    if (options.rejects !== true) yield* loader.keptRecords()
    yield* loader.keptRejects()
  }
  return replay(loader, settings, pages, opened.signal)
}
