import type { Command as Program } from 'commander'
import type { ConnectionConfig } from '../config/config.ts'
import { backfill, estimateBackfill } from '../pipeline/backfill.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { chosenApis, eachStream } from './api-streams.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { eachConnection, type OpenedConnection, openForReading, openLoader, type Reading } from './connections.ts'
import { exitOfConnections, exitOfOutcomes, type RunOutcome, runsDocument, runsText } from './outcome.ts'
import { type RangeOptions, rangeOf, rangeOptions, requireOrder } from './read-range.ts'
import { logOutcome, readingOf } from './sync.ts'

interface BackfillOptions extends CommonOptions, RangeOptions {
  readonly plan?: boolean
  readonly again?: boolean
  readonly acceptAccount?: boolean
  readonly strict?: boolean
}

const description = `Reads a range of history, window by window, beside the syncs that go on: they pass it between two windows.
Run the same command again after a stop or a failure: it goes on with the windows that are left. What is covered already is
not read again, unless you say --again.`

export const addBackfill = (program: Program, exit: (name: ExitName) => void): void => {
  const added = program
    .command('backfill')
    .summary('read a range of history')
    .description(description)
    .argument('[connections...]', 'ids of API connections (default: all of them)')
  for (const option of rangeOptions()) added.addOption(option)
  added
    .option('--plan', 'print windows, requests and the time they take, and read nothing')
    .option('--again', 'read what is covered already, too, and take unchanged records anew')
    .option(
      '--accept-account',
      'go on though a platform shows none of the stored records: it is the right account, and emptied',
    )
    .option('--strict', 'exit 1 when a record was rejected')
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse backfill --from 2023-01-01 --to 2026-01-01 --plan\n  reelhouse backfill front-desk --from 2023-01-01 --to 2026-01-01',
    )
    .action(async (connections: string[], options: BackfillOptions, self: Program) => {
      const all: BackfillOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => backfillConnections(command, connections, all)))
    })
}

const backfillConnections = async (
  command: Command,
  ids: readonly string[],
  options: BackfillOptions,
): Promise<ExitName> => {
  requireOrder(options)
  const chosen = chosenApis(command, ids, 'backfill')
  const reading = await openForReading(command)
  if (options.plan === true) return planConnections(command, reading, chosen, options)
  const outcomes = await eachConnection(command, chosen, (opened) =>
    backfillConnection(command, reading, opened, options),
  )
  command.print(runsDocument(outcomes), runsText(outcomes))
  return exitOfOutcomes(outcomes, options.strict === true, command.signal)
}

const backfillConnection = (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  options: BackfillOptions,
): Promise<readonly RunOutcome[]> =>
  eachStream(opened, async (stream, source) => {
    const startedAt = performance.now()
    const before = source.requests()
    const range = rangeOf(options, now() - stream.settlingDelay)
    const request = { stream: stream.name, command: 'backfill', authoritative: options.again === true, range } as const
    const { loader, place } = await openLoader(command, reading, opened, request)
    const { windows, readUntil, ...outcome } = await backfill({
      ...readingOf(command, opened),
      stream,
      loader,
      place,
      range,
      again: options.again === true,
      acceptAccount: options.acceptAccount === true,
      accountFingerprint: source.accountFingerprint,
      force: options.again === true,
      now,
    })
    const run = {
      stream: stream.name,
      ...outcome,
      windows: { read: windows, readUntil },
      requests: source.requests() - before,
    }
    logOutcome(command, opened.config.id, run, startedAt)
    return run
  })

const planConnections = async (
  command: Command,
  reading: Reading,
  chosen: readonly ConnectionConfig[],
  options: BackfillOptions,
): Promise<ExitName> => {
  const results = await eachConnection(command, chosen, (opened) =>
    eachStream(opened, async (stream) => {
      const range = rangeOf(options, now() - stream.settlingDelay)
      const request = { stream: stream.name, command: 'backfill', authoritative: false, range } as const
      const { loader } = await openLoader(command, reading, opened, request)
      const { context } = readingOf(command, opened)
      const again = options.again === true
      const plan = await estimateBackfill({ stream, loader, range, again, context, now })
      return { stream: stream.name, ...plan }
    }),
  )
  const plans = results.flatMap(({ connection, result }) => (result ?? []).map((plan) => ({ connection, ...plan })))
  const rows = plans.map((plan) => [
    plan.connection,
    plan.stream,
    plan.windows,
    plan.records,
    plan.requests,
    plan.etaSeconds === null ? null : timeText(plan.etaSeconds),
  ])
  const document = {
    plans: plans.map(({ etaSeconds, ...plan }) => ({ ...plan, eta_in_sec: etaSeconds })),
  }
  command.print(document, renderTable(['connection', 'stream', 'windows', 'records', 'requests', 'takes about'], rows))
  return exitOfConnections(results, command.signal)
}

const timeText = (seconds: number): string => {
  const minutes = Math.round(seconds / 60)
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
