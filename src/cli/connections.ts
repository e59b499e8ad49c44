import { setMaxListeners } from 'node:events'
import type { ConnectionConfig, Portfolios } from '../config/config.ts'
import { LockHeldError, ReelhouseError } from '../domain/errors.ts'
import type { PortfolioOf, RecordingRow } from '../domain/recording-row.ts'
import type { RunCommand } from '../domain/run.ts'
import type { Window } from '../domain/window.ts'
import { openConnectionLoader } from '../load/connection-loader.ts'
import { takeLock } from '../load/locks.ts'
import { ConfiguredSource } from '../sources/configured-source.ts'
import type { ApiSource, FileStream } from '../sources/source.ts'
import { createDigestKey } from '../transform/digest-key.ts'
import { placeRow } from '../transform/place-row.ts'
import { compilePortfolioMap, type PortfolioMap } from '../transform/portfolio-map.ts'
import type { PortfolioColumns } from '../transform/portfolio-rules.ts'
import { requireCurrentSchema } from '../warehouse/migrations.ts'
import type { Session } from '../warehouse/session.ts'
import { warehouseError } from '../warehouse/warehouse-error.ts'
import type { Command } from './command.ts'
import { firstDelay } from './first-delay.ts'

/** What all connections of a command share. */
export interface Reading {
  /** Holds every lock of the command. */
  readonly lockSession: Session
  readonly portfolioMap: PortfolioMap
}

/**
 * Keeps migrate away until the command ends. Throws ConfigError when schema and code do not belong together, and for
 * portfolio rules that cannot work.
 */
export const openForReading = async (command: Command): Promise<Reading> => {
  const { config, signal } = command
  const portfolioMap = portfolioMapOf(config.portfolios)
  const lockSession = await command.openSession('locks')
  const lock = await takeLock(lockSession, { name: 'schema', key: 0, shared: true, patience: 60_000, signal })
  if (lock === null) throw new LockHeldError('the warehouse is being migrated; run the command again')
  await requireCurrentSchema(lockSession)
  return { lockSession, portfolioMap }
}

export const portfolioMapOf = ({ rules, default: fallback, defaultCountry }: Portfolios): PortfolioMap =>
  compilePortfolioMap(rules, fallback, defaultCountry)

/** One connection while a command works on it. */
export interface OpenedConnection {
  readonly config: ConnectionConfig
  readonly source: FileStream | ApiSource
  /** Loads and reads; of this connection alone while it is worked on. */
  readonly session: Session
  /** Another one like it, which is closed with it. */
  openSecond(): Promise<Session>
  /** The command's, which also ends when another connection met a defect. */
  readonly signal: AbortSignal
}

/** What became of one connection; exactly one of the two is null. */
export interface ConnectionResult<T> {
  readonly connection: string
  readonly result: T | null
  readonly error: ReelhouseError | null
}

/**
 * Works on the connections, several at a time, each with a session to itself; one that fails costs itself only. Those
 * that share their rows (`into`) go one after the other, in their order: of records without versions the later wins.
 * Results are in the order of the connections; those that were not begun when the operator stopped the command are left
 * out. A defect stops the others after their batch, and is thrown.
 */
