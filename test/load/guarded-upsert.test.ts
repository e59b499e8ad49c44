import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Expected } from '../../src/load/expectation.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { loadRows, runsOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { UpsertModel } from './upsert-model.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const { freshRun, laterRun } = runsOf(() => session)

interface StoredRow {
  readonly first_loaded_at: string
  readonly last_changed_at: string
}

/** Columns of the rows of a connection, by key. */
const stored = (run: Run, columns: string): Promise<readonly Record<string, unknown>[]> =>
  database.rows(`select ${columns} from reelhouse.call_recordings where connection_key = $1 order by message_id`, [
    run.rowConnectionKey,
  ])

const none = { rows: 1, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 }

describe('newest wins', () => {
  test('a higher version with equal content is stored, and last_changed_at stays', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row()])
    const [before] = await stored(run, 'first_loaded_at, last_changed_at')
    const later = await laterRun()
    expect(await loadRows(session, later, [row({ source_version: 2, source_ordinal: 0 })])).toEqual({
      ...none,
      updated: 1,
    })
    expect(await stored(run, 'source_version, source_ordinal, run_id, first_loaded_at, last_changed_at')).toEqual([
      { source_version: 2, source_ordinal: 0, run_id: later.runId, ...before },
    ])
  })

  test('a changed row keeps first_loaded_at, gets a new last_changed_at and the id of its run', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row()])
    const [before] = (await stored(run, 'first_loaded_at, last_changed_at')) as unknown as StoredRow[]
    const later = await laterRun()
    await loadRows(session, later, [row({ source_ordinal: 2, first_name: 'Joanna' })])
    const [after] = (await stored(run, 'first_loaded_at, last_changed_at')) as unknown as StoredRow[]
    expect(after?.first_loaded_at).toBe(before?.first_loaded_at)
    expect(after?.last_changed_at).not.toBe(before?.last_changed_at)
    expect(await stored(run, 'run_id')).toEqual([{ run_id: later.runId }])
  })

  test('no version never beats a stated one, and any stated version beats none', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ source_version: -5, first_name: 'stated' })])
    const unstated = row({ source_version: null, source_ordinal: 99, first_name: 'unstated' })
    expect(await loadRows(session, run, [unstated])).toEqual({ ...none, stale: 1 })
    expect(await stored(run, 'first_name')).toEqual([{ first_name: 'stated' }])
    const other = await freshRun()
    await loadRows(session, other, [unstated])
    expect(await loadRows(session, other, [row({ source_version: -5, first_name: 'stated' })])).toEqual({
      ...none,
      updated: 1,
    })
  })

  test('of one version the higher ordinal wins', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ source_ordinal: 7, first_name: 'seventh' })])
    expect(await loadRows(session, run, [row({ source_ordinal: 6, first_name: 'sixth' })])).toMatchObject({ stale: 1 })
    expect(await loadRows(session, run, [row({ source_ordinal: 8, first_name: 'eighth' })])).toMatchObject({
      updated: 1,
    })
    expect(await stored(run, 'first_name, source_ordinal')).toEqual([{ first_name: 'eighth', source_ordinal: 8 }])
  })

  test('of one version and ordinal the greater content wins, in whatever order it comes', async () => {
    for (const names of [
      ['Ann', 'Bob'],
      ['Bob', 'Ann'],
    ]) {
      const run = await freshRun()
      for (const first_name of names) await loadRows(session, run, [row({ first_name })])
      expect(await stored(run, 'first_name')).toEqual([{ first_name: 'Bob' }])
    }
  })

  test('of one version and ordinal an authoritative load wins, whatever its content', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ first_name: 'Bob' })])
    const replay = await laterRun({ authoritative: true, command: 'replay' })
    expect(await loadRows(session, replay, [row({ first_name: 'Ann' })])).toEqual({ ...none, updated: 1 })
    expect(await loadRows(session, replay, [row({ first_name: 'Ann' })])).toEqual({ ...none, unchanged: 1 })
    expect(await stored(run, 'first_name, run_id')).toEqual([{ first_name: 'Ann', run_id: replay.runId }])
  })

  test('an authoritative load does not beat a newer version or a later ordinal', async () => {
    const run = await freshRun({ authoritative: true })
    await loadRows(session, run, [row({ source_version: 2, source_ordinal: 5, first_name: 'new' })])
    expect(
      await loadRows(session, run, [row({ source_version: 1, source_ordinal: 9, first_name: 'old' })]),
    ).toMatchObject({
      stale: 1,
    })
    expect(
      await loadRows(session, run, [row({ source_version: 2, source_ordinal: 4, first_name: 'old' })]),
    ).toMatchObject({
      stale: 1,
    })
    expect(await stored(run, 'first_name')).toEqual([{ first_name: 'new' }])
  })

  test('rows of two connections with the same id are two rows', async () => {
    const [one, other] = [await freshRun(), await freshRun()]
    expect(await loadRows(session, one, [row({ first_name: 'one' })])).toMatchObject({ inserted: 1 })
    expect(await loadRows(session, other, [row({ first_name: 'other' })])).toMatchObject({ inserted: 1 })
    expect(await stored(one, 'first_name')).toEqual([{ first_name: 'one' }])
  })
})

