import type { Command as Program } from 'commander'
import { syncFiles } from '../pipeline/sync-files.ts'
import { syncWindows } from '../pipeline/sync-windows.ts'
import { AnswerSizes } from '../sources/answer-sizes.ts'
import type { FileStream } from '../sources/source.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { eachStream } from './api-streams.ts'
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

interface SyncOptions extends CommonOptions {
  readonly force?: boolean
  readonly acceptAccount?: boolean
  readonly strict?: boolean
}

export const addSync = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('sync')
    .summary('load what is new')
    .description('Loads what is new at each connection, as one run each. Nothing new writes nothing.')
    .argument('[connections...]', 'ids of connections (default: all)')
    .option('--force', 'read what is loaded already again: every file, and of an API what its re-reads look at')
    .option(
      '--accept-account',
      'go on though a platform shows none of the stored records: it is the right account, and emptied',
    )
    .option('--strict', 'exit 1 when a record was rejected')
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse sync\n  reelhouse sync call-centre --force\n  reelhouse sync --json | jq .connections',
    )
    .action(async (connections: string[], options: SyncOptions, self: Program) => {
      const all: SyncOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => sync(command, connections, all)))
    })
}

const sync = async (command: Command, ids: readonly string[], options: SyncOptions): Promise<ExitName> => {
  const chosen = chosenConnections(command.config, ids)
  const reading = await openForReading(command)
  const outcomes = await eachConnection(command, chosen, (opened) =>
    syncConnection(command, reading, opened, {
      command: 'sync',
      force: options.force === true,
      acceptAccount: options.acceptAccount === true,
    }),
  )
  command.print(runsDocument(outcomes), runsText(outcomes))
  return exitOfOutcomes(outcomes, options.strict === true, command.signal)
}

export interface SyncRequest {
  /** Replay reads dump files again: they are what was kept of their records. */
  readonly command: 'sync' | 'replay'
  /** Reads what is loaded already, too; today's flatten and map win over what it became before. */
  readonly force: boolean
  /** Of an API: see --accept-account. */
  readonly acceptAccount: boolean
}

/** One run for each stream of a connection. */
export const syncConnection = async (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  request: SyncRequest,
): Promise<readonly RunOutcome[]> => {
  const startedAt = performance.now()
  const { source } = opened
  const outcomes =
    source.kind === 'files'
      ? [await syncDumps(command, reading, opened, source, request)]
      : await syncApi(command, reading, opened, request)
  for (const outcome of outcomes) logOutcome(command, opened.config.id, outcome, startedAt)
  return outcomes
}

const syncDumps = async (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  stream: FileStream,
  request: SyncRequest,
): Promise<RunOutcome> => {
  const { loader, place } = await openLoader(command, reading, opened, {
    stream: stream.name,
    command: request.command,
    authoritative: request.force,
  })
  const { loaded, known, ...outcome } = await syncFiles({
    ...readingOf(command, opened),
    stream,
    loader,
    place,
    force: request.force,
  })
  return { stream: stream.name, ...outcome, files: { loaded, known } }
}

const syncApi = (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  request: SyncRequest,
): Promise<readonly RunOutcome[]> =>
  eachStream(opened, async (stream, source) => {
    const before = source.requests()
    const { loader, place } = await openLoader(command, reading, opened, {
      stream: stream.name,
      command: request.command,
      authoritative: request.force,
    })
    const { windows, readUntil, ...outcome } = await syncWindows({
      ...readingOf(command, opened),
      stream,
      loader,
      place,
      force: request.force,
      acceptAccount: request.acceptAccount,
      accountFingerprint: source.accountFingerprint,
      now,
    })
    const requests = source.requests() - before
    return { stream: stream.name, ...outcome, windows: { read: windows, readUntil }, requests }
  })

/** What reading takes of the command and the connection, whatever is read. */
export const readingOf = (command: Command, { config, source, signal }: OpenedConnection) => ({
  connectionId: config.id,
  recordsKept: recordsKept(config, source),
  batchRows: command.batchRows,
  reporter: command.log,
  context: {
    signal,
    notice: (message: string) => command.log.warn(message, { connection: config.id }),
    sizes: new AnswerSizes(),
  },
  reached: command.reached,
})

export const logOutcome = (command: Command, connection: string, outcome: RunOutcome, startedAt: number): void => {
  const { stream, state, counts, files, windows, requests } = outcome
  command.log.info('connection read', {
    connection,
    stream,
    state,
    ...files,
    ...(windows === undefined ? {} : { windows: windows.read, requests }),
    listed: counts.read.listed,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    // maxRSS is in kilobytes.
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1000),
  })
}
