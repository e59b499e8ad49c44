import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError, LoadError } from '../../src/domain/errors.ts'
import { travtusFields } from '../../src/domain/recording-row.ts'
import { knownMigrations, migrate, requireCurrentSchema, schemaState } from '../../src/warehouse/migrations.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { loadRows, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

const opened: TestDatabase[] = []
const emptyDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase(null)
  opened.push(database)
  return database
}
const migratedDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase()
  opened.push(database)
  return database
}
afterEach(async () => {
  for (const database of opened.splice(0)) await database.drop()
})

const tables = (database: TestDatabase) =>
  database.rows<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'reelhouse' order by 1",
  )

describe('migrate', () => {
  test('applies every migration once, and a second time nothing', async () => {
    const database = await emptyDatabase()
    const session = await database.session()
    const known = await knownMigrations()
    expect(known.slice(0, 3)).toEqual(['0001_tables', '0002_views', '0003_windows'])
    expect(await migrate(session)).toEqual(known)
    expect(await migrate(session)).toEqual([])
    expect(await schemaState(session)).toEqual({ applied: known, missing: [], unknown: [] })
    await expect(requireCurrentSchema(session)).resolves.toBeUndefined()
  })

  test('of several processes at the same time applies each migration once', async () => {
    const database = await emptyDatabase()
    const sessions = await Promise.all(Array.from({ length: 4 }, () => database.session()))
    const applied = await Promise.all(sessions.map((session) => migrate(session)))
    const known = await knownMigrations()
    expect(applied.flat().sort()).toEqual(known)
    expect(await database.rows('select name from reelhouse.migrations order by name')).toEqual(
      known.map((name) => ({ name })),
    )
  })

  test('that fails leaves nothing behind, and works once the obstacle is gone', async () => {
    const database = await emptyDatabase()
    const session = await database.session()
    await database.rows('create schema reelhouse')
    await database.rows('create table reelhouse.recordings (in_the_way integer)')
    const failed = migrate(session)
    await expect(failed).rejects.toThrow(LoadError)
    await expect(failed).rejects.toThrow(/migrating 0002_views failed and was rolled back: .*recordings/)
    expect((await tables(database)).map(({ name }) => name)).toEqual(['migrations', 'migrations_lock', 'recordings'])
    expect(await schemaState(session)).toMatchObject({
      applied: [],
      missing: await knownMigrations(),
    })
    await database.rows('drop table reelhouse.recordings')
    expect(await migrate(session)).toEqual(await knownMigrations())
  })
})

describe('a schema that does not belong to this version', () => {
  test('which is not there yet is a ConfigError that names the command', async () => {
    const database = await emptyDatabase()
    const refused = requireCurrentSchema(await database.session())
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow('the warehouse has no reelhouse schema yet; run: reelhouse migrate')
  })

  test('which is older is a ConfigError that names what is missing and the command', async () => {
    const database = await migratedDatabase()
    await database.rows("delete from reelhouse.migrations where name = '0002_views'")
    const refused = requireCurrentSchema(await database.session())
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow('the warehouse lacks 0002_views; run: reelhouse migrate')
  })

  test('whose table was restored without its trigger, or has it disabled, is a ConfigError that says how to have it again', async () => {
    const database = await migratedDatabase()
    const session = await database.session()
    const lacking = /lacks its trigger forget_row_digest.*0009_row_digest\.sql.*set row_digest = null/
    await database.rows('alter table reelhouse.call_recordings disable trigger forget_row_digest')
    await expect(requireCurrentSchema(session)).rejects.toThrow(lacking)
    await database.rows('alter table reelhouse.call_recordings enable trigger forget_row_digest')
    await expect(requireCurrentSchema(session)).rejects.toThrow(lacking)
    await database.rows('drop trigger forget_row_digest on reelhouse.call_recordings')
    await expect(requireCurrentSchema(session)).rejects.toThrow(ConfigError)
    await expect(requireCurrentSchema(session)).rejects.toThrow(lacking)
  })

  test('which is newer is a ConfigError that names the upgrade, for migrate too', async () => {
    const database = await migratedDatabase()
    await database.rows("insert into reelhouse.migrations (name, timestamp) values ('0999_later', '2030')")
    const session = await database.session()
    for (const ask of [requireCurrentSchema, migrate]) {
      const refused = ask(session)
      await expect(refused).rejects.toThrow(ConfigError)
      await expect(refused).rejects.toThrow(
        'the warehouse schema is newer than this version of reelhouse (it has 0999_later); ' +
          'use the version of reelhouse that migrated it, or a later one',
      )
    }
  })
})