describe('undefined keeps, null clears', () => {
  test('in every column that a source may leave unstated', async () => {
    const run = await freshRun()
    const unstated = {
      portfolio_id: undefined,
      message_text: undefined,
      first_name: undefined,
      last_name: undefined,
      sender_ext_ref: undefined,
      phone_number: undefined,
      email_address: undefined,
      message_direction: undefined,
      number_dialed_by_user: undefined,
      call_duration_in_sec: undefined,
      recording_url: undefined,
      recording_status: undefined,
      recording_expires_at: undefined,
    }
    const full = { portfolio_id: 'p-1', email_address: 'jo@example.test', recording_expires_at: 1_000_000 }
    await loadRows(session, run, [row(full)])
    expect(await loadRows(session, run, [row({ ...unstated, source_ordinal: 2 })])).toEqual({ ...none, unchanged: 1 })
    const columns = Object.keys(unstated)
    expect(await stored(run, columns.join())).toEqual([
      {
        portfolio_id: 'p-1',
        message_text: 'Is unit 4B still open?',
        first_name: 'Jo',
        last_name: 'Doe',
        sender_ext_ref: 't0012345',
        phone_number: '+15125550123',
        email_address: 'jo@example.test',
        message_direction: 'inbound',
        number_dialed_by_user: '+15125550199',
        call_duration_in_sec: 73,
        recording_url: 'https://recordings.example.test/rec-1',
        recording_status: 'available',
        recording_expires_at: '1970-01-01 00:00:01+00',
      },
    ])
    const cleared = Object.fromEntries(columns.map((column) => [column, null]))
    expect(await loadRows(session, run, [row({ ...cleared, source_ordinal: 3 })])).toEqual({ ...none, updated: 1 })
    expect(await stored(run, columns.join())).toEqual([cleared])
  })

  test('in each of these columns by itself', async () => {
    const first = {
      portfolio_id: 'old',
      message_text: 'old',
      first_name: 'old',
      last_name: 'old',
      sender_ext_ref: 'old',
      phone_number: 'old',
      email_address: 'old',
      message_direction: 'inbound',
      number_dialed_by_user: 'old',
      call_duration_in_sec: 1,
      recording_url: 'old',
      recording_status: 'available',
      recording_expires_at: 0,
    } as const
    const columns = Object.keys(first).join()
    const cleared = Object.fromEntries(Object.keys(first).map((column) => [column, null]))
    for (const [column, value] of Object.entries(first)) {
      const run = await freshRun()
      await loadRows(session, run, [row(first)])
      await loadRows(session, run, [row({ ...cleared, source_ordinal: 2, [column]: undefined })])
      const kept = column === 'recording_expires_at' ? '1970-01-01 00:00:00+00' : value
      expect(await stored(run, columns)).toEqual([{ ...cleared, [column]: kept }])
    }
  })

  test('of map keys one by one', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ map_keys: { queue: 'q-1', team: 't-1', site: 's-1' } })])
    await loadRows(session, run, [row({ source_ordinal: 2, map_keys: { queue: undefined, team: null, site: 's-2' } })])
    expect(await stored(run, 'map_keys')).toEqual([{ map_keys: { queue: 'q-1', site: 's-2' } }])
    await loadRows(session, run, [row({ source_ordinal: 3, map_keys: { queue: null, team: null, site: null } })])
    expect(await stored(run, 'map_keys')).toEqual([{ map_keys: null }])
  })

  test('a deletion is undone by the next version that says nothing of it', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ deleted_at: 2_000_000 })])
    expect(await stored(run, 'deleted_at')).toEqual([{ deleted_at: '1970-01-01 00:00:02+00' }])
    await loadRows(session, run, [row({ source_version: 2, deleted_at: undefined, recording_status: 'available' })])
    expect(await stored(run, 'deleted_at')).toEqual([{ deleted_at: '1970-01-01 00:00:02+00' }])
    await loadRows(session, run, [row({ source_version: 3, deleted_at: null })])
    expect(await stored(run, 'deleted_at')).toEqual([{ deleted_at: null }])
  })
})

