import { ConfigError } from '../domain/errors.ts'
import type { Session } from './session.ts'

const oldestMajor = 15

/** Throws ConfigError for a server that is too old. */
export const requireServerVersion = async (session: Session): Promise<string> => {
  const { rows } = await session.client.query<{ readonly version: string; readonly major: number }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::integer / 10000 as major",
  )
  const { version, major } = rows[0] ?? { version: 'of no known version', major: 0 }
  if (major < oldestMajor) {
    throw new ConfigError([`the warehouse runs Postgres ${version}; reelhouse needs ${oldestMajor} or later`])
  }
  return version
}

/** Throws ConfigError for a database that cannot hold every text: one emoji would fail a whole batch, for ever. */
export const requireUtf8 = async (session: Session): Promise<void> => {
  const { rows } = await session.client.query<{ readonly encoding: string }>(
    "select current_setting('server_encoding') as encoding",
  )
  const encoding = rows[0]?.encoding ?? 'unknown'
  if (encoding === 'UTF8') return
  throw new ConfigError([
    `the encoding of the warehouse database is ${encoding}; reelhouse needs UTF8: create a database with encoding 'UTF8'`,
  ])
}

/** Uneven on purpose: a proxy that hands its servers out in turns would give each of two sessions one of its own. */
const rounds = 4

/**
 * Two sessions of a direct connection never share a backend, and each keeps its own. Behind a proxy that pools by
 * transaction they do or do not: locks and staging tables, which belong to a session, would be lost or shared.
 * Throws ConfigError then.
 */
export const refuseTransactionPooling = async (one: Session, other: Session): Promise<void> => {
  const backends = new Map<Session, Set<number>>([
    [one, new Set()],
    [other, new Set()],
  ])
  for (let round = 0; round < rounds; round += 1) {
    for (const session of [one, other, other]) {
      const { rows } = await session.client.query<{ readonly pid: number }>('select pg_backend_pid() as pid')
      for (const { pid } of rows) backends.get(session)?.add(pid)
    }
  }
  const [a = new Set<number>(), b = new Set<number>()] = backends.values()
  const shared = [...a].some((pid) => b.has(pid))
  if (!shared && a.size === 1 && b.size === 1) return
  throw new ConfigError([
    'the warehouse URL leads to a proxy that pools by transaction (PgBouncer pool_mode=transaction, or a port for ' +
      'serverless clients); reelhouse needs sessions of its own: use the direct address or a session-mode pool',
  ])
}
