import { InvalidArgumentError, type Command as Program } from 'commander'
import type { ConnectionConfig } from '../config/config.ts'
import { parseDuration } from '../domain/duration.ts'
import { readStatus, type StreamStatus, type TimeRange } from '../load/status.ts'
import { startOf } from '../pipeline/retained.ts'
import { counted } from '../terminal/counted.ts'
import type { ExitName } from '../terminal/exit-code.ts'
import { renderTable } from '../terminal/table.ts'
import { formatInstant } from '../transform/instant.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import { now } from './clock.ts'
import { type Command, type CommonOptions, runCommand } from './command.ts'
import { sourceOf } from './connections.ts'

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
  const streams = known.map((stream) => fromStart(stream, startsOf(command.config.connections)))
  command.print({ stale, never_synced: never, streams }, statusText(streams, never, stale))
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
  const head = [
    'connection',
    'stream',
    'last run',
    'fresh as of',
    'covered until',
    'rows',
    'unmapped',
    'rejects',
    'pending',
    'follow-ups',
  ]
  const rows = streams.map((stream) => [
    stream.connection,
    stream.stream,
    `${stream.last_run.command} ${stream.last_run.state}`,
    stream.fresh_as_of,
    stream.covered_until,
    stream.rows,
    stream.unmapped_rows,
    stream.open_rejects,
    stream.pending,
    stream.follow_ups,
  ])
  const notes = [
    ...streams.flatMap((stream) => notesOf(stream).map((note) => `${stream.connection}: ${note}`)),
    ...never.map((id) => `${id}: never synced`),
    ...stale.map((name) => `${name}: stale`),
  ]
  return renderTable(head, rows) + notes.map((note) => `${note}\n`).join('')
}

const notesOf = (stream: StreamStatus): readonly string[] => {
  const { connection, last_run, half_loaded_files, gaps, unfinished_backfills, given_up } = stream
  return [
    // An error names its connection by itself, mostly.
    ...(last_run.error === null ? [] : [last_run.error.replaceAll(`connection ${connection}: `, '')]),
    ...half_loaded_files.map((file) => `${file} is half loaded; the next sync goes on with it`),
    ...gaps.map(({ from, to }) => `${from} to ${to} is not covered; the next sync reads it`),
    ...unfinished_backfills.map(
      ({ from, to, windows_left, windows }) =>
        `of the backfill --from ${from} --to ${to} ${windows_left} of ${counted(windows, 'window')} left; the same command goes on with it`,
    ),
    ...(given_up === 0 ? [] : [`${counted(given_up, 'record')} waited for in vain (reelhouse.follow_ups, gave_up_at)`]),
  ]
}

/** Where the streams that are configured begin, by connection and stream. */
type Starts = ReadonlyMap<string, string>

const startsOf = (connections: readonly ConnectionConfig[]): Starts =>
  new Map(
    connections.flatMap((connection) => {
      const source = sourceOf(connection)
      const streams = source.kind === 'api' ? source.streams : []
      return streams.map(
        (stream) => [`${connection.id}/${stream.name}`, formatInstant(startOf(stream, now()))] as const,
      )
    }),
  )

/**
 * How far a stream is read without a hole from where it starts, and the holes behind that: what a sync is to read. Of a
 * stream that is not configured any more nobody knows where it starts.
 */
const fromStart = (status: StreamStatus, starts: Starts): StreamStatus => {
  const start = starts.get(`${status.connection}/${status.stream}`)
  if (start === undefined) return status
  const gaps: TimeRange[] = []
  let end = start
  // Canonical instants of UTC sort as text, to the second.
  for (const { from, to } of status.covered.filter((range) => range.to > start)) {
    if (from > end) gaps.push({ from: end, to: from })
    end = to
  }
  const until = gaps[0]?.from ?? end
  return {
    ...status,
    covered_from: until === start ? null : start,
    covered_until: until === start ? null : until,
    gaps,
  }
}