describe('several rows of one key in a batch', () => {
  test('the newest is stored, and the others are duplicates', async () => {
    const run = await freshRun()
    const rows = [
      row({ source_ordinal: 2, first_name: 'second' }),
      row({ source_ordinal: 3, first_name: 'third' }),
      row({ source_ordinal: 1, first_name: 'first' }),
    ]
    expect(await loadRows(session, run, rows)).toEqual({ ...none, rows: 3, inserted: 1, duplicate: 2 })
    expect(await loadRows(session, run, rows)).toEqual({ ...none, rows: 3, unchanged: 1, duplicate: 2 })
    expect(await stored(run, 'first_name')).toEqual([{ first_name: 'third' }])
  })

  test('what only an older one states is kept, as it would be from a batch of its own', async () => {
    const rows = [
      row({
        source_version: 2,
        first_name: undefined,
        last_name: 'Smith',
        map_keys: { queue: undefined, site: 's-2' },
      }),
      row({ source_version: 1, first_name: 'Ann', last_name: 'Lee', map_keys: { queue: 'q-1', site: 's-1' } }),
    ]
    const apart = await freshRun()
    for (const one of rows.toReversed()) await loadRows(session, apart, [one])
    const together = await freshRun()
    expect(await loadRows(session, together, rows)).toEqual({ ...none, rows: 2, inserted: 1, updated: 1 })
    const expected = [
      { first_name: 'Ann', last_name: 'Smith', map_keys: { queue: 'q-1', site: 's-2' }, source_version: 2 },
    ]
    expect(await stored(apart, 'first_name, last_name, map_keys, source_version')).toEqual(expected)
    expect(await stored(together, 'first_name, last_name, map_keys, source_version')).toEqual(expected)
    expect(await loadRows(session, together, rows)).toEqual({ ...none, rows: 2, unchanged: 1, stale: 1 })
  })

  test('what an older one states does not come over a stored version between the two', async () => {
    const run = await freshRun()
    await loadRows(session, run, [row({ source_version: 2, first_name: 'of version 2' })])
    await loadRows(session, run, [
      row({ source_version: 1, first_name: 'of version 1' }),
      row({ source_version: 3, first_name: undefined, last_name: 'of version 3' }),
    ])
    expect(await stored(run, 'first_name, last_name')).toEqual([
      { first_name: 'of version 2', last_name: 'of version 3' },
    ])
  })

  test('of equal version and ordinal the greater content is stored', async () => {
    for (const names of [
      ['Ann', 'Bob', 'Abe'],
      ['Bob', 'Abe', 'Ann'],
    ]) {
      const run = await freshRun()
      const rows = names.map((first_name) => row({ first_name }))
      await loadRows(session, run, rows)
      expect(await stored(run, 'first_name')).toEqual([{ first_name: 'Bob' }])
    }
  })
})

