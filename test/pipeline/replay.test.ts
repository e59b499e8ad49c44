import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlacedRow, PortfolioOf, RecordingRow } from '../../src/domain/recording-row.ts'
import type { BatchSettings } from '../../src/pipeline/record-batch.ts'
import { remap } from '../../src/pipeline/remap.ts'
import { replay } from '../../src/pipeline/replay.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { flattenListRecord, type ListRecord } from '../support/list-stream.ts'
import { placedAsIs } from '../support/rows.ts'
import { sync, withLoader } from '../support/syncing.ts'
import { day, flattenHeld, type HeldRecord, heldSource, minute, start } from '../support/window-stream.ts'
import { syncOf, withWindowLoader } from '../support/window-syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let connections = 0
const freshConnection = (): string => {
  connections += 1
  return `connection-${connections}`
}

const of = (connection: string, sql: string) =>
  database.rows(sql.replace('$c', '(select connection_key from reelhouse.connections where connection_id = $1)'), [
    connection,
  ])
const rows = (connection: string, columns = 'message_id, first_name') =>
  of(connection, `select ${columns} from reelhouse.call_recordings where connection_key = $c order by message_id`)
const quarantine = (connection: string) =>
  of(
    connection,
    'select reject_key, code, resolved_at is null as open from reelhouse.rejected_records where connection_key = $c order by reject_key',
  )
const runs = (connection: string) =>
  of(connection, 'select command, state, error from reelhouse.runs where connection_key = $c order by run_id')

const never = new AbortController().signal

type Flatten = BatchSettings['flatten']

/** A flatten that gives every row the first name `name`. */
const naming =
  (name: string): Flatten =>
  (record, context) => {
    const flattened = flattenListRecord(record, context)
    return flattened.kind === 'rows'
      ? { ...flattened, rows: flattened.rows.map((row) => ({ ...row, first_name: name })) }
      : flattened
  }

const replayWith = (connection: string, flatten: Flatten, from: 'keptRecords' | 'keptRejects', signal = never) =>
  withLoader(database, { connection, command: 'replay', force: true, signal }, (loader) => {
    return replay(loader, { recordsKept: 'payloads', flatten, place: placedAsIs, now: undefined }, loader[from], signal)
  })

const load = (connection: string, records: readonly ListRecord[], mappingHash = 'mapping-a') =>
  sync(database, { connection, files: [{ name: 'a.jsonl', records }], recordsKept: 'payloads', mappingHash })

describe('a replay of stored records', () => {
  test("makes today's rows of them, which win over what the same versions became before", async () => {
    const connection = freshConnection()
    await load(connection, [{ id: 'a' }, { id: 'b', first_name: 'Zoe' }, { skip: 'screen' }])
    const outcome = await replayWith(connection, naming('Ann'), 'keptRecords')
    expect(outcome).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 2, flattened: 2 }, upsert: { rows: 2, updated: 2 } },
    })
    expect(await rows(connection)).toEqual([
      { message_id: 'a', first_name: 'Ann' },
      { message_id: 'b', first_name: 'Ann' },
    ])
    expect(await runs(connection)).toEqual([
      { command: 'sync', state: 'succeeded', error: null },
      { command: 'replay', state: 'succeeded', error: null },
    ])
  })

  test('twice writes nothing the second time', async () => {
    const connection = freshConnection()
    await load(connection, [{ id: 'a' }, { id: 'b' }])
    await replayWith(connection, naming('Ann'), 'keptRecords')
    const before = await rows(connection, '*, ctid::text, xmin::text, xmax::text')
    expect(await replayWith(connection, naming('Ann'), 'keptRecords')).toMatchObject({
      counts: { upsert: { unchanged: 2 } },
    })
    expect(await rows(connection, '*, ctid::text, xmin::text, xmax::text')).toEqual(before)
  })

  test('wins also over what a corrected mapping made of them since', async () => {
    const connection = freshConnection()
    const records = [{ id: 'a' }]
    await load(connection, records)
    await sync(database, {
      connection,
      files: [{ name: 'a.jsonl', records }],
      recordsKept: 'payloads',
      mappingHash: 'mapping-b',
      flatten: naming('Zoe'),
    })
    expect(await replayWith(connection, naming('Ann'), 'keptRecords')).toMatchObject({
      counts: { upsert: { updated: 1 } },
    })
    expect(await rows(connection)).toEqual([{ message_id: 'a', first_name: 'Ann' }])
  })

  test('quarantines what it rejects now, and leaves the row', async () => {
    const connection = freshConnection()
    await load(connection, [{ id: 'a' }])
    const strict: Flatten = (record, context) =>
      flattenListRecord({ reject: 'too-old', id: JSON.parse(JSON.stringify(record)).id }, context)
    expect(await replayWith(connection, strict, 'keptRecords')).toMatchObject({ counts: { read: { rejected: 1 } } })
    expect(await quarantine(connection)).toEqual([{ reject_key: 'a', code: 'too-old', open: true }])
    expect(await rows(connection)).toHaveLength(1)
  })

  test('that is stopped says so', async () => {
    const connection = freshConnection()
    await load(connection, [{ id: 'a' }])
    const stop = new AbortController()
    stop.abort('SIGINT')
    expect(await replayWith(connection, naming('Ann'), 'keptRecords', stop.signal)).toMatchObject({ state: 'stopped' })
    expect((await runs(connection)).at(-1)).toEqual({ command: 'replay', state: 'stopped', error: null })
  })

  test('that fails is marked so, and what failed is thrown', async () => {
    const connection = freshConnection()
    await load(connection, [{ id: 'a' }])
    await of(connection, "update reelhouse.source_records set payload = '{' where connection_key = $c")
    await expect(replayWith(connection, naming('Ann'), 'keptRecords')).rejects.toThrow(SyntaxError)
    expect((await runs(connection)).at(-1)).toMatchObject({ command: 'replay', state: 'failed' })
  })
})

