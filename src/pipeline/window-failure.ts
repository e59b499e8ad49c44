import {
  ConfigError,
  LoadError,
  LockHeldError,
  ReelhouseError,
  SourceProtocolError,
  TransientError,
} from '../domain/errors.ts'
import type { Window } from '../domain/window.ts'
import { formatInstant } from '../transform/instant.ts'

export const windowText = ({ from, to }: Window): string => `${formatInstant(from)} to ${formatInstant(to)}`

/**
 * The error with the connection and the work that it ended, of the same kind: the exit code and what to do next stay. What
 * the operator must change, or wait for, has nothing to do with the work. A defect stays what it is.
 */
export const failureOf = (error: unknown, connectionId: string, work: string): unknown => {
  if (!(error instanceof ReelhouseError) || error instanceof ConfigError || error instanceof LockHeldError) return error
  const named = `connection ${connectionId}: `
  const cause = error.message.startsWith(named) ? error.message.slice(named.length) : error.message
  const message = `${named}${work} failed: ${cause}`
  if (error instanceof TransientError) return new TransientError(message, { cause: error })
  if (error instanceof LoadError) return new LoadError(message, { cause: error })
  return new SourceProtocolError(message, { cause: error })
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
