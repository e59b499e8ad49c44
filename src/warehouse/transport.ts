import type pg from 'pg'

/** A Unix socket, or this machine. */
const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

const optionOf = (ssl: unknown, name: string): unknown =>
  typeof ssl === 'object' && ssl !== null ? Reflect.get(ssl, name) : undefined

const verified = 'write sslmode=verify-full into the warehouse URL, and sslrootcert=<file> for an authority of your own'

/**
 * What is wrong with the way to a warehouse on another machine, as the driver itself understood its URL and environment;
 * null = the session is encrypted, and the server must prove who it is.
 */
export const transportWarning = (client: pg.Client): string | null => {
  const ssl: unknown = Reflect.get(client, 'ssl')
  if (isLocal(client.host)) return null
  if (ssl === undefined || ssl === null || ssl === false)
    return `the session with the warehouse at ${client.host} is not encrypted: ${verified}`
  const isUnverified =
    optionOf(ssl, 'rejectUnauthorized') === false || typeof optionOf(ssl, 'checkServerIdentity') === 'function'
  return isUnverified ? `the warehouse at ${client.host} need not prove who it is: ${verified}` : null
}
