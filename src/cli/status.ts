import { InvalidArgumentError, type Command as Program } from 'commander'
import { parseDuration } from '../config/duration.ts'
import { readStatus, type StreamStatus } from '../load/status.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'

interface StatusOptions extends CommonOptions {
  /** Milliseconds. */
  readonly maxAge?: number
}

export const addStatus = (program: Program, exit: (name: ExitName) => void): void => {
  program
    .command('status')
    .summary('show freshness, quarantine and what is open')
    .description('Shows every stream: its last run, how old its last complete sync is, and what is open.')
    .option('--max-age <age>', 'exit 3 when a stream was not completely synced within it (2h, 30m, 1d)', readAge)
    .option('--json', 'print the result as a JSON document')
    .addHelpText('after', '\nExamples:\n  reelhouse status\n  reelhouse status --max-age 2h || page-someone')
    .action(async (options: StatusOptions, self: Program) => {
      const all: StatusOptions = { ...self.optsWithGlobals(), ...options }
      exit(await runCommand(all, (command) => status(command, all)))
    })
}

const readAge = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Write an age such as 30m, 2h or 1d.')
  return ms
}

const status = async (command: Command, options: StatusOptions): Promise<ExitName> => {
  const session = await command.openSession('status')
  await requireCurrentSchema(session)
  const known = await readStatus(session)
  const never = command.config.connections
    .map(({ id }) => id)
    .filter((id) => !known.some((stream) => stream.connection === id))
  const configured = known.filter(({ connection }) => command.config.connections.some(({ id }) => id === connection))
  const stale = options.maxAge === undefined ? [] : staleStreams(configured, never, options.maxAge)
  command.print({ stale, never_synced: never, streams: known }, statusText(known, never, stale))
  return stale.length > 0 ? 'stale' : 'ok'
}

/** Only what is configured is expected to be fresh, and everything that is. */
const staleStreams = (
  streams: readonly StreamStatus[],
  never: readonly string[],
  maxAgeMs: number,
): readonly string[] => [
  ...never,
  ...streams
    .filter(({ age_in_sec }) => age_in_sec === null || age_in_sec * 1000 > maxAgeMs)
    .map(({ connection, stream }) => `${connection}/${stream}`),
]

const statusText = (streams: readonly StreamStatus[], never: readonly string[], stale: readonly string[]): string => {
  const head = ['connection', 'stream', 'last run', 'fresh as of', 'rows', 'unmapped', 'rejects', 'pending']
  const rows = streams.map((stream) => [
    stream.connection,
    stream.stream,
    `${stream.last_run.command} ${stream.last_run.state}`,
    stream.fresh_as_of,
    stream.rows,
    stream.unmapped_rows,
    stream.open_rejects,
    stream.pending,
  ])
  const notes = [
    ...streams.flatMap(({ connection, last_run: { error } }) => (error === null ? [] : [`${connection}: ${error}`])),
    ...streams.flatMap(({ connection, half_loaded_files: files }) =>
      files.map((file) => `${connection}: ${file} is half loaded; the next sync goes on with it`),
    ),
    ...never.map((id) => `${id}: never synced`),
    ...stale.map((name) => `${name}: stale`),
  ]
  return renderTable(head, rows) + notes.map((note) => `${note}\n`).join('')
}