describe('rows that are expected to be new', () => {
  /** What is there, then a batch of some of it and of new rows, as it is expected and as it is. */
  const bothWays = async (there: readonly PlacedRow[], batch: readonly PlacedRow[]) => {
    const load = async (expected: Expected) => {
      const run = await freshRun()
      await loadRows(session, run, there)
      const later = await laterRun()
      const counts = await loadRows(session, later, batch, expected)
      const rows = await stored(
        run,
        `message_id, first_name, portfolio_id, source_version, run_id = ${run.runId} as untouched`,
      )
      return { counts, rows }
    }
    const expected = await load('anything')
    for (const other of ['new', 'unchanged'] as const) expect(await load(other)).toEqual(expected)
    return expected.counts
  }
  const five = ['a', 'b', 'c', 'd', 'e'].map((message_id) => row({ message_id, source_version: 2 }))

  test('are counted as what they are, and what is there is treated as ever', async () => {
    const batch = [
      row({ message_id: 'a', source_version: 2 }),
      row({ message_id: 'b', source_version: 3, first_name: 'newer' }),
      row({ message_id: 'c', source_version: 1, first_name: 'older' }),
      row({ message_id: 'x', source_version: 1 }),
      row({ message_id: 'y', source_version: 1, portfolio_id: undefined, portfolio_if_new: 'by the map' }),
    ]
    const counts = { rows: 5, inserted: 2, updated: 1, unchanged: 1, stale: 1, duplicate: 0 }
    expect(await bothWays(five, batch)).toEqual(counts)
    expect(await bothWays([], five)).toEqual({ ...none, rows: 5, inserted: 5 })
    expect(await bothWays(five, five)).toEqual({ ...none, rows: 5, unchanged: 5 })
  })

  test('may be of one key, or leave keys of the map unstated', async () => {
    const twice = [
      row({ message_id: 'x', source_ordinal: 5 }),
      row({ message_id: 'x', source_ordinal: 4, first_name: 'older' }),
    ]
    expect(await bothWays(five, twice)).toEqual({ ...none, rows: 2, inserted: 1, duplicate: 1 })
    const apart = [row({ message_id: 'x', first_name: undefined }), row({ message_id: 'x', source_ordinal: 0 })]
    expect(await bothWays([], [...apart, ...five])).toMatchObject({ rows: 7, inserted: 6 })
    const unstated = [row({ message_id: 'x', map_keys: { k: undefined, m: null } }), row({ message_id: 'y' })]
    expect(await bothWays(five, unstated)).toEqual({ ...none, rows: 2, inserted: 2 })
  })
})

const maybe = <T>(...values: readonly T[]) => fc.constantFrom<T | null | undefined>(undefined, null, ...values)

const anyRow: fc.Arbitrary<PlacedRow> = fc
  .record({
    message_id: fc.constantFrom('a', 'b', 'c'),
    created_at: fc.constantFrom(1_000_000, 2_000_000),
    portfolio_id: maybe('p', 'q'),
    first_name: maybe('x', 'y', 'z'),
    call_duration_in_sec: maybe(0, 7, 12),
    deleted_at: maybe(3_000_000),
    source_version: fc.constantFrom(null, null, 1, 2),
    source_ordinal: fc.constantFrom(1, 2, 3),
    map_keys: fc.record({ k: maybe('1', '2'), m: maybe('3') }, { requiredKeys: ['k'] }),
  })
  .map((stated) => row(stated))

const isWhole = (one: PlacedRow): boolean =>
  one.portfolio_id !== undefined &&
  one.first_name !== undefined &&
  one.deleted_at !== undefined &&
  one.call_duration_in_sec !== undefined &&
  Object.values(one.map_keys).every((value) => value !== undefined)

