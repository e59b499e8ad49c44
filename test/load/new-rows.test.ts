import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { encodedRows } from '../support/encoded-rows.ts'
import { batchOf, commitAs, load, loadRows, rejectOf, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun } = runsOf(() => session)

const none = { rows: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 }
const three = ['a', 'b', 'c'].map((message_id) => row({ message_id }))
const owner = { connectionKey: 7, source: 'files', runId: 12 }
const redact = (text: string): string => text

/** All that is stored, but whose it is and when it was written. */
const stored = async (run: Run) => {
  const rows = await database.rows<Record<string, unknown>>(
    'select *, first_loaded_at = last_changed_at as is_new from reelhouse.call_recordings where connection_key = $1 order by message_id',
    [run.connectionKey],
  )
  return rows.map(({ connection_key, run_id, first_loaded_at, last_changed_at, ...rest }) => rest)
}

const placed = async (run: Run) =>
  database.rows('select message_id, ctid::text, xmin::text from reelhouse.call_recordings where connection_key = $1', [
    run.connectionKey,
  ])

const anyRow = (message_id: string): fc.Arbitrary<PlacedRow> =>
  fc
    .record({
      portfolio_id: fc.constantFrom('p', null, undefined),
      portfolio_if_new: fc.constantFrom('by the\tmap', null),
      message_text: fc.constantFrom('one\ntwo', 'back\\slash', '', null, undefined),
      created_at: fc.constantFrom(-1_000_000, 0, 1_764_400_000_123_456),
      source_version: fc.constantFrom(null, -5, 0, 1_764_400_000_123_456),
      source_ordinal: fc.constantFrom(0, 7, 1_764_400_000_123_456),
      call_duration_in_sec: fc.constantFrom(0, 2_147_483_647, null, undefined),
      recording_status: fc.constantFrom<PlacedRow['recording_status']>('failed', null, undefined),
      map_keys: fc.constantFrom<PlacedRow['map_keys']>({}, { k: '1' }, { k: null }),
    })
    .map((stated) => row({ message_id, ...stated }))

describe('rows that are thought to be new', () => {
  test('become what they become when they are staged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(...['a', 'b', 'c', 'd'].map(anyRow)), async (rows) => {
        const straight = await freshRun()
        expect(await loadRows(session, straight, rows, 'new')).toEqual({ ...none, rows: 4, inserted: 4 })
        const byStage = await freshRun()
        expect(await loadRows(session, byStage, rows)).toEqual({ ...none, rows: 4, inserted: 4 })
        expect(await stored(straight)).toEqual(await stored(byStage))
        const again = rows.map((one) => ({ ...one, source_ordinal: 1_764_400_000_999_999 }))
        const before = await placed(straight)
        expect(await loadRows(session, straight, again, 'unchanged')).toEqual({ ...none, rows: 4, unchanged: 4 })
        expect(await placed(straight)).toEqual(before)
      }),
      { numRuns: 40 },
    )
  })

  test('and are not: then they are treated as ever, and what is there is neither written nor locked', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ message_id: 'b' })])
    const before = await placed(run)
    expect(await loadRows(session, run, three, 'new')).toEqual({ ...none, rows: 3, inserted: 2, unchanged: 1 })
    expect(await placed(run)).toEqual(expect.arrayContaining([...before]))
    const newer = [row({ message_id: 'c', source_version: 2, first_name: 'Bo' }), row({ message_id: 'd' })]
    expect(await loadRows(session, run, newer, 'new')).toEqual({ ...none, rows: 2, inserted: 1, updated: 1 })
  })

  test('may be of one key', async () => {
    const run = await freshRun()
    const twice = [...three, row({ message_id: 'a', source_ordinal: 2, first_name: 'Bo' })]
    expect(await loadRows(session, run, twice, 'new')).toEqual({ ...none, rows: 4, inserted: 3, duplicate: 1 })
  })

  test('resolve what was rejected of them', async () => {
    const run = await freshRun()
    await load(session, run, batchOf({ rejects: [rejectOf({ rejectKey: 'c' })] }))
    const own = [rejectOf({ rejectKey: 'a' }), rejectOf({ rejectKey: 'b', ordinal: 9 })]
    const later = three.map((one) => ({ ...one, source_ordinal: 5 }))
    const { upsert } = await commitAs(session, run, batchOf({ rows: later, rejects: own }), 'new')
    expect(upsert).toEqual({ ...none, rows: 3, inserted: 3 })
    expect(
      await database.rows(
        'select reject_key from reelhouse.rejected_records where connection_key = $1 and resolved_at is null',
        [run.connectionKey],
      ),
    ).toEqual([{ reject_key: 'b' }])
  })

  test('are staged where the table takes no copy: row-level security does not', async () => {
    const run = await freshRun()
    const role = `loader_${run.runId}`
    for (const statement of [
      `create role ${role}`,
      `grant usage on schema reelhouse to ${role}`,
      `grant select, insert, update, delete on all tables in schema reelhouse to ${role}`,
      'alter table reelhouse.call_recordings enable row level security',
      `create policy all_rows on reelhouse.call_recordings to ${role} using (true) with check (true)`,
    ])
      await database.rows(statement)
    const loader = await database.session()
    await loader.client.query(`set role ${role}`)
    expect(await loadRows(loader, run, three, 'new')).toEqual({ ...none, rows: 3, inserted: 3 })
    await database.rows('drop policy all_rows on reelhouse.call_recordings')
    await database.rows('alter table reelhouse.call_recordings disable row level security')
    await database.rows(`drop owned by ${role}`)
    await database.rows(`drop role ${role}`)
  })

  test('are waited for when another session is writing one of them', async () => {
    const run = await freshRun()
    const other = await database.session()
    await other.client.query('begin')
    await other.client.query(
      `insert into reelhouse.call_recordings (connection_key, conversation_id, message_id, created_at, source, media, record_id,
         source_ordinal, run_id)
       values ($1, 'x', 'b', now(), 'files', 'audio', 'b', 0, $2)`,
      [run.connectionKey, run.runId],
    )
    const committed = loadRows(session, run, three, 'new')
    await expect.poll(async () => (await waiting()).length).toBe(1)
    await other.client.query('commit')
    expect(await committed).toEqual({ ...none, rows: 3, inserted: 2, updated: 1 })
  })

  const waiting = () =>
    database.rows("select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
})

test('rows that were written to go straight into the table can be staged', () => {
  const rows = fc.array(fc.constantFrom('a', 'b', 'long id '.repeat(900)).chain(anyRow), { maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.nat(5), (some, cut) => {
      const late = row({ message_id: 'late', map_keys: { k: undefined } })
      const all = [...some.slice(0, cut), late, ...some.slice(cut)]
      for (const each of [some, all]) {
        const whole = encodedRows(each, { fileVersion: 7, redact, owner })
        whole.mustBeStaged()
        const staged = encodedRows(each, { fileVersion: 7, redact })
        const text = (of: typeof whole) => Buffer.concat([...of.chunks()]).toString()
        expect(text(whole)).toBe(text(staged))
        expect(whole.digests().toString()).toBe(staged.digests().toString())
        const places = each.map((_, place) => place)
        expect(Buffer.concat([...whole.chunksOf(places)]).toString()).toBe(text(staged))
      }
    }),
  )
})
