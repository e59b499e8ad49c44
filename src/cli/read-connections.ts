import type { ConnectionConfig, Portfolios } from '../config/config.ts'
import { LockHeldError, ReelhouseError } from '../domain/errors.ts'
import type { PortfolioOf, RecordingRow } from '../domain/recording-row.ts'
import type { RunCommand } from '../domain/run.ts'
import { openConnectionLoader } from '../load/connection-loader.ts'
import { takeLock } from '../load/locks.ts'
import { type FilesOutcome, syncFiles } from '../pipeline/sync-files.ts'
import { ConfiguredSource } from '../sources/configured-source.ts'
import type { FileStream } from '../sources/source.ts'
import { placeRow } from '../transform/place-row.ts'
import { compilePortfolioMap, type PortfolioColumns, type PortfolioMap } from '../transform/portfolio-map.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import type { Session } from '../warehouse/session.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'
import type { Command } from './command.ts'

/** What became of one connection: its run, or why there was none. */
export interface ConnectionOutcome {
  readonly connection: string
  readonly outcome: FilesOutcome | null
  readonly error: ReelhouseError | null
}

export interface ReadRequest {
  readonly command: RunCommand
  /** Reads files whose content is loaded already, too; today's flatten and map win over what they became before. */
  readonly force: boolean
}

export interface ReadSessions {
  readonly session: Session
  readonly lockSession: Session
  readonly portfolioMap: PortfolioMap
}

/**
 * Keeps migrate away until the command ends. Throws ConfigError when schema and code do not belong together, and for
 * portfolio rules that cannot work.
 */
export const openForReading = async (command: Command): Promise<ReadSessions> => {
  const { config, signal } = command
  const portfolioMap = portfolioMapOf(config.portfolios)
  const lockSession = await command.openSession('locks')
  const lock = await takeLock(lockSession, { name: 'schema', key: 0, shared: true, patience: 60_000, signal })
  if (lock === null) throw new LockHeldError('the warehouse is being migrated; run the command again')
  await requireCurrentSchema(lockSession)
  return { session: await command.openSession('load'), lockSession, portfolioMap }
}

/** Reads the connections one after the other; one that fails costs itself only. */
export const readConnections = async (
  command: Command,
  sessions: ReadSessions,
  connections: readonly ConnectionConfig[],
  request: ReadRequest,
): Promise<readonly ConnectionOutcome[]> => {
  const outcomes: ConnectionOutcome[] = []
  for (const connection of connections) {
    if (command.signal.aborted) break
    try {
      const startedAt = performance.now()
      const outcome = await readConnection(command, sessions, connection, request)
      outcomes.push({ connection: connection.id, outcome, error: null })
      command.log.info('connection read', {
        connection: connection.id,
        state: outcome.state,
        loaded: outcome.loaded,
        known: outcome.known,
        listed: outcome.counts.read.listed,
        seconds: Math.round((performance.now() - startedAt) / 100) / 10,
        // maxRSS is in kilobytes.
        peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1000),
      })
    } catch (thrown) {
      const error = warehouseError(thrown)
      if (!(error instanceof ReelhouseError)) throw error
      command.log.error(error.message, { connection: connection.id })
      outcomes.push({ connection: connection.id, outcome: null, error })
    }
  }
  return outcomes
}

const readConnection = async (
  command: Command,
  sessions: ReadSessions,
  connection: ConnectionConfig,
  request: ReadRequest,
): Promise<FilesOutcome> => {
  const { loader, stream, place, reached } = await openConnection(command, sessions, connection, request)
  return syncFiles({
    connectionId: connection.id,
    stream,
    loader,
    recordsKept: connection.records ?? 'none',
    batchRows: command.batchRows,
    place,
    reporter: command.log,
    context: { signal: command.signal },
    reached,
    force: request.force,
  })
}

/** Everything that reading, replaying or mapping one connection takes. */
export const openConnection = async (
  command: Command,
  sessions: ReadSessions,
  connection: ConnectionConfig,
  request: ReadRequest,
) => {
  const { connections } = command.config
  const { reached } = command
  const into = connections.find((candidate) => candidate.id === connection.into) ?? null
  const stream = streamOf(connection)
  const place = (row: PortfolioColumns) => sessions.portfolioMap(into?.id ?? connection.id, row)
  const portfolioOf: PortfolioOf = (row) => place({ ...row, map_keys: row.map_keys ?? {} })
  const loader = await openConnectionLoader({
    ...sessions,
    invocationId: command.invocationId,
    connection,
    into,
    stream: stream.name,
    command: request.command,
    authoritative: request.force,
    reached,
    portfolioOf,
    signal: command.signal,
  })
  return { loader, stream, reached, portfolioOf, place: (row: RecordingRow) => placeRow(place, row) }
}

export const portfolioMapOf = ({ rules, default: fallback, defaultCountry }: Portfolios): PortfolioMap =>
  compilePortfolioMap(rules, fallback, defaultCountry)

export const streamOf = (connection: ConnectionConfig): FileStream => {
  if (!(connection.settings instanceof ConfiguredSource))
    throw new TypeError(`connection ${connection.id} has no source`)
  return connection.settings.stream(connection.configDir)
}