describe('the schema', () => {
  test('explains itself: the schema, every table, every view and every column has a comment', async () => {
    const database = await migratedDatabase()
    const silent = await database.rows(`
      select c.relname as of, a.attname as column
      from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'reelhouse'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
        and (coalesce(obj_description(c.oid, 'pg_class'), '') = '' or coalesce(col_description(c.oid, a.attnum), '') = '')
      union all
      select nspname, null from pg_namespace
      where nspname = 'reelhouse' and coalesce(obj_description(oid, 'pg_namespace'), '') = ''
      order by 1, 2`)
    expect(silent).toEqual([])
  })

  test('keeps ids in byte order, wherever they are part of a key', async () => {
    const database = await migratedDatabase()
    const others = await database.rows(`
      select c.relname as in_table, a.attname as column
      from pg_index i
      join pg_class c on c.oid = i.indrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
      join pg_collation l on l.oid = a.attcollation
      where c.relnamespace = 'reelhouse'::regnamespace and i.indisprimary and l.collname <> 'C'
        and c.relname not like 'migrations%'`)
    expect(others).toEqual([])
  })
})

describe('the view travtus_call_recordings', () => {
  test('has exactly the 14 Travtus fields in their order, all text', async () => {
    const database = await migratedDatabase()
    const columns = await database.rows(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = 'reelhouse' and table_name = 'travtus_call_recordings' order by ordinal_position`,
    )
    expect(columns).toEqual(travtusFields.map((name) => ({ name, type: 'text' })))
    expect(travtusFields).toHaveLength(14)
  })

  test('shows living recordings only, with the second in which they began', async () => {
    const database = await migratedDatabase()
    const session = await database.session()
    const lastMoment = Date.UTC(2026, 11, 31, 23, 59, 59, 999) * 1000 + 999
    await loadRows(session, await runOf(session, 'one'), [
      row({ created_at: lastMoment, call_duration_in_sec: 0, portfolio_id: 'p-1', email_address: '' }),
      row({
        message_id: 'sparse',
        created_at: Date.UTC(1969, 11, 31, 23, 59, 59) * 1000 + 1,
        first_name: null,
        call_duration_in_sec: null,
      }),
      row({ message_id: 'deleted', deleted_at: 1 }),
      row({ message_id: 'chat', media: 'chat' }),
      row({ message_id: 'email', media: 'email' }),
      row({ message_id: 'message', media: 'message' }),
    ])
    // The reader's time zone does not matter.
    await session.client.query("set timezone to 'Pacific/Kiritimati'")
    const { rows } = await session.client.query('select * from reelhouse.travtus_call_recordings order by message_id')
    const living = {
      conversation_id: 'conv-1',
      message_id: 'rec-1',
      created_at: '2026-12-31T23:59:59',
      portfolio_id: 'p-1',
      message_text: 'Is unit 4B still open?',
      first_name: 'Jo',
      last_name: 'Doe',
      sender_ext_ref: 't0012345',
      phone_number: '+15125550123',
      email_address: '',
      message_direction: 'inbound',
      number_dialed_by_user: '+15125550199',
      call_duration_in_sec: '0',
      recording_url: 'https://recordings.example.test/rec-1',
    }
    expect(rows).toEqual([
      living,
      {
        ...living,
        message_id: 'sparse',
        created_at: '1969-12-31T23:59:59',
        portfolio_id: null,
        first_name: null,
        email_address: null,
        call_duration_in_sec: null,
      },
    ])
  })
})

test("the analysts' views show living rows with both numbers by role, and what the map does not place", async () => {
  const database = await migratedDatabase()
  const session = await database.session()
  await loadRows(session, await runOf(session, 'one'), [
    row({ message_id: 'in' }),
    row({ message_id: 'out', message_direction: 'outbound', portfolio_id: 'p-1' }),
    row({ message_id: 'unknown', message_direction: null }),
    row({ message_id: 'deleted', deleted_at: 1 }),
  ])
  expect(
    await database.rows(
      'select connection_id, message_id, customer_phone_number, own_number from reelhouse.recordings order by 2',
    ),
  ).toEqual([
    { connection_id: 'one', message_id: 'in', customer_phone_number: '+15125550123', own_number: '+15125550199' },
    { connection_id: 'one', message_id: 'out', customer_phone_number: '+15125550199', own_number: '+15125550123' },
    { connection_id: 'one', message_id: 'unknown', customer_phone_number: null, own_number: null },
  ])
  expect(
    await database.rows('select own_number, called_number, rows from reelhouse.unmapped_numbers order by 1'),
  ).toEqual([
    { own_number: '+15125550199', called_number: '+15125550199', rows: 1 },
    { own_number: null, called_number: '+15125550199', rows: 1 },
  ])
})