describe('a replay of what is in quarantine', () => {
  const records: readonly ListRecord[] = [
    { reject: 'missing-id' },
    { reject: 'missing-time', id: 'b' },
    { reject: 'to-be-skipped' },
    { reject: 'renamed' },
    { reject: 'still-wrong', id: 'e' },
    { throws: 'boom' },
    { unreadable: '{' },
  ]
  const corrected: Flatten = (record, context) => {
    const code = (JSON.parse(JSON.stringify(record)) as { reject?: string }).reject
    if (code === 'missing-id') return flattenListRecord({ id: 'a' }, context)
    if (code === 'missing-time') return flattenListRecord({ id: 'b' }, context)
    if (code === 'to-be-skipped') return { kind: 'skip', code: 'screen' }
    if (code === 'renamed') return flattenListRecord({ reject: 'still-wrong', id: 'd' }, context)
    return flattenListRecord(record, context)
  }

  test('settles every key under which nothing is rejected any more, and no other', async () => {
    const connection = freshConnection()
    await load(connection, records)
    const open = (await quarantine(connection)).map(({ reject_key }) => String(reject_key))
    expect(open).toHaveLength(7)
    expect(await replayWith(connection, corrected, 'keptRejects')).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 6, flattened: 2, skipped: 1, rejected: 3 }, upsert: { inserted: 2 } },
    })
    expect(await rows(connection, 'message_id')).toEqual([{ message_id: 'a' }, { message_id: 'b' }])
    const now = (await quarantine(connection)).map(({ reject_key, code, open: isOpen }) => [
      String(reject_key).replace(/^[0-9a-f]{64}/, 'file'),
      code,
      isOpen,
    ])
    expect(now).toEqual([
      ['file:0', 'missing-id', false],
      ['file:2', 'to-be-skipped', false],
      ['file:3', 'renamed', false],
      ['file:5', 'flatten-failed', true],
      ['file:6', 'malformed', true],
      ['b', 'missing-time', false],
      ['d', 'still-wrong', true],
      ['e', 'still-wrong', true],
    ])
  })

  test('changes nothing the second time', async () => {
    const connection = freshConnection()
    await load(connection, records)
    await replayWith(connection, corrected, 'keptRejects')
    const state = () =>
      of(
        connection,
        'select *, ctid::text, xmin::text, xmax::text from reelhouse.rejected_records where connection_key = $c order by reject_key',
      )
    const before = await state()
    await replayWith(connection, corrected, 'keptRejects')
    expect(await state()).toEqual(before)
  })

  test('does not bring an older record over a newer one', async () => {
    const connection = freshConnection()
    await load(connection, [{ reject: 'missing-time', id: 'b' }])
    await sync(database, { connection, files: [{ name: 'b.jsonl', records: [{ id: 'other' }] }] })
    const stale = replayWith(connection, corrected, 'keptRejects')
    await stale
    await sync(database, { connection, files: [{ name: 'c.jsonl', records: [{ id: 'b', first_name: 'newer' }] }] })
    await of(
      connection,
      'update reelhouse.rejected_records set resolved_at = null, ordinal = 1 where connection_key = $c',
    )
    expect(await replayWith(connection, corrected, 'keptRejects')).toMatchObject({ counts: { upsert: { stale: 1 } } })
    expect(await rows(connection)).toEqual([
      { message_id: 'b', first_name: 'newer' },
      { message_id: 'other', first_name: 'Jo' },
    ])
  })
})

