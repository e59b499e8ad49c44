import type { Command as Program } from 'commander'
import { type ExitName, exitOfError, worstExit } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { type Command, type CommonOptions, chosenConnections, runCommand } from './command.ts'
import { type ConnectionOutcome, openForReading, readConnections } from './read-connections.ts'
import { exitOfSignal } from './signals.ts'

interface SyncOptions extends CommonOptions {
  readonly force?: boolean
  readonly strict?: boolean
}

export const addSync = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('sync')
    .summary('load what is new')
    .description('Loads what is new at each connection, as one run each. Nothing new writes nothing.')
    .argument('[connections...]', 'ids of connections (default: all)')
    .option('--force', 'read files whose content is loaded already, too')
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
  const sessions = await openForReading(command)
  const request = { command: 'sync', force: options.force === true } as const
  const outcomes = await readConnections(command, sessions, chosen, request)
  command.print(runsDocument(outcomes), runsText(outcomes))
  return exitOfOutcomes(outcomes, options.strict === true, command.signal)
}

export const exitOfOutcomes = (
  outcomes: readonly ConnectionOutcome[],
  strict: boolean,
  signal: AbortSignal,
): ExitName => {
  const exits = outcomes.flatMap(({ outcome, error }): readonly ExitName[] => {
    if (outcome === null) return [exitOfError(error)]
    const failures = outcome.failures.map(exitOfError)
    return strict && outcome.counts.read.rejected > 0 ? [...failures, 'failed'] : failures
  })
  return worstExit(signal.aborted ? [...exits, exitOfSignal(signal)] : exits)
}

/** The document of `sync --json` and `replay --json`; see docs/operator.md. */
export const runsDocument = (outcomes: readonly ConnectionOutcome[]) => ({
  connections: outcomes.map(({ connection, outcome, error }) => ({
    connection,
    state: outcome?.state ?? 'failed',
    files: { loaded: outcome?.loaded ?? 0, known: outcome?.known ?? 0 },
    records: outcome?.counts.read ?? null,
    rows: outcome?.counts.upsert ?? null,
    tallies: outcome?.counts.tallies ?? {},
    errors: error === null ? (outcome?.failures.map((failure) => failure.message) ?? []) : [error.message],
  })),
})

export const runsText = (outcomes: readonly ConnectionOutcome[]): string => {
  const head = [
    'connection',
    'state',
    'files',
    'listed',
    'rejected',
    'skipped',
    'inserted',
    'updated',
    'unchanged',
    'stale',
    'duplicate',
  ]
  const rows = outcomes.map(({ connection, outcome }) => {
    if (outcome === null) return [connection, 'failed', ...Array<null>(head.length - 2).fill(null)]
    const { read, upsert } = outcome.counts
    const written = [upsert.inserted, upsert.updated, upsert.unchanged, upsert.stale, upsert.duplicate]
    return [connection, outcome.state, outcome.loaded, read.listed, read.rejected, read.skipped, ...written]
  })
  return renderTable(head, rows)
}