const anyBatch = fc.record({
  rows: fc.array(anyRow, { minLength: 1, maxLength: 6 }),
  authoritative: fc.boolean(),
  expected: fc.constantFrom<Expected>('new', 'unchanged', 'anything'),
})

const modelled = (model: UpsertModel): readonly Record<string, unknown>[] =>
  [...model.table.values()]
    .sort((a, b) => (a.message_id < b.message_id ? -1 : 1))
    .map(({ created_at, deleted_at, ...rest }) => ({
      ...rest,
      created_at: iso(created_at),
      deleted_at: iso(deleted_at),
    }))

const iso = (micros: number | null): string | null =>
  micros === null ? null : `${new Date(micros / 1000).toISOString().slice(0, 19).replace('T', ' ')}+00`

const modelColumns = `message_id, created_at, portfolio_id, first_name, call_duration_in_sec, deleted_at, map_keys,
  source_version, source_ordinal, run_id, first_loaded_at, last_changed_at`

describe('against a model', () => {
  test('any sequence of batches leaves what the rules say, and counts exactly what it did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 1, maxLength: 5 }), async (batches) => {
        const model = new UpsertModel()
        const run = await freshRun()
        const commitTimes = new Map<string, number>()
        for (const [place, { rows, authoritative, expected }] of batches.entries()) {
          const writer = { ...run, authoritative, runId: run.runId * 100 + place }
          const counts = await loadRows(session, writer, rows, expected)
          expect(counts).toEqual(model.commit(rows, writer.runId, authoritative))
          const [{ at } = { at: '' }] = await database.rows<{ at: string }>(
            'select max(last_changed_at) as at from reelhouse.call_recordings where connection_key = $1 and run_id = $2',
            [run.connectionKey, writer.runId],
          )
          if (at !== null && !commitTimes.has(at)) commitTimes.set(at, place + 1)
        }
        const rows = (await stored(run, modelColumns)) as unknown as (StoredRow & Record<string, unknown>)[]
        const found = rows.map(({ first_loaded_at, last_changed_at, ...rest }) => ({
          ...rest,
          first_loaded: commitTimes.get(first_loaded_at),
          last_changed: commitTimes.get(last_changed_at),
        }))
        expect(found).toEqual(modelled(model))
      }),
      { numRuns: 80 },
    )
  })

  test('whole rows end the same in whatever order and batches they are committed, ties included', async () => {
    const history = fc
      .array(anyRow.filter(isWhole), { minLength: 2, maxLength: 8 })
      .filter(neverReturns)
      .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }), fc.nat(8)))
    await fc.assert(
      fc.asyncProperty(history, async ([rows, shuffled, cut]) => {
        const together = await freshRun()
        await loadRows(session, together, rows)
        const apart = await freshRun()
        for (const one of rows) await loadRows(session, apart, [one], 'new')
        const mixed = await freshRun()
        for (const part of [shuffled.slice(0, cut), shuffled.slice(cut)]) await loadRows(session, mixed, part)
        const columns = modelColumns.replace(', run_id, first_loaded_at, last_changed_at', '')
        const expected = await stored(together, columns)
        expect(await stored(apart, columns)).toEqual(expected)
        expect(await stored(mixed, columns)).toEqual(expected)
      }),
      { numRuns: 70 },
    )
  })
})

/**
 * Within one version, no content is read again at a later ordinal: it would not be written (promise 3), so that its
 * ordinal would not be known to what is committed after it.
 */
const neverReturns = (rows: readonly PlacedRow[]): boolean =>
  rows.every((one) =>
    rows.every(
      (other) =>
        one.source_ordinal === other.source_ordinal ||
        one.message_id !== other.message_id ||
        one.source_version !== other.source_version ||
        contentText(one) !== contentText(other),
    ),
  )

const contentText = ({ source_ordinal: _, ...content }: PlacedRow): string =>
  JSON.stringify({
    ...content,
    map_keys: Object.entries(content.map_keys)
      .filter(([, value]) => value !== null)
      .sort(),
  })
