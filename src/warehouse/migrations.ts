import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Migration, type MigrationProvider, Migrator, sql } from 'kysely'
import { ConfigError, LoadError, ReelhouseError } from '../domain/errors.ts'
import { requireUtf8 } from './check-warehouse.ts'
import type { Session } from './session.ts'
import { warehouseError } from './warehouse-error.ts'

const migrationsFolder = new URL('../../migrations/', import.meta.url)

/** Names of the migrations this version of the code knows (file names without `.sql`), in order. */
export const knownMigrations = async (): Promise<readonly string[]> => {
  const files = await readdir(migrationsFolder)
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort()
}

const plainSqlMigrations: MigrationProvider = {
  async getMigrations() {
    const migrations: Record<string, Migration> = {}
    for (const name of await knownMigrations()) {
      const text = await readFile(fileURLToPath(new URL(`${name}.sql`, migrationsFolder)), 'utf8')
      migrations[name] = { up: async (db) => void (await sql.raw(text).execute(db)) }
    }
    return migrations
  },
}

/**
 * Brings the schema to what this version of the code knows; returns the migrations applied now. Concurrent migrators
 * apply each once: kysely takes a lock. All of one call are one transaction.
 */
export const migrate = async (session: Session): Promise<readonly string[]> => {
  await requireUtf8(session)
  const state = await schemaState(session)
  if (state.unknown.length > 0) throw newerSchema(state.unknown)
  const migrator = new Migrator({
    db: session.db,
    provider: plainSqlMigrations,
    migrationTableSchema: 'reelhouse',
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const known = warehouseError(error)
    if (known instanceof ReelhouseError) throw known
    const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'the schema'
    throw new LoadError(`migrating ${failed} failed and was rolled back: ${describe(error)}`, { cause: error })
  }
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export interface SchemaState {
  readonly applied: readonly string[]
  /** Known to this version and not applied: the schema is older than the code. */
  readonly missing: readonly string[]
  /** Applied and not known to this version: the schema is newer than the code. */
  readonly unknown: readonly string[]
}

const appliedMigrations = async ({ client }: Session): Promise<readonly string[]> => {
  const table = await client.query<{ readonly present: boolean }>(
    "select to_regclass('reelhouse.migrations') is not null as present",
  )
  if (table.rows[0]?.present !== true) return []
  const { rows } = await client.query<{ readonly name: string }>('select name from reelhouse.migrations order by name')
  return rows.map(({ name }) => name)
}

export const schemaState = async (session: Session): Promise<SchemaState> => {
  const known = await knownMigrations()
  const applied = await appliedMigrations(session)
  return {
    applied,
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  }
}

/** Throws ConfigError with what to run when schema and code do not belong together, or the schema is not whole. */
export const requireCurrentSchema = async (session: Session): Promise<void> => {
  const state = await schemaState(session)
  if (state.unknown.length > 0) throw newerSchema(state.unknown)
  if (state.missing.length > 0) {
    const found = state.applied.length === 0 ? 'has no reelhouse schema yet' : `lacks ${state.missing.join(', ')}`
    throw new ConfigError([`the warehouse ${found}; run: reelhouse migrate`])
  }
  if (!(await hasDigestTrigger(session))) throw withoutTrigger()
}

/** What goes by digests is right only with it (decision 0060). It is lost where a table is restored by itself. */
const hasDigestTrigger = async ({ client }: Session): Promise<boolean> => {
  const { rows } = await client.query<{ readonly present: boolean }>(`
    select exists (
      select
      from pg_trigger
      where tgrelid = to_regclass('reelhouse.call_recordings') and tgname = 'forget_row_digest' and tgenabled = 'A'
    ) as present`)
  return rows[0]?.present === true
}

const withoutTrigger = (): ConfigError =>
  new ConfigError([
    'reelhouse.call_recordings lacks its trigger forget_row_digest, or it is not always enabled (a table that is restored by itself ' +
      'may lose it): create it, and its function, as in migrations/0009_row_digest.sql; ' +
      'then run: update reelhouse.call_recordings set row_digest = null where row_digest is not null',
  ])

const newerSchema = (unknown: readonly string[]): ConfigError =>
  new ConfigError([
    `the warehouse schema is newer than this version of reelhouse (it has ${unknown.join(', ')}); ` +
      'use the version of reelhouse that migrated it, or a later one',
  ])
