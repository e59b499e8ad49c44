import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from '../load/tables.ts'
import { openingError } from './warehouse-error.ts'

/** One Postgres connection with kysely and COPY on the same session, so that both take part in one transaction. */
export interface Session {
  readonly client: pg.Client
  readonly db: Kysely<Database>
  /** Nothing can be asked of it any more: the server has ended it, or the network. */
  isLost(): boolean
  /** Resolves when the server has let go; never throws. */
  close(): Promise<void>
}

export interface SessionOptions {
  /** Shown in pg_stat_activity: which part of which command this is. */
  readonly purpose: string
  /** Milliseconds after which the server cancels a statement; null or absent = the role's or server's own setting. */
  readonly statementTimeout?: number | null
}

const parsers = new Map<number, (text: string) => unknown>([
  // bigint: keys, counts and epoch microseconds, all below 2^53.
  [pg.types.builtins.INT8, Number],
  // Instants stay text: Date would cut microseconds.
  [pg.types.builtins.TIMESTAMPTZ, (text: string) => text],
])

/**
 * pg's reader of a type, with two exceptions of ours. (pg.types is shared by the process: it is not changed.)
 */
const types = {
  getTypeParser: (oid: number, format?: string): unknown =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text'),
}

/**
 * As a statement: poolers in session mode refuse start-up parameters. The keepalives make the server notice within two
 * minutes that our machine is gone, and let go of our locks; its own default is two hours. The session that holds the locks
 * is idle while a file is read, which a server that ends idle sessions would take for forgotten. Instants are read as text.
 */
const sessionSettings = `
  select
    set_config('timezone', 'UTC', false),
    set_config('datestyle', 'ISO, YMD', false),
    set_config('search_path', 'reelhouse, pg_catalog', false),
    set_config('idle_session_timeout', '0', false),
    set_config('tcp_keepalives_idle', '60', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '6', false),
    set_config('statement_timeout', coalesce($1, current_setting('statement_timeout')), false)`

/** Throws TransientError when the server is not there or not ready, ConfigError when it refuses us. */
export const openSession = async (url: string, options: SessionOptions): Promise<Session> => {
  const client = clientOf(url, options.purpose)
  // Without a listener a session cut while idle would end the process; the next query reports it.
  let lost = false
  const lose = (): void => {
    lost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  try {
    await client.connect()
    await client.query(sessionSettings, [options.statementTimeout ?? null])
  } catch (error) {
    void client.end().catch(() => undefined)
    throw openingError(error, `${client.host}:${client.port}/${client.database ?? ''}`)
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: singleClientPool(client) }) })
  return { client, db, isLost: () => lost, close: () => client.end().catch(() => undefined) }
}

const clientOf = (url: string, purpose: string): pg.Client => {
  try {
    return new pg.Client({
      connectionString: url,
      application_name: `reelhouse ${purpose}`,
      types,
      keepAlive: true,
      connectionTimeoutMillis: 30_000,
    })
  } catch (error) {
    throw openingError(error, 'its URL')
  }
}

/** kysely asks a pool for a client per query or transaction; this one always has the same. */
const singleClientPool = (client: pg.Client) => {
  const lent = Object.assign(client, { release: () => undefined })
  return { connect: async () => lent, end: async () => undefined }
}
