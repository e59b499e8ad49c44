import type { ConnectionConfig } from '../config/config.ts'
import { ConfigError } from '../domain/errors.ts'
import type { ApiSource, WindowStream } from '../sources/source.ts'
import { type Command, chosenConnections } from './command.ts'
import { type OpenedConnection, sourceOf } from './connections.ts'

/**
 * The connections a command line names that have windows; all of them when it names none. Throws ConfigError for dump
 * files: `does` says what they cannot be asked for.
 */
export const chosenApis = (command: Command, ids: readonly string[], does: string): readonly ConnectionConfig[] => {
  const chosen = chosenConnections(command.config, ids)
  const apis = chosen.filter((connection) => sourceOf(connection).kind === 'api')
  if (ids.length === 0 && apis.length > 0) return apis
  const files = chosen.filter((connection) => !apis.includes(connection)).map(({ id }) => id)
  if (files.length === 0) return apis
  throw new ConfigError(
    files.map((id) => `connection ${id} reads dump files: they have no windows to ${does}; reelhouse sync loads them`),
  )
}

/** The API of a connection that chosenApis chose. */
export const apiOf = ({ source, config }: OpenedConnection): ApiSource => {
  if (source.kind === 'api') return source
  throw new TypeError(`connection ${config.id} is no API`)
}

/** Works on the streams of a connection one after the other; stops when the operator does. */
export const eachStream = async <T>(
  opened: OpenedConnection,
  work: (stream: WindowStream, source: ApiSource) => Promise<T>,
): Promise<readonly T[]> => {
  const source = apiOf(opened)
  const results: T[] = []
  for (const stream of source.streams) {
    if (opened.signal.aborted) break
    results.push(await work(stream, source))
  }
  return results
}
