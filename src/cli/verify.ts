import type { Command as Program } from 'commander'
import type { Proof } from '../domain/window.ts'
import { type VerifyOutcome, verify, type WindowFinding } from '../pipeline/verify.ts'
import { type ExitName, exitOfError, worstExit } from '../terminal/exit-code.ts'
import { type Cell, renderTable } from '../terminal/table.ts'
import { formatInstant } from '../transform/instant.ts'
import { chosenApis, eachStream } from './api-streams.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import {
  type ConnectionResult,
  eachConnection,
  type OpenedConnection,
  openForReading,
  openLoader,
  type Reading,
} from './connections.ts'
import { exitOfConnections } from './outcome.ts'
import { type RangeOptions, rangeOf, rangeOptions, requireOrder } from './read-range.ts'
import { readingOf } from './sync.ts'

interface VerifyOptions extends CommonOptions, RangeOptions {
  readonly ids?: boolean
}

const description = `Compares the source with the warehouse, window by window, and loads nothing. Both bounds are inclusive, as they are at the
source. A record that the warehouse lacks is a failure. One that only the warehouse has is asked for by its id: it vanished,
or moved to another time.`

export const addVerify = (program: Program, exit: (name: ExitName) => void): void => {
  const added = program
    .command('verify')
    .summary('compare a range at the source with the warehouse')
    .description(description)
    .argument('[connections...]', 'ids of API connections (default: all of them)')
  for (const option of rangeOptions()) added.addOption(option)
  added
    .option('--ids', 'compare ids even where the counts agree')
    .option('--json', 'print the result as a JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  reelhouse verify --from 2026-07-01 --to 2026-08-01\n  reelhouse verify front-desk --from 2026-07-14 --to 2026-07-15 --ids --json',
    )
    .action(async (connections: string[], options: VerifyOptions, self: Program) => {
      const all: VerifyOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => verifyConnections(command, connections, all)))
    })
}

interface StreamVerified extends VerifyOutcome {
  readonly stream: string
  /** How far the source itself shows that its listing is complete. */
  readonly proof: Proof
  readonly requests: number
}

type Verified = ConnectionResult<readonly StreamVerified[]>

const verifyConnections = async (
  command: Command,
  ids: readonly string[],
  options: VerifyOptions,
): Promise<ExitName> => {
  requireOrder(options)
  const chosen = chosenApis(command, ids, 'verify')
  const reading = await openForReading(command)
  const results = await eachConnection(command, chosen, (opened) => verifyConnection(command, reading, opened, options))
  command.print(verifyDocument(results), verifyText(results))
  const failures = results.flatMap(({ result }) => (result ?? []).flatMap((verified) => verified.failures))
  return worstExit([exitOfConnections(results, command.signal), ...failures.map(exitOfError)])
}

const verifyConnection = (
  command: Command,
  reading: Reading,
  opened: OpenedConnection,
  options: VerifyOptions,
): Promise<readonly StreamVerified[]> =>
  eachStream(opened, async (stream, source) => {
    const before = source.requests()
    const range = rangeOf(options, now() - stream.settlingDelay)
    const request = { stream: stream.name, command: 'verify', authoritative: false } as const
    const { loader } = await openLoader(command, reading, opened, request)
    const { connectionId, reporter, context } = readingOf(command, opened)
    const outcome = await verify({
      connectionId,
      reporter,
      context,
      stream,
      loader,
      range,
      ids: options.ids === true,
      now,
    })
    return { stream: stream.name, proof: stream.proof, ...outcome, requests: source.requests() - before }
  })

const verifyDocument = (results: readonly Verified[]) => ({
  connections: results.flatMap(({ connection, result, error }): readonly object[] =>
    result === null
      ? [
          {
            connection,
            stream: null,
            proof: null,
            state: 'failed',
            windows: [],
            errors: error === null ? [] : [error.message],
          },
        ]
      : result.map(({ stream, proof, state, windows, failures, requests }) => ({
          connection,
          stream,
          proof,
          state,
          requests,
          windows: windows.map(windowDocument),
          errors: failures.map((failure) => failure.message),
        })),
  ),
})

const windowDocument = (finding: WindowFinding) => ({
  from: formatInstant(finding.window.from),
  to: formatInstant(finding.window.to),
  source: finding.sourceCount,
  warehouse: finding.storedCount,
  missing: finding.missing,
  vanished: finding.vanished,
  moved: finding.moved,
  unlisted: finding.unlisted,
  unavailable: finding.unavailable,
})

/** Windows in which something is not as it should be; the others are counted. */
const verifyText = (results: readonly Verified[]): string => {
  const head = [
    'connection',
    'stream',
    'proof',
    'windows',
    'source',
    'warehouse',
    'missing',
    'vanished',
    'moved',
    'unlisted',
  ]
  const rows = results.flatMap(({ connection, result }): readonly (readonly Cell[])[] =>
    result === null
      ? [[connection, 'failed', ...Array<null>(head.length - 2).fill(null)]]
      : result.map(({ stream, proof, windows }) => [connection, stream, proof, windows.length, ...totals(windows)]),
  )
  const notes = results.flatMap(({ connection, result }) =>
    (result ?? []).flatMap(({ proof, windows }) =>
      [...(proof === 'best-effort' ? [bestEffort] : []), ...windows.flatMap(noteOf)].map(
        (note) => `${connection}: ${note}\n`,
      ),
    ),
  )
  return renderTable(head, rows) + notes.join('')
}

const bestEffort = 'best-effort: the platform states no exact total, so this compares with what it lists today'

const kinds = ['missing', 'vanished', 'moved', 'unlisted', 'unavailable'] as const

const totals = (windows: readonly WindowFinding[]): readonly number[] => {
  const sum = (count: (finding: WindowFinding) => number) =>
    windows.reduce((total, finding) => total + count(finding), 0)
  return [
    sum(({ sourceCount }) => sourceCount),
    sum(({ storedCount }) => storedCount),
    ...kinds.slice(0, 4).map((kind) => sum((finding) => finding[kind].count)),
  ]
}

const noteOf = (finding: WindowFinding): readonly string[] => {
  const { from, to } = finding.window
  const found = kinds.flatMap((kind) => {
    const { count, ids } = finding[kind]
    return count === 0 ? [] : [`${count} ${kind} (${ids.slice(0, 3).join(', ')}${count > 3 ? ', ...' : ''})`]
  })
  return found.length === 0 ? [] : [`${formatInstant(from)} to ${formatInstant(to)}: ${found.join('; ')}`]
}
