import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Sessions of reelhouse have names that begin so; any other client session is a guest that keeps the server up. */
export const applicationName = 'reelhouse'

export const warehouseDatabase = 'reelhouse'

/** 'reel' in ASCII. Users hold it shared, the one who stops the server exclusively. */
const registryLock = 1_919_247_724

const lockWaitMs = 15_000

/** What the last one out found. */
export type Leaving = 'last' | 'others' | 'guests'

/**
 * One user of the server, known to all others by the lock its session holds: a session ends with its process, however that
 * dies, so no entry is ever stale. In database `postgres`: advisory locks are per database, and this one is always there.
 */
export class RegistrySession {
  readonly #client: pg.Client
  /** Resolves when the session is gone, by our closing or not. */
  readonly ended: Promise<void>

  private constructor(client: pg.Client, ended: Promise<void>) {
    this.#client = client
    this.ended = ended
  }

  /** @throws what pg throws: refused, starting up, shutting down under us, wrong password */
  static async enter(port: number, password: string): Promise<RegistrySession> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'reelhouse',
      password,
      database: 'postgres',
      // Said here because PGSSLMODE, PGAPPNAME and PGOPTIONS of the operator are meant for other servers.
      ssl: false,
      application_name: applicationName,
      options: `-c lock_timeout=${lockWaitMs} -c idle_session_timeout=0`,
      connectionTimeoutMillis: 10_000,
      query_timeout: 2 * lockWaitMs,
      keepAlive: true,
    })
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    // Without a listener the server's end would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select pg_advisory_lock_shared($1)', [registryLock])
      await createWarehouseDatabase(client)
      return new RegistrySession(client, ended)
    } catch (error) {
      await closeClient(client)
      throw error
    }
  }

  /**
   * Gives the lock up and looks whether anybody is left. After 'last' the caller stops the server: newcomers wait for the
   * lock until that ends their session, and start over. After anything else it calls `close`.
   */
  async leave(): Promise<Leaving> {
    await this.#client.query('select pg_advisory_unlock_shared($1)', [registryLock])
    const locked = await this.#client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [
      registryLock,
    ])
    if (locked.rows[0]?.alone !== true) return 'others'
    // A moment for a psql that is just leaving.
    for (let tries = 0; tries < 3; tries++) {
      if (!(await this.#hasGuests())) return 'last'
      await sleep(100)
    }
    return 'guests'
  }

  async close(): Promise<void> {
    await closeClient(this.#client)
  }

  async #hasGuests(): Promise<boolean> {
    const found = await this.#client.query(
      `select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()
          and not starts_with(application_name, $1) limit 1`,
      [applicationName],
    )
    return found.rowCount !== 0
  }
}

const createWarehouseDatabase = async (client: pg.Client): Promise<void> => {
  const found = await client.query('select from pg_database where datname = $1', [warehouseDatabase])
  if (found.rowCount !== 0) return
  try {
    await client.query(`create database ${warehouseDatabase}`)
  } catch (error) {
    // Another command made it meanwhile.
    if (!(error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505'))) throw error
  }
}

/** Bounded: a server that hangs must not hang us. */
const closeClient = async (client: pg.Client): Promise<void> => {
  const patience = new AbortController()
  const end = client.end().catch(() => undefined)
  await Promise.race([end, sleep(2000, undefined, { signal: patience.signal }).catch(() => undefined)])
  patience.abort()
}
