import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from '../load/tables.ts'

/** One Postgres connection with kysely and COPY on the same session, so that both take part in one transaction. */
export interface Session {
  readonly client: pg.Client
  readonly db: Kysely<Database>
  /** Resolves when the server has let go; never throws. */
  close(): Promise<void>
}

export interface SessionOptions {
  /** Shown in pg_stat_activity: which part of which command this is. */
  readonly purpose: string
  /** Milliseconds after which the server cancels a statement; 0 = never. */
  readonly statementTimeout?: number
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

/** As a statement: poolers in session mode refuse start-up parameters. */
const sessionSettings = `
  select
    set_config('timezone', 'UTC', false),
    set_config('search_path', 'reelhouse, pg_catalog', false),
    set_config('statement_timeout', $1, false)`

export const openSession = async (url: string, options: SessionOptions): Promise<Session> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: `reelhouse ${options.purpose}`,
    types,
    keepAlive: true,
    connectionTimeoutMillis: 30_000,
  })
  // Without a listener a session cut while idle would end the process; the next query reports it.
  client.on('error', () => undefined)
  await client.connect()
  await client.query(sessionSettings, [`${options.statementTimeout ?? 0}`])
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: singleClientPool(client) }) })
  return { client, db, close: () => client.end().catch(() => undefined) }
}

/** kysely asks a pool for a client per query or transaction; this one always has the same. */
const singleClientPool = (client: pg.Client) => {
  const lent = Object.assign(client, { release: () => undefined })
  return { connect: async () => lent, end: async () => undefined }
}