export const eachConnection = async <T>(
  command: Command,
  connections: readonly ConnectionConfig[],
  work: (opened: OpenedConnection) => Promise<T>,
): Promise<readonly ConnectionResult<T>[]> => {
  const defect = new AbortController()
  const signal = AbortSignal.any([command.signal, defect.signal])
  // Each connection listens with some of its work at a time; of more than ten Node would warn as of a leak.
  setMaxListeners(10 * command.config.reading.connectionsAtATime, signal)
  const results = new Map<ConnectionConfig, ConnectionResult<T>>()
  const waiting = sharingRows(connections)
  const workThrough = async (): Promise<void> => {
    const worker = new Worker(command, signal)
    try {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        for (const next of group) {
          if (signal.aborted) return
          results.set(next, await worker.workOn(next, work))
        }
      }
    } finally {
      await worker.close()
    }
  }
  const workers = Array.from({ length: command.config.reading.connectionsAtATime }, () =>
    workThrough().catch((error: unknown) => {
      defect.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(workers)
  await Promise.all(workers)
  return connections.flatMap((connection) => results.get(connection) ?? [])
}

/** Connections by whose rows they write, each group in order. */
const sharingRows = (connections: readonly ConnectionConfig[]): (readonly ConnectionConfig[])[] => {
  const groups = new Map<string, ConnectionConfig[]>()
  for (const connection of connections) {
    const rowsOf = connection.into ?? connection.id
    groups.set(rowsOf, [...(groups.get(rowsOf) ?? []), connection])
  }
  return [...groups.values()]
}

/** Works on one connection after the other, on one session as long as nothing fails there. */
class Worker {
  readonly #command: Command
  readonly #signal: AbortSignal
  #session: Session | null = null

  constructor(command: Command, signal: AbortSignal) {
    this.#command = command
    this.#signal = signal
  }

  async workOn<T>(
    config: ConnectionConfig,
    work: (opened: OpenedConnection) => Promise<T>,
  ): Promise<ConnectionResult<T>> {
    const { log } = this.#command
    try {
      return { connection: config.id, result: await this.#opened(config, work), error: null }
    } catch (thrown) {
      const error = warehouseError(thrown)
      if (!(error instanceof ReelhouseError)) throw error
      log.error(error.message, { connection: config.id })
      return { connection: config.id, result: null, error }
    }
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = null
    await session?.close()
  }

  /** A session on which something failed may be lost, or in a state that nobody knows: the next connection gets another. */
  async #opened<T>(config: ConnectionConfig, work: (opened: OpenedConnection) => Promise<T>): Promise<T> {
    const source = sourceOf(config)
    if (this.#session?.isLost() === true) await this.close()
    this.#session ??= await this.#command.openSession('load')
    const seconds: Session[] = []
    const openSecond = async (): Promise<Session> => {
      const second = await this.#command.openSession('load')
      seconds.push(second)
      return second
    }
    try {
      return await work({ config, source, session: this.#session, openSecond, signal: this.#signal })
    } catch (error) {
      await this.close()
      throw error
    } finally {
      for (const second of seconds) await second.close()
    }
  }
}

export const sourceOf = (connection: ConnectionConfig): FileStream | ApiSource => {
  if (!(connection.settings instanceof ConfiguredSource))
    throw new TypeError(`connection ${connection.id} has no source`)
  return connection.settings.open({
    connectionId: connection.id,
    folder: connection.configDir,
    retry: firstDelay(process.env.REELHOUSE_FIRST_DELAY_MS),
  })
}

export interface LoaderRequest {
  readonly stream: string
  readonly command: RunCommand
  /** Today's flatten and map win over what the same version became before. */
  readonly authoritative: boolean
  /** Of a backfill. */
  readonly range?: Window
}

/** The loader of one stream, and how its rows are mapped to portfolios. */
export const openLoader = async (
  command: Command,
  { lockSession, portfolioMap }: Reading,
  { config, source, session, openSecond, signal }: OpenedConnection,
  request: LoaderRequest,
) => {
  const into = command.config.connections.find((candidate) => candidate.id === config.into) ?? null
  const place = (row: PortfolioColumns) => portfolioMap(into?.id ?? config.id, row)
  const portfolioOf: PortfolioOf = (row) => place({ ...row, map_keys: row.map_keys ?? {} })
  const loader = await openConnectionLoader({
    ...request,
    session,
    openSecond: source.kind === 'files' ? openSecond : undefined,
    lockSession,
    invocationId: command.invocationId,
    connection: config,
    into,
    reached: command.reached,
    redact: command.redact,
    holdsSecret: command.holdsSecret,
    digestKeys: command.config.privacy.secrets.map(createDigestKey),
    portfolioOf,
    signal,
  })
  return { loader, portfolioOf, place: (row: RecordingRow) => placeRow(place, row) }
}

/** What is kept of every record, unless the configuration says otherwise: an API cannot be asked again for ever. */
export const recordsKept = ({ records }: ConnectionConfig, source: FileStream | ApiSource) =>
  records ?? (source.kind === 'api' ? 'payloads' : 'none')
