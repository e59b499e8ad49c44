import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, followUpOf, load, openLoader, recordOf, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { readPage } from './pages.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

interface Stated {
  readonly arguments?: {
    readonly column_name?: string
    readonly values?: readonly string[]
    readonly to?: string
    readonly field?: string
  }
  readonly config?: { readonly where: string }
}
type Tests = readonly Readonly<Record<string, Stated>>[]
interface Relation {
  readonly name: string
  readonly data_tests?: Tests
  readonly columns: readonly { readonly name: string; readonly data_tests?: Tests }[]
}

/** Rows that break a test, as dbt's own tests ask for them. */
const failing: Readonly<Record<string, (of: string, column: string, stated: Stated) => string>> = {
  unique: (of, column) =>
    `select ${column} from ${of} t where ${column} is not null group by ${column} having count(*) > 1`,
  not_null: (of, column) => `select from ${of} t where ${column} is null`,
  accepted_values: (of, column, { arguments: { values = [] } = {} }) =>
    `select from ${of} t where ${column} not in (${values.map((value) => `'${value}'`).join(', ')})`,
  relationships: (of, column, { arguments: { to = '', field = '' } = {} }) =>
    `select from ${of} t left join ${to.replace(/^source\('(\w+)', '(\w+)'\)$/, '$1.$2')} p on p.${field} = t.${column}
     where t.${column} is not null and p.${field} is null`,
}

/** All tests of the file, as statements; without `where`, so that the rows of this test are looked at, whatever their time. */
const statements = async (): Promise<readonly string[]> => {
  const { text } = await readPage('config/dbt/sources.yml')
  const tables: readonly Relation[] = parse(text).sources[0].tables
  return tables.flatMap(({ name, data_tests = [], columns }) => {
    const all = [{ name: '', data_tests }, ...columns]
    return all.flatMap(({ name: column, data_tests: tests = [] }) =>
      tests.flatMap((one) =>
        Object.entries(one).map(([kind, stated]) => {
          const build = failing[kind]
          if (build === undefined) throw new Error(`${kind} is no test of dbt's own`)
          return build(`reelhouse.${name}`, stated.arguments?.column_name ?? column, stated)
        }),
      ),
    )
  })
}

/** One of everything that a warehouse may hold. */
const fill = async (): Promise<void> => {
  const session = await database.session()
  const at = row().created_at
  const bare = {
    ...{ phone_number: null, number_dialed_by_user: null, message_direction: null, call_duration_in_sec: null },
    ...{ first_name: null, last_name: null, sender_ext_ref: null, message_text: null, recording_url: null },
    ...{ recording_status: null, portfolio_id: null },
  }
  const rows = [
    row(),
    row({ message_id: 'again', conversation_id: 'another', created_at: at + 1_000_000, portfolio_id: 'p-1' }),
    row({ message_id: 'back', message_direction: 'outbound', recording_status: 'archived' }),
    row({ message_id: 'chat', media: 'chat', ...bare }),
    row({ message_id: 'bare', ...bare }),
    row({ message_id: 'gone', deleted_at: at, recording_status: 'deleted' }),
  ]
  const rejects = [rejectOf(), rejectOf({ rejectKey: 'rec-2', reason: { code: 'no-record', path: null, detail: '' } })]
  const followUps = [followUpOf(), followUpOf({ recordId: 'rec-3', kind: 'follow-up', reason: 'transcript' })]
  for (const connection of ['one', 'two']) {
    const records = [recordOf({ windowAt: at })]
    await load(session, await runOf(session, connection), batchOf({ rows, rejects, followUps, records }))
  }
  const { loader, die } = await openLoader(database, 'platform')
  const run = await loader.startRun()
  for (const from of [at, at + 7_200_000_000]) {
    const read = { from, to: from + 3_600_000_000 }
    const windowKey = await loader.beginWindow(run, 'created_at', read, 'sync')
    const counts = { listed: 0, flattened: 0, rejected: 0, skipped: 0, pending: 0 }
    const completion = { axis: 'created_at', read, proof: 'walk', sourceTotal: null, rereads: {}, grows: true } as const
    await loader.completeWindow(run, windowKey, { ...completion, counts })
  }
  await die()
}

test('the tests that the sources file gives dbt hold of a warehouse with one of everything', async () => {
  await fill()
  const all = await statements()
  expect(all.length).toBeGreaterThan(80)
  for (const statement of all) expect(await database.rows(statement), statement).toEqual([])
  const views = await database.rows<{ name: string }>(
    "select viewname as name from pg_views where schemaname = 'reelhouse'",
  )
  for (const { name } of views) {
    expect((await database.rows(`select from reelhouse.${name}`)).length, name).toBeGreaterThan(0)
  }
})

test('each of them fails of a row that breaks it', async () => {
  await database.rows('create view reelhouse.broken as select * from reelhouse.recordings, generate_series(1, 2) twice')
  const of = 'reelhouse.broken'
  const found = [
    failing.unique?.(of, 'row(connection_id, message_id)::text', {}),
    failing.not_null?.(of, 'message_direction', {}),
    failing.accepted_values?.(of, 'media', { arguments: { values: ['audio'] } }),
    failing.relationships?.(of, 'media', { arguments: { to: "source('reelhouse', 'connections')", field: 'source' } }),
  ]
  for (const statement of found) expect((await database.rows(statement ?? '')).length, statement).toBeGreaterThan(0)
})
