import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** Enough rows and records of three years that reading all of them costs more than any index. */
const rows = `
  insert into reelhouse.call_recordings (
    connection_key, conversation_id, message_id, created_at, portfolio_id, message_text, phone_number, message_direction, source,
    media, record_id, source_ordinal, first_loaded_at, last_changed_at, run_id
  )
  select
    1, n, n, at, 'p-' || n % 9, repeat('hello ', 50), '+1' || 5125550000 + n, 'inbound', 'telnyx', 'audio', n, n, at, at, 1
  from generate_series(1, 40000) n
  cross join lateral (select now() - (40000 - n) * interval '40 minutes' as at) placed`

const records = `
  insert into reelhouse.source_records (connection_key, stream, record_id, window_at, ordinal, outcome, read_at, run_id)
  select 1, 'recordings', record_id, created_at, 1, 'row', created_at, 1 from reelhouse.call_recordings`

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.rows("insert into reelhouse.connections (connection_id, source) values ('one', 'telnyx')")
  await database.rows(rows)
  await database.rows(records)
  await database.rows(
    `insert into reelhouse.coverage values (1, 'recordings', 'created_at', '{[2026-01-01, 2026-11-01)}')`,
  )
  await database.rows('vacuum (analyze) reelhouse.call_recordings, reelhouse.source_records')
})
afterAll(() => database.drop())

interface Plan {
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly Plan[]
}

const nodes = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

const ours = ['call_recordings_by_time', 'call_recordings_by_customer']

/** Indexes that the plan searches while the others of analysts do not exist: which of them is cheapest is the planner's. */
const searched = async (sql: string, index: string): Promise<readonly string[]> => {
  await database.rows('begin')
  for (const other of ours.filter((name) => name !== index)) await database.rows(`drop index reelhouse.${other}`)
  await database.rows('set local enable_seqscan = off')
  const [explained] = await database.rows<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(`explain (format json) ${sql}`)
  await database.rows('rollback')
  return (explained?.['QUERY PLAN'] ?? [])
    .flatMap((one) => nodes(one.Plan))
    .flatMap((node) => (node['Index Cond'] === undefined ? [] : [node['Index Name'] ?? '']))
}

/** Views, predicates that analysts write, and the index that they must reach: the table of docs/analytics.md. */
const cases: readonly [string, string, string][] = [
  ['recordings', "created_at >= now() - interval '1 day'", 'call_recordings_by_time'],
  ['recordings', "last_changed_at >= now() - interval '1 day'", 'call_recordings_by_time'],
  ['recordings', "customer_phone_number = '+15125551000'", 'call_recordings_by_customer'],
  ['daily_volume', 'day >= current_date - 30', 'call_recordings_by_time'],
  ['daily_volume', "day between '2026-07-01' and '2026-07-31' and portfolio_id = 'p-1'", 'call_recordings_by_time'],
  ['missing_enrichment', 'day = current_date', 'call_recordings_by_time'],
  ['duration_percentiles', "month = '2026-07-01'", 'call_recordings_by_time'],
  ['repeat_callers', "customer_phone_number = '+15125551000'", 'call_recordings_by_customer'],
  ['repeat_calls', "created_at >= now() - interval '1 day'", 'call_recordings_by_time'],
  ['repeat_calls', "created_at >= now() - interval '1 day'", 'call_recordings_by_customer'],
  ['repeat_calls', "customer_phone_number = '+15125551000'", 'call_recordings_by_customer'],
  ['completeness', 'day >= current_date - 7', 'source_records_window'],
]

describe('a predicate on a view reaches the index', () => {
  test.each(cases)('%s where %s: %s', async (view, predicate, index) => {
    expect(await searched(`select * from reelhouse.${view} where ${predicate}`, index)).toContain(index)
  })
})
