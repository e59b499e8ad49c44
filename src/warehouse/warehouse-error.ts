import pg from 'pg'
import { ConfigError, ReelhouseError, TransientError } from '../domain/errors.ts'

/** Who can do something about it: time, or the operator. Null: it is no error of the warehouse. */
type Cure = 'time' | 'operator' | null

/** Classes of SQLSTATE that say "later", not "no": connection, conflict, resources, operator intervention, system error. */
const laterClasses = new Set(['08', '40', '53', '57', '58'])

/** No such database, no right to it, and a standby that takes no writes. Class 28 is a refused user or password. */
const operatorStates = new Set(['3D000', '42501', '25006'])

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
])

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** A Unix socket that is not there (yet): the server is down. A certificate that is not there is the operator's. */
const isMissingSocket = (error: unknown): boolean =>
  codeOf(error) === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect'

/** pg gives these no code. */
const isLoss = (error: unknown): boolean =>
  error instanceof Error && /^(?:timeout expired|connection terminated)|not queryable/i.test(error.message)

const cureOf = (error: unknown): Cure => {
  const code = codeOf(error)
  if (error instanceof pg.DatabaseError) {
    if (laterClasses.has(code.slice(0, 2))) return 'time'
    return code.startsWith('28') || operatorStates.has(code) ? 'operator' : null
  }
  return networkCodes.has(code) || isMissingSocket(error) || isLoss(error) ? 'time' : null
}

/** Of an AggregateError (a name with several addresses) the message is empty. */
const said = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(said).join('; ')
  if (error instanceof pg.DatabaseError) return `${error.message} (SQLSTATE ${error.code ?? 'unknown'})`
  const message = error instanceof Error ? error.message : String(error)
  return message.includes('client password must be a string') ? 'it asks for a password, and there is none' : message
}

/**
 * What an error of the warehouse makes the caller do: TransientError when it was lost or is busy, ConfigError when the
 * operator must grant or change something. Anything else is returned as it is.
 */
export const warehouseError = (error: unknown): unknown => {
  if (error instanceof ReelhouseError) return error
  const cure = cureOf(error)
  if (cure === 'time') {
    return new TransientError(`the warehouse was lost or is not ready: ${said(error)}; run the command again`, {
      cause: error,
    })
  }
  return cure === 'operator' ? new ConfigError([`the warehouse refuses: ${said(error)}`], { cause: error }) : error
}

const isDistrusted = (error: unknown): boolean => {
  const code = codeOf(error)
  return /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_)/.test(code)
}

/**
 * Why no session could be opened. `place`: host, port and database, without user and password. What no waiting cures is
 * the operator's: a refused password, a certificate, a server without TLS, a URL that pg cannot read.
 */
export const openingError = (error: unknown, place: string): ReelhouseError =>
  cureOf(error) === 'time'
    ? new TransientError(`the warehouse at ${place} cannot be reached or is not ready: ${said(error)}`, {
        cause: error,
      })
    : new ConfigError(
        [
          `the warehouse at ${place} refuses the session: ${said(error)}; check DATABASE_URL or warehouse.url${
            isDistrusted(error)
              ? ', and name the authority that signed its certificate with sslrootcert=<file> in it'
              : ''
          }`,
        ],
        { cause: error },
      )