describe('a replay of what an API listed', () => {
  const held: readonly HeldRecord[] = [
    { id: 'a', at: start + minute, transcript: { version: 5, text: 'hello' }, version: 3 },
    { id: 'b', at: start + 2 * minute, becomes: { skip: 'screen' } },
    { id: 'c', at: start + 3 * minute, becomes: { reject: 'missing-time' } },
    { id: null, at: start + 4 * minute },
    { id: 'e', at: start + 5 * minute, waits: { for: 'pending', until: start + 1000 * minute } },
  ]
  const synced = async () => {
    const connection = freshConnection()
    const source = heldSource(held)
    expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded' })
    return { connection, source }
  }
  const replayHeld = (connection: string, flatten: Flatten, from: 'keptRecords' | 'keptRejects', now: number) =>
    withWindowLoader(database, { connection, command: 'replay', force: true }, (loader) =>
      replay(loader, { recordsKept: 'payloads', flatten, place: placedAsIs, now: () => now }, loader[from], never),
    )
  const facts = (connection: string) =>
    of(
      connection,
      `select record_id, outcome, version, joined_version, fingerprint, window_at::text, xmin::text
       from reelhouse.source_records where connection_key = $c order by record_id`,
    )

  test('keeps what the listing said of each, so that the next sync finds nothing new', async () => {
    const { connection, source } = await synced()
    const before = await facts(connection)
    expect(await replayHeld(connection, flattenHeld, 'keptRecords', source.clock.now)).toMatchObject({
      counts: { read: { listed: 2, flattened: 1, skipped: 1, rejected: 0, pending: 0 } },
    })
    expect(await facts(connection)).toEqual(before)
    source.clock.now += minute
    const all = { rereads: [{ name: 'all', depth: day, every: null }] }
    expect(await syncOf(database, { connection, source, stream: all })).toMatchObject({
      counts: { read: { listed: 5, flattened: 0, skipped: 4, pending: 1 } },
    })
  })

  test('gives what is no row yet by today a follow-up, and leaves those that are waited for', async () => {
    const { connection, source } = await synced()
    const waiting = { reason: 'transcript-in-progress', notBefore: null, giveUpAt: start + 1000 * minute }
    const patient: Flatten = (record, context) =>
      JSON.stringify(record).includes('"a"')
        ? { kind: 'pending', recordId: 'a', waiting }
        : flattenHeld(record, context)
    expect(await replayHeld(connection, patient, 'keptRecords', source.clock.now)).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 2, pending: 1, flattened: 0 } },
    })
    expect(
      await of(
        connection,
        'select record_id, kind, reason from reelhouse.follow_ups where connection_key = $c order by 1',
      ),
    ).toEqual([
      { record_id: 'a', kind: 'pending', reason: 'transcript-in-progress' },
      { record_id: 'e', kind: 'pending', reason: 'status-processing' },
    ])
    expect((await facts(connection)).find(({ record_id }) => record_id === 'a')).toMatchObject({
      outcome: 'pending',
      joined_version: 5,
    })
  })

  test('ends no waiting: nothing was asked of the source', async () => {
    const connection = freshConnection()
    const source = heldSource([
      { id: 'open', at: start + minute, waits: { for: 'follow-up', until: start + 1000 * minute } },
    ])
    await syncOf(database, { connection, source })
    const satisfied: Flatten = (record, context) => flattenHeld(record, { ...context, final: true })
    await replayHeld(connection, satisfied, 'keptRecords', source.clock.now)
    expect(await of(connection, 'select record_id from reelhouse.follow_ups where connection_key = $c')).toEqual([
      { record_id: 'open' },
    ])
  })

  test('out of quarantine makes a row that its listing knows again', async () => {
    const { connection, source } = await synced()
    const corrected: Flatten = (record, context) =>
      flattenHeld(JSON.parse(JSON.stringify(record).replace(/"becomes":\{"reject[^}]*\},/, '')), context)
    expect(await replayHeld(connection, corrected, 'keptRejects', source.clock.now)).toMatchObject({
      counts: { read: { listed: 2, flattened: 1, rejected: 1 }, upsert: { inserted: 1 } },
    })
    expect((await quarantine(connection)).map(({ code, open }) => [code, open])).toEqual([
      ['missing-time', false],
      ['missing-id', true],
    ])
    expect((await facts(connection)).find(({ record_id }) => record_id === 'c')).toMatchObject({
      outcome: 'row',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      window_at: expect.stringContaining('2026-07-14'),
    })
  })
})

describe('mapping again', () => {
  const byName = (portfolio: PortfolioOf, connection: string, signal = never) =>
    withLoader(database, { connection, command: 'remap', signal }, (loader) => remap(loader, portfolio, signal))

  test('writes only rows whose portfolio changes, and counts them', async () => {
    const connection = freshConnection()
    const place = (row: RecordingRow): PlacedRow => ({
      ...placedAsIs(row),
      portfolio_id: row.message_id === 'b' ? 'p-new' : 'p-old',
      stated_portfolio_id: row.message_id === 'c' ? 'p-stated' : null,
    })
    await sync(database, {
      connection,
      files: [{ name: 'a', records: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }],
      place,
    })
    const before = await rows(connection, 'message_id, ctid::text, xmax::text')
    const outcome = await byName((row) => row.stated_portfolio_id ?? 'p-new', connection)
    expect(outcome).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 3, flattened: 3 }, upsert: { rows: 3, updated: 2, unchanged: 1, stale: 0 } },
    })
    expect(await rows(connection, 'message_id, portfolio_id, last_changed_at > first_loaded_at as changed')).toEqual([
      { message_id: 'a', portfolio_id: 'p-new', changed: true },
      { message_id: 'b', portfolio_id: 'p-new', changed: false },
      { message_id: 'c', portfolio_id: 'p-stated', changed: true },
    ])
    expect((await rows(connection, 'message_id, ctid::text, xmax::text'))[1]).toEqual(before[1])
    expect(await byName((row) => row.stated_portfolio_id ?? 'p-new', connection)).toMatchObject({
      counts: { upsert: { unchanged: 3 } },
    })
  })

  test('leaves a row alone that another run changed meanwhile', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [{ name: 'a', records: [{ id: 'a' }] }] })
    const outcome = await withLoader(database, { connection, command: 'remap' }, async (loader) => {
      const run = await loader.startRun()
      for await (const page of loader.storedRows()) {
        await sync(database, { connection, files: [{ name: 'b', records: [{ id: 'a', first_name: 'changed' }] }] })
        const placements = page.map((row) => ({
          messageId: row.message_id,
          after: 'p-old-numbers',
          lastChangedAt: row.last_changed_at,
        }))
        await loader.commitPlacements(run, page.length, placements)
      }
      return loader.committed()
    })
    expect(outcome.upsert).toMatchObject({ rows: 1, updated: 0, stale: 1 })
    expect(await rows(connection, 'first_name, portfolio_id')).toEqual([{ first_name: 'changed', portfolio_id: null }])
  })

  test('that fails is marked so; that is stopped says so', async () => {
    const connection = freshConnection()
    await sync(database, { connection, files: [{ name: 'a', records: [{ id: 'a' }] }] })
    const failing = () => {
      throw new TypeError('no map')
    }
    await expect(byName(failing, connection)).rejects.toThrow('no map')
    const stop = new AbortController()
    stop.abort('SIGINT')
    expect(await byName(() => null, connection, stop.signal)).toMatchObject({ state: 'stopped' })
    expect((await runs(connection)).slice(1)).toEqual([
      { command: 'remap', state: 'failed', error: 'no map' },
      { command: 'remap', state: 'stopped', error: null },
    ])
  })
})
