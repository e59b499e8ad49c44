import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, SourceProtocolError, TransientError } from '../../src/domain/errors.ts'
import { reject } from '../../src/domain/flattened.ts'
import type { WindowReadProgress } from '../../src/pipeline/reporter.ts'
import { AnswerSizes } from '../../src/sources/answer-sizes.ts'
import type { WindowStream } from '../../src/sources/source.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { rowVersions } from '../support/table-state.ts'
import {
  daily,
  day,
  everyRun,
  flattenHeld,
  type HeldRecord,
  type HeldSource,
  heldSource,
  hour,
  minute,
  second,
  start,
  windowStream,
} from '../support/window-stream.ts'
import { syncOf, type WindowsStated } from '../support/window-syncing.ts'

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
const records = (connection: string, columns = 'record_id, outcome, reason') =>
  of(connection, `select ${columns} from reelhouse.source_records where connection_key = $c order by record_id`)
const followUps = (
  connection: string,
  columns = 'record_id, kind, reason, attempts, gave_up_at is not null as gave_up',
) => of(connection, `select ${columns} from reelhouse.follow_ups where connection_key = $c order by record_id`)
const runs = (connection: string, columns = 'state, error') =>
  of(connection, `select ${columns} from reelhouse.runs where connection_key = $c order by run_id`)

const fingerprint = async (connection: string) => {
  const [stored] = await of(
    connection,
    'select account_fingerprint from reelhouse.connections where connection_key = $c',
  )
  return stored?.account_fingerprint
}

/** Minutes since the start. */
const minutesOf = (column: string) => `((extract(epoch from ${column}) * 1000000 - ${start}) / ${minute})::integer`
const windows = async (connection: string) =>
  (
    await of(
      connection,
      `select purpose || ' ' || ${minutesOf('window_from')} || '-' || ${minutesOf('window_to')} || ' ' || state as text
       from reelhouse.windows where connection_key = $c order by window_key`,
    )
  ).map(({ text }) => text)
const covered = async (connection: string) =>
  (
    await of(
      connection,
      `select ${minutesOf('lower(w)')} || '-' || ${minutesOf('upper(w)')} as text
       from reelhouse.coverage, unnest(covered) w where connection_key = $c order by lower(w)`,
    )
  ).map(({ text }) => text)

const at = (minutes: number): number => start + minutes * minute
const held = (id: string, minutes: number, stated: Partial<HeldRecord> = {}): HeldRecord => ({
  id,
  at: at(minutes),
  ...stated,
})
const change = (source: HeldSource, id: string, stated: Partial<HeldRecord>): void => {
  source.records = source.records.map((record) => (record.id === id ? { ...record, ...stated } : record))
}
const remove = (source: HeldSource, id: string): void => {
  source.records = source.records.filter((record) => record.id !== id)
}
const later = (source: HeldSource, micros: number): void => {
  source.clock.now += micros
}
const listings = ({ journal }: HeldSource) => journal.filter((request) => request.startsWith('list'))
const asked = ({ journal }: HeldSource) => journal.filter((request) => request.startsWith('fetch'))

/** A synced connection whose source has these records. */
const synced = async (of: readonly HeldRecord[], stated: Partial<WindowsStated> = {}) => {
  const connection = freshConnection()
  const source = heldSource(of)
  const outcome = await syncOf(database, { connection, source, ...stated })
  expect(outcome.failures).toEqual([])
  source.journal.length = 0
  return { connection, source }
}

const ten = Array.from({ length: 10 }, (_, n) => held(`rec-${n}`, n * 30))

describe('a first sync', () => {
  test('reads everything from the start on, and accounts for every record', async () => {
    const connection = freshConnection()
    const source = heldSource([
      ...ten.slice(0, 4),
      held('bad', 200, { becomes: { reject: 'missing-time' } }),
      held('screen', 210, { becomes: { skip: 'screen' } }),
      held('odd', 220, { becomes: { throws: 'boom' } }),
      held('young', 230, { waits: { for: 'pending', until: at(5000) } }),
    ])
    const progress: WindowReadProgress[] = []
    const outcome = await syncOf(database, { connection, source, progress })
    expect(outcome).toEqual({
      state: 'succeeded',
      failures: [],
      windows: 1,
      readUntil: at(595),
      counts: {
        read: { listed: 8, flattened: 4, rejected: 2, skipped: 1, pending: 1 },
        upsert: { rows: 4, inserted: 4, updated: 0, unchanged: 0, stale: 0, duplicate: 0 },
        tallies: { 'portfolio-unmapped': 4, 'skip.screen': 1 },
      },
    })
    expect(await records(connection)).toEqual([
      { record_id: 'bad', outcome: 'reject', reason: 'missing-time' },
      { record_id: 'odd', outcome: 'reject', reason: 'flatten-failed' },
      ...['rec-0', 'rec-1', 'rec-2', 'rec-3'].map((record_id) => ({ record_id, outcome: 'row', reason: null })),
      { record_id: 'screen', outcome: 'skip', reason: 'screen' },
      { record_id: 'young', outcome: 'pending', reason: 'status-processing' },
    ])
    expect(await rows(connection, `message_id, source_ordinal - ${source.clock.now} as ordinal`)).toEqual(
      [0, 1, 2, 3].map((n) => ({ message_id: `rec-${n}`, ordinal: n })),
    )
    expect(await windows(connection)).toEqual(['sync 0-595 complete'])
    expect(await covered(connection)).toEqual(['0-595'])
    expect(
      await of(
        connection,
        'select proof, source_total, listed, flattened, rejected, skipped, pending from reelhouse.windows where connection_key = $c',
      ),
    ).toEqual([{ proof: 'total', source_total: 8, listed: 8, flattened: 4, rejected: 2, skipped: 1, pending: 1 }])
    expect(progress.at(-1)).toMatchObject({ connection, stream: 'recordings', done: 1, planned: 1, records: 8 })
  })

  test('keeps the payload of every record, or no more than its key and what its listing said', async () => {
    const of = [held('a', 10, { version: 7 }), held('b', 20, { becomes: { skip: 'screen' } })]
    const { connection } = await synced(of)
    const columns = `record_id, version, ${minutesOf('window_at')} as at, payload is not null as kept, fingerprint is not null as known`
    expect(await records(connection, columns)).toEqual([
      { record_id: 'a', version: 7, at: 10, kept: true, known: true },
      { record_id: 'b', version: null, at: 20, kept: true, known: true },
    ])
    const keys = await synced(of, { recordsKept: 'keys' })
    expect(await records(keys.connection, columns)).toEqual([
      { record_id: 'a', version: 7, at: 10, kept: false, known: true },
      { record_id: 'b', version: null, at: 20, kept: false, known: true },
    ])
  })
})

test('a batch is committed when it is ten seconds old, full or not', async () => {
  const connection = freshConnection()
  const source = heldSource(ten)
  source.before = (request) => {
    if (request.startsWith('page')) source.clock.now += 4 * second
  }
  let batches = 0
  const reached = (step: string) => {
    if (step === 'batch-committed') batches += 1
  }
  await syncOf(database, { connection, source, batchRows: 100, reached })
  expect(batches).toBe(2)
})

test('of huge answers one is worked on when what came before it has been committed', async () => {
  const connection = freshConnection()
  const source = heldSource([held('a', 10), held('b', 20), held('c', 30)])
  const sizes = new AnswerSizes()
  sizes.note(20_000_000)
  const journal: string[] = []
  const flatten: WindowStream['flatten'] = (record, context) => {
    journal.push('flattened')
    return flattenHeld(record, context)
  }
  const reached = (step: string) => {
    if (step === 'batch-committed') journal.push('committed')
  }
  await syncOf(database, { connection, source, sizes, batchRows: 1, reached, stream: { flatten } })
  expect(journal).toEqual(['flattened', 'committed', 'flattened', 'committed', 'flattened', 'committed'])
  expect(await rows(connection, 'message_id')).toHaveLength(3)
})

describe('a sync with nothing new', () => {
  test('costs one listing and the count of what it covers, and writes nothing to the tables of data', async () => {
    const { connection, source } = await synced([
      ...ten,
      held('new', 590),
      held('bad', 580, { becomes: { reject: 'missing-time' } }),
      held('young', 585, { waits: { for: 'pending', until: at(5000) } }),
      held('screen', 586, { becomes: { skip: 'screen' } }),
      { id: null, at: at(587) },
    ])
    const before = [await rowVersions(database), await followUps(connection, '*, ctid::text, xmin::text')]
    later(source, minute)
    const outcome = await syncOf(database, { connection, source })
    expect(outcome).toMatchObject({
      state: 'succeeded',
      windows: 1,
      counts: {
        read: { listed: 5, flattened: 0, rejected: 0, skipped: 4, pending: 1 },
        tallies: { 'skip.unchanged': 4 },
      },
    })
    expect(source.journal).toEqual(['list 535-596', 'page 0', 'page 3'])
    expect([await rowVersions(database), await followUps(connection, '*, ctid::text, xmin::text')]).toEqual(before)
    expect(await windows(connection)).toEqual(['sync 0-595 complete', 'sync 535-596 complete'])
    expect(await covered(connection)).toEqual(['0-596'])
  })

  test('reads the re-reads that are due, once', async () => {
    const { connection, source } = await synced(ten, { stream: { rereads: [everyRun, daily] } })
    later(source, 6 * hour)
    const stream = { rereads: [everyRun, daily] }
    await syncOf(database, { connection, source, stream })
    expect(listings(source)).toEqual(['list 535-955', 'list 0-535'])
    later(source, minute)
    await syncOf(database, { connection, source, stream })
    expect(listings(source).slice(2)).toEqual(['list 895-956'])
  })
})

describe('a re-read', () => {
  test('finds a record that came late', async () => {
    const { connection, source } = await synced(ten)
    source.records.push(held('late', 590))
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({ counts: { upsert: { inserted: 1 } } })
    expect(await rows(connection)).toContainEqual({ message_id: 'late', first_name: 'Jo' })
  })

  test('finds a record that changed, with or without a version', async () => {
    const { connection, source } = await synced([held('a', 580), held('b', 581, { version: 3 }), held('c', 582)])
    change(source, 'a', { name: 'Ann' })
    change(source, 'b', { name: 'Bea', version: 4 })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 3, flattened: 2, skipped: 1 }, upsert: { updated: 2 } },
    })
    expect(await rows(connection, 'message_id, first_name, source_version')).toEqual([
      { message_id: 'a', first_name: 'Ann', source_version: null },
      { message_id: 'b', first_name: 'Bea', source_version: 4 },
      { message_id: 'c', first_name: 'Jo', source_version: null },
    ])
  })

  test('by force makes rows of unchanged records again, and of every re-read', async () => {
    const stream = { rereads: [everyRun, daily] }
    const { connection, source } = await synced([held('a', 10), held('b', 580)], { stream })
    later(source, minute)
    const outcome = await syncOf(database, { connection, source, stream, force: true })
    expect(listings(source)).toEqual(['list 535-596', 'list 0-535'])
    expect(outcome.counts).toMatchObject({ read: { listed: 2, flattened: 2 }, upsert: { rows: 2, unchanged: 2 } })
  })

  test('never loads what was forgotten', async () => {
    const { connection, source } = await synced([held('a', 580)])
    await of(
      connection,
      "update reelhouse.source_records set outcome = 'forgotten', payload = null where connection_key = $c",
    )
    change(source, 'a', { name: 'Ann' })
    later(source, minute)
    const outcome = await syncOf(database, { connection, source, force: true })
    expect(outcome.counts).toMatchObject({ read: { listed: 1, skipped: 1 }, tallies: { 'skip.forgotten': 1 } })
    expect(await records(connection)).toMatchObject([{ outcome: 'forgotten' }])
  })
})

describe('a stored record that a complete listing does not show', () => {
  test('is deleted when the source has no such record, and comes back when it is listed again', async () => {
    const { connection, source } = await synced([held('a', 580), held('b', 581)])
    remove(source, 'a')
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 1, skipped: 1 }, tallies: { deleted: 1, 'skip.unchanged': 1 } },
    })
    expect(asked(source)).toEqual(['fetch a'])
    const columns = 'message_id, recording_status, deleted_at is not null as deleted'
    expect(await rows(connection, columns)).toEqual([
      { message_id: 'a', recording_status: 'deleted', deleted: true },
      { message_id: 'b', recording_status: 'available', deleted: false },
    ])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])

    source.records.push(held('a', 580))
    later(source, minute)
    await syncOf(database, { connection, source })
    expect((await rows(connection, columns))[0]).toEqual({
      message_id: 'a',
      recording_status: 'available',
      deleted: false,
    })
  })

  test('comes back as it was when it is listed again and cannot become a row any more', async () => {
    const { connection, source } = await synced([held('a', 580, { name: 'Ann' }), held('b', 581)])
    const columns = 'message_id, first_name, recording_status, deleted_at is not null as deleted'
    for (const becomes of [{ reject: 'missing-time' }, { skip: 'screen' }] as const) {
      remove(source, 'a')
      later(source, minute)
      await syncOf(database, { connection, source })
      expect((await rows(connection, columns))[0]).toMatchObject({ recording_status: 'deleted', deleted: true })

      source.records.push(held('a', 580, { becomes }))
      later(source, minute)
      expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded' })
      expect((await rows(connection, columns))[0]).toEqual({
        message_id: 'a',
        first_name: 'Ann',
        recording_status: null,
        deleted: false,
      })
      const before = await rowVersions(database)
      later(source, minute)
      await syncOf(database, { connection, source })
      expect(await rowVersions(database)).toEqual(before)
    }
  })

  test('is waited for when asking for it gets no answer, and its deletion is noticed without a re-read', async () => {
    const { connection, source } = await synced([held('a', 580), held('b', 581)])
    remove(source, 'a')
    source.unanswered = ['a']
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { tallies: { unavailable: 1 } },
    })
    expect(await followUps(connection)).toEqual([
      { record_id: 'a', kind: 'follow-up', reason: 'unavailable', attempts: 0, gave_up: false },
    ])
    expect(await rows(connection, 'message_id, deleted_at')).toMatchObject([{ deleted_at: null }, { deleted_at: null }])

    // By then no re-read comes to its time any more.
    later(source, 2 * hour)
    await syncOf(database, { connection, source })
    source.unanswered = []
    source.journal.length = 0
    later(source, 2 * hour)
    await syncOf(database, { connection, source })
    expect(source.journal.filter((request) => !request.startsWith('page'))).toEqual([
      'fetch a',
      // Does the account show anything of what is stored?
      'fetch b',
      'list 656-836',
    ])
    expect(await rows(connection, 'message_id, deleted_at is not null as deleted')).toEqual([
      { message_id: 'a', deleted: true },
      { message_id: 'b', deleted: false },
    ])
    expect(await followUps(connection)).toEqual([])
  })

  test('stays, and is not waited for, when the source refuses it', async () => {
    const { connection, source } = await synced([held('a', 580)])
    change(source, 'a', { unlisted: true, refused: true })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { tallies: { unavailable: 1 } },
    })
    expect(await rows(connection, 'message_id, deleted_at')).toEqual([{ message_id: 'a', deleted_at: null }])
    expect(await followUps(connection)).toEqual([])
  })

  test('is read where it is now when it moved', async () => {
    const { connection, source } = await synced([held('a', 580)])
    change(source, 'a', { at: at(20), name: 'Ann' })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({ counts: { upsert: { updated: 1 } } })
    expect(await records(connection, `record_id, ${minutesOf('window_at')} as at`)).toEqual([
      { record_id: 'a', at: 20 },
    ])
    expect(await rows(connection)).toEqual([{ message_id: 'a', first_name: 'Ann' }])
  })

  test('is not asked for twice when something joined to it has had it fetched already', async () => {
    const { connection, source } = await synced([held('a', 590)])
    change(source, 'a', { unlisted: true, transcript: { version: 100, text: 'hello' } })
    source.joins = [{ recordId: 'a', at: at(591), version: 100 }]
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])
  })

  test('is not asked for where a listing proves nothing', async () => {
    const stream = { proof: 'best-effort' } as const
    const { connection, source } = await synced([held('a', 580)], { stream })
    remove(source, 'a')
    later(source, minute)
    await syncOf(database, { connection, source, stream })
    expect(asked(source)).toEqual([])
  })

  test('is not asked for when it has no id, nor when it lies on the end of the window', async () => {
    const { connection, source } = await synced([{ id: null, at: at(580) }, held('edge', 595)])
    expect(await rows(connection)).toEqual([{ message_id: 'edge', first_name: 'Jo' }])
    source.records = []
    await syncOf(database, { connection, source })
    expect(listings(source)).toEqual(['list 535-595'])
    expect(asked(source)).toEqual([])
  })
})

describe('a pending record', () => {
  const young = (stated: Partial<HeldRecord> = {}) =>
    held('young', 590, { waits: { for: 'pending', until: at(2000) }, ...stated })

  test('becomes a row when it is due and ready, though no window lists it any more', async () => {
    const { connection, source } = await synced([young()])
    expect(await followUps(connection, `record_id, kind, attempts, ${minutesOf('next_attempt_at')} as next`)).toEqual([
      { record_id: 'young', kind: 'pending', attempts: 0, next: 602 },
    ])
    source.records = [held('young', 590)]
    later(source, 3 * hour)
    const outcome = await syncOf(database, { connection, source })
    expect(source.journal[0]).toBe('fetch young')
    // Once by its id, and once more as it is listed now.
    expect(outcome.counts).toMatchObject({ read: { listed: 2, flattened: 2 }, upsert: { inserted: 1, unchanged: 1 } })
    expect(await rows(connection)).toEqual([{ message_id: 'young', first_name: 'Jo' }])
    expect(await followUps(connection)).toEqual([])
    expect(await records(connection)).toEqual([{ record_id: 'young', outcome: 'row', reason: null }])
  })

  test('is asked for again after two minutes, then at longer and longer intervals', async () => {
    const { connection, source } = await synced([young()])
    const next = async () => {
      const [followUp] = await followUps(connection, `attempts, ${minutesOf('next_attempt_at')} as next`)
      return { attempts: Number(followUp?.attempts), next: Number(followUp?.next) }
    }
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual([])
    for (const expected of [
      { attempts: 1, next: 606 },
      { attempts: 2, next: 614 },
      { attempts: 3, next: 630 },
    ]) {
      source.clock.now = at((await next()).next)
      expect(await syncOf(database, { connection, source })).toMatchObject({ counts: { read: { pending: 2 } } })
      expect(await next()).toEqual(expected)
    }
  })

  test('is not asked for before that can help', async () => {
    const { connection } = await synced([young({ waits: { for: 'pending', until: at(2000), notBefore: at(700) } })])
    expect(await followUps(connection, `${minutesOf('next_attempt_at')} as next`)).toEqual([{ next: 700 }])
  })

  test('is asked for when waiting ends, and no later', async () => {
    const { connection } = await synced([young({ waits: { for: 'pending', until: at(601) } })])
    expect(await followUps(connection, `${minutesOf('next_attempt_at')} as next`)).toEqual([{ next: 601 }])
  })

  test('becomes the row it can be when waiting ends, which stays noted', async () => {
    const { connection, source } = await synced([young()])
    source.clock.now = at(2000)
    const outcome = await syncOf(database, { connection, source })
    expect(outcome.counts).toMatchObject({
      upsert: { inserted: 1 },
      tallies: { 'gave-up.status-processing': 1 },
    })
    expect(await rows(connection)).toHaveLength(1)
    expect(await followUps(connection)).toEqual([
      { record_id: 'young', kind: 'pending', reason: 'status-processing', attempts: 1, gave_up: true },
    ])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch young'])
  })

  test('that is listed when waiting is over already becomes a row at once, and is not waited for', async () => {
    const { connection } = await synced([young({ waits: { for: 'pending', until: at(600) } })])
    expect(await rows(connection)).toHaveLength(1)
    expect(await followUps(connection)).toEqual([])
  })

  test('that has no time of its own, and so another end of waiting at each look, is given up at the first one', async () => {
    const { connection, source } = await synced([young({ waits: { for: 'pending', until: at(700) } })])
    const giveUpAt = () => followUps(connection, `attempts, ${minutesOf('give_up_at')} as until`)
    change(source, 'young', { waits: { for: 'pending', until: at(800) } })
    source.clock.now = at(605)
    await syncOf(database, { connection, source })
    change(source, 'young', { name: 'Ann', waits: { for: 'pending', until: at(850) } })
    await syncOf(database, { connection, source })
    expect(await giveUpAt()).toMatchObject([{ until: 700 }])
    change(source, 'young', { waits: { for: 'pending', until: at(900) } })
    source.clock.now = at(700)
    expect((await syncOf(database, { connection, source })).counts).toMatchObject({
      tallies: { 'gave-up.status-processing': 1 },
    })
    expect(await rows(connection)).toHaveLength(1)
  })

  test('that waits for something else now is waited for as long as that takes', async () => {
    const { connection, source } = await synced([young({ waits: { for: 'pending', until: at(700) } })])
    change(source, 'young', { waits: { for: 'follow-up', until: at(2000) } })
    source.clock.now = at(640)
    await syncOf(database, { connection, source })
    expect(await followUps(connection, `kind, ${minutesOf('give_up_at')} as until`)).toEqual([
      { kind: 'follow-up', until: 2000 },
    ])
  })

  test('that is gone is not waited for any more', async () => {
    const { connection, source } = await synced([young()])
    source.records = []
    later(source, 3 * hour)
    expect(await syncOf(database, { connection, source, acceptAccount: true })).toMatchObject({
      counts: { tallies: { deleted: 1 } },
    })
    expect(await followUps(connection)).toEqual([])
    expect(await records(connection)).toMatchObject([{ outcome: 'deleted' }])
  })

  test('that cannot be had is asked for later, until waiting ends', async () => {
    const { connection, source } = await synced([young()])
    change(source, 'young', { refused: true })
    later(source, 3 * hour)
    await syncOf(database, { connection, source })
    expect(await followUps(connection)).toEqual([
      { record_id: 'young', kind: 'pending', reason: 'unavailable', attempts: 1, gave_up: false },
    ])
    source.clock.now = at(2000)
    await syncOf(database, { connection, source })
    expect(await followUps(connection)).toMatchObject([{ attempts: 2, gave_up: true }])
  })
})

test('a row whose join is open is asked for until that is closed', async () => {
  const { connection, source } = await synced([held('a', 590, { waits: { for: 'follow-up', until: at(2000) } })])
  expect(await rows(connection)).toHaveLength(1)
  expect(await followUps(connection)).toEqual([
    { record_id: 'a', kind: 'follow-up', reason: 'status-processing', attempts: 0, gave_up: false },
  ])
  source.records = [held('a', 590, { transcript: { version: 9, text: 'hello' } })]
  later(source, 3 * hour)
  await syncOf(database, { connection, source })
  expect(await rows(connection, 'message_text')).toEqual([{ message_text: 'hello' }])
  expect(await followUps(connection)).toEqual([])
})

describe('reading what is due', () => {
  const pending = [held('young', 590, { waits: { for: 'pending', until: at(2000) } })]

  test('keeps no window from being read when it fails', async () => {
    const { connection, source } = await synced(pending)
    source.before = (request) => {
      if (request.startsWith('fetch')) throw new TransientError(`connection ${connection}: no answer`)
    }
    later(source, hour)
    const outcome = await syncOf(database, { connection, source })
    expect(outcome).toMatchObject({ state: 'failed', windows: 1 })
    expect(outcome.failures.map((failure) => [failure.name, failure.message])).toEqual([
      ['TransientError', `connection ${connection}: reading 1 records that were due failed: no answer`],
    ])
    expect(await covered(connection)).toEqual(['0-655'])
  })

  test('ends the run when the operator must change something', async () => {
    const { connection, source } = await synced(pending)
    source.before = () => {
      throw new ConfigError([`connection ${connection}: the source refuses api_key`])
    }
    later(source, hour)
    const outcome = await syncOf(database, { connection, source })
    expect(outcome).toMatchObject({ state: 'failed', windows: 0 })
    expect(outcome.failures[0]).toBeInstanceOf(ConfigError)
    expect(source.journal).toEqual(['fetch young'])
  })

  test('reads more of them than are asked for at a time', async () => {
    const many = Array.from({ length: 250 }, (_, n) =>
      held(`young-${n}`, 590, { waits: { for: 'pending', until: at(2000) } }),
    )
    const { connection, source } = await synced(many, { batchRows: 1000 })
    source.records = source.records.map(({ id, at: when }) => ({ id, at: when }))
    later(source, hour)
    const outcome = await syncOf(database, { connection, source, batchRows: 1000 })
    expect(outcome.counts.upsert).toMatchObject({ inserted: 250 })
    expect(asked(source)).toHaveLength(3)
  })

  test('fails when the source answers for one of them twice', async () => {
    const { connection, source } = await synced(pending)
    later(source, hour)
    const { fetch } = windowStream(source)
    const stuttering: WindowStream['fetch'] = async function* (refs, context) {
      yield* fetch(refs, context)
      yield* fetch(refs, context)
    }
    const outcome = await syncOf(database, { connection, source, stream: { fetch: stuttering } })
    expect(outcome.failures[0]?.message).toContain('record young was answered twice, or never asked for')
  })

  test('fails when the source does not answer for one of them', async () => {
    const { connection, source } = await synced(pending)
    later(source, hour)
    const mute = { fetch: async function* () {} }
    const outcome = await syncOf(database, { connection, source, stream: mute })
    expect(outcome.failures.map(({ message }) => message)).toEqual([
      `connection ${connection}: reading 1 records that were due failed: 1 records asked for by id got no answer, such as young`,
    ])
  })
})

describe('a window that holds too much', () => {
  test('is halved until its parts are small enough, each complete by itself', async () => {
    const connection = freshConnection()
    const source = heldSource(ten, { cap: 3 })
    const progress: WindowReadProgress[] = []
    const outcome = await syncOf(database, { connection, source, progress })
    expect(outcome).toMatchObject({ state: 'succeeded', windows: 5, counts: { upsert: { inserted: 10 } } })
    expect(listings(source)).toEqual([
      'list 0-595',
      'list 0-297.5',
      'list 0-148.75',
      'list 0-74.375',
      'list 74.375-148.75',
      'list 148.75-297.5',
      'list 148.75-223.125',
      'list 223.125-297.5',
      'list 297.5-595',
    ])
    expect((await windows(connection)).filter((text) => String(text).endsWith('complete'))).toHaveLength(5)
    expect(await windows(connection)).toHaveLength(5)
    expect(await covered(connection)).toEqual(['0-595'])
    expect(progress.at(-1)).toMatchObject({ done: 5, planned: 5 })
  })

  test('fails where it cannot be halved any more, and names the window', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 60), held('b', 60)], { cap: 1 })
    const outcome = await syncOf(database, { connection, source })
    expect(outcome.state).toBe('failed')
    expect(outcome.failures[0]).toBeInstanceOf(SourceProtocolError)
    expect(outcome.failures[0]?.message).toBe(
      `connection ${connection}: window 2026-07-14T00:59:59.999999Z to 2026-07-14T01:00:00Z failed: 2 records are too many`,
    )
    expect((await windows(connection)).at(-1)).toBe('sync 60-60 failed')
    expect(
      await of(
        connection,
        'select upper(covered) < $$2026-07-14T01:00:00Z$$ as before from reelhouse.coverage where connection_key = $c',
      ),
    ).toEqual([{ before: true }])
  })

  test('or lists less than it says it has, is halved as well', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 60)])
    source.before = (request) => {
      if (request.startsWith('list')) source.totalBeyond = request === 'list 0-595' ? 1 : 0
    }
    expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded', windows: 2 })
    expect(listings(source)).toEqual(['list 0-595', 'list 0-297.5', 'list 297.5-595'])
  })
})

test('a re-read is done when all parts of its windows are', async () => {
  const stream = { rereads: [everyRun, daily] }
  const { connection, source } = await synced(ten, { stream })
  later(source, 6 * hour)
  source.cap = 9
  source.before = (request) => {
    if (request === 'list 267.5-535') throw new TransientError('connection reset by peer')
  }
  expect(await syncOf(database, { connection, source, stream })).toMatchObject({ state: 'failed', windows: 2 })
  source.before = () => undefined
  source.journal.length = 0
  later(source, minute)
  expect(await syncOf(database, { connection, source, stream })).toMatchObject({ state: 'succeeded' })
  expect(listings(source).slice(0, 2)).toEqual(['list 895-956', 'list 0-895'])
  later(source, minute)
  source.journal.length = 0
  await syncOf(database, { connection, source, stream })
  expect(listings(source)).toEqual(['list 896-957'])
})

describe("where the vendor's clock is behind", () => {
  test('no more is covered than it has settled', async () => {
    const connection = freshConnection()
    const source = heldSource(ten, { vendorBehind: 90 * minute })
    expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded', readUntil: at(505) })
    expect(await windows(connection)).toEqual(['sync 0-505 complete'])
    expect(await covered(connection)).toEqual(['0-505'])
  })

  test('by more than the window is long, nothing is', async () => {
    const connection = freshConnection()
    const source = heldSource(ten, { vendorBehind: day })
    expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded', readUntil: null })
    expect(await covered(connection)).toEqual([])
    expect(await rows(connection)).toHaveLength(10)
  })

  test('or ahead of ours changes nothing', async () => {
    const connection = freshConnection()
    const source = heldSource(ten, { vendorBehind: -day })
    expect(await syncOf(database, { connection, source })).toMatchObject({ readUntil: at(595) })
  })
})

describe('a window that fails', () => {
  const threeDays = { maxWindow: day, start: start - 2 * day }

  test('ends the run, keeps what was covered before it, and is where the next run begins', async () => {
    const connection = freshConnection()
    const source = heldSource(ten)
    source.before = (request) => {
      if (request === 'list -1440-0') throw new TransientError('connection reset by peer')
    }
    const failed = await syncOf(database, { connection, source, stream: threeDays })
    expect(failed).toMatchObject({ state: 'failed', windows: 1, readUntil: start - day })
    const message = `connection ${connection}: window 2026-07-13T00:00:00Z to 2026-07-14T00:00:00Z failed: connection reset by peer`
    expect(failed.failures.map((failure) => [failure.name, failure.message])).toEqual([['TransientError', message]])
    expect(await windows(connection)).toEqual(['sync -2880--1440 complete', 'sync -1440-0 failed'])
    expect(await covered(connection)).toEqual(['-2880--1440'])
    expect(await runs(connection)).toEqual([{ state: 'failed', error: message }])

    source.before = () => undefined
    expect(await syncOf(database, { connection, source, stream: threeDays })).toMatchObject({ state: 'succeeded' })
    expect(await covered(connection)).toEqual(['-2880-595'])
    expect(await rows(connection)).toHaveLength(10)
  })

  test('keeps the pages that were good', async () => {
    const connection = freshConnection()
    const source = heldSource(ten)
    source.before = (request) => {
      if (request === 'page 6') throw new SourceProtocolError('the page is no JSON')
    }
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'failed',
      counts: { read: { listed: 6, flattened: 6 } },
    })
    expect(await covered(connection)).toEqual([])
    source.before = () => undefined
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 10, flattened: 4, skipped: 6 }, upsert: { inserted: 4 } },
    })
  })

  test('by a defect marks the run as failed, and throws it', async () => {
    const connection = freshConnection()
    const source = heldSource(ten)
    source.before = (request) => {
      if (request.startsWith('list')) throw new TypeError('x is undefined')
    }
    await expect(syncOf(database, { connection, source })).rejects.toThrow('x is undefined')
    expect(await runs(connection)).toEqual([{ state: 'failed', error: 'x is undefined' }])
    expect(await windows(connection)).toEqual(['sync 0-595 failed'])
  })

  test('at its end, when the warehouse goes away, covers nothing', async () => {
    const connection = freshConnection()
    const source = heldSource(ten)
    const reached = (step: string) => {
      if (step === 'window-read') throw new TransientError('the session is lost')
    }
    expect(await syncOf(database, { connection, source, reached })).toMatchObject({ state: 'failed', readUntil: null })
    expect(await covered(connection)).toEqual([])
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 10, skipped: 10 } },
    })
  })
})

test('a run that is stopped finishes its batch, covers nothing by the open window, and says so', async () => {
  const connection = freshConnection()
  const source = heldSource(ten)
  const stop = new AbortController()
  let read = 0
  const flatten: typeof flattenHeld = (...record) => {
    read += 1
    if (read === 5) stop.abort('SIGINT')
    return flattenHeld(...record)
  }
  const stopped = { connection, source, signal: stop.signal, batchRows: 100, stream: { flatten } }
  const outcome = await syncOf(database, stopped)
  expect(outcome).toMatchObject({ state: 'stopped', failures: [], windows: 0, counts: { read: { listed: 6 } } })
  expect(await rows(connection)).toHaveLength(6)
  expect(await covered(connection)).toEqual([])
  expect(await windows(connection)).toEqual(['sync 0-595 failed'])
  expect(await runs(connection)).toEqual([{ state: 'stopped', error: null }])
  expect(await syncOf(database, { connection, source })).toMatchObject({ state: 'succeeded' })
  expect(await rows(connection)).toHaveLength(10)
})

describe('what is joined to a record', () => {
  const text = { version: 100, text: 'hello' }

  test('is loaded with it when the listing shows it', async () => {
    const { connection, source } = await synced([held('a', 590, { version: 50, transcript: text })])
    expect(asked(source)).toEqual([])
    expect(await rows(connection, 'message_text, source_version')).toEqual([
      { message_text: 'hello', source_version: 100 },
    ])
    expect(await records(connection, 'version, joined_version')).toEqual([{ version: 100, joined_version: 100 }])
  })

  test('is not lost when the listing shows the record without it', async () => {
    const { connection, source } = await synced([held('a', 590, { transcript: text })])
    change(source, 'a', { joinedByIdOnly: true })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({ counts: { read: { skipped: 1 } } })
    expect(asked(source)).toEqual([])

    change(source, 'a', { name: 'Ann' })
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])
    expect(await rows(connection, 'first_name, message_text')).toEqual([{ first_name: 'Ann', message_text: 'hello' }])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])
  })

  test('is fetched once, though its id alone does not tell what the listing shows', async () => {
    const { connection, source } = await synced([held('a', 590, { transcript: text })])
    change(source, 'a', { joinedByIdOnly: true, name: 'Ann' })
    const { fetch } = windowStream(source)
    const plain: WindowStream['fetch'] = async function* (refs, context) {
      for await (const fetched of fetch(refs, context)) {
        yield fetched.kind === 'record' ? { ...fetched, stub: { ...fetched.stub, fingerprint: null } } : fetched
      }
    }
    for (let time = 0; time < 2; time += 1) {
      later(source, minute)
      await syncOf(database, { connection, source, stream: { fetch: plain } })
    }
    expect(asked(source)).toEqual(['fetch a'])
  })

  test('that is listed by itself has its record fetched, once', async () => {
    const { connection, source } = await synced([held('a', 10)])
    change(source, 'a', { transcript: text })
    source.joins = [{ recordId: 'a', at: at(590), version: 100 }]
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, flattened: 1 }, upsert: { updated: 1 } },
    })
    expect(await rows(connection, 'message_text')).toEqual([{ message_text: 'hello' }])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])
  })

  test('does not make a deleted record live', async () => {
    const { connection, source } = await synced([held('a', 590, { transcript: text })])
    source.records = []
    source.joins = [{ recordId: 'a', at: at(590), version: 100 }]
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(await rows(connection, 'deleted_at is not null as deleted')).toEqual([{ deleted: true }])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a'])
  })

  test('of a record that is gone is not asked for at every re-read', async () => {
    const connection = freshConnection()
    const source = heldSource([], { joins: [{ recordId: 'gone', at: at(590), version: 100 }] })
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, skipped: 1 }, tallies: { 'skip.gone-meanwhile': 1 } },
    })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, skipped: 1 }, tallies: { 'skip.unchanged': 1 } },
    })
    expect(asked(source)).toEqual(['fetch gone'])
    expect(await rows(connection)).toEqual([])
  })

  test('counts once with its record when both are listed in one window', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 580, { transcript: text })], {
      joins: [{ recordId: 'a', at: at(590), version: 100 }],
      pageSize: 1,
    })
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 1, flattened: 1 } },
    })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, skipped: 1 } },
    })
  })
})

describe('a listing that shows only that a record is there', () => {
  test('has it fetched when it is new', async () => {
    const { connection, source } = await synced([held('a', 580, { bare: true, version: 1 })])
    expect(await rows(connection)).toEqual([{ message_id: 'a', first_name: 'Jo' }])
    change(source, 'a', { name: 'Ann', version: 2 })
    source.records.push(held('b', 581, { bare: true }))
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a,b'])
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(asked(source)).toEqual(['fetch a,b'])
  })

  test('keeps where it lies when its id alone does not tell', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 580, { bare: true })])
    const { fetch } = windowStream(source)
    const placeless: WindowStream['fetch'] = async function* (refs, context) {
      for await (const fetched of fetch(refs, context)) {
        yield fetched.kind === 'record' ? { ...fetched, stub: { ...fetched.stub, windowAt: null } } : fetched
      }
    }
    await syncOf(database, { connection, source, stream: { fetch: placeless } })
    expect(await records(connection, `record_id, ${minutesOf('window_at')} as at`)).toEqual([
      { record_id: 'a', at: 580 },
    ])
  })

  test('and is gone when it is asked for leaves nothing', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 580, { bare: true })])
    source.before = (request) => {
      if (request.startsWith('fetch')) source.records = []
    }
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 1, skipped: 1 }, tallies: { 'skip.gone-meanwhile': 1 } },
    })
    expect(await records(connection)).toEqual([])
  })

  test('and is gone when it changed is deleted', async () => {
    const { connection, source } = await synced([held('a', 580, { bare: true, version: 1 })])
    change(source, 'a', { version: 2 })
    source.before = (request) => {
      if (request.startsWith('fetch')) source.records = []
    }
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { tallies: { 'skip.gone-meanwhile': 1, deleted: 1 } },
    })
    expect(await rows(connection, 'deleted_at is not null as deleted')).toEqual([{ deleted: true }])
    source.records = [held('a', 580, { bare: true, version: 2 })]
    later(source, minute)
    expect((await syncOf(database, { connection, source })).counts.tallies).toEqual({ 'skip.gone-meanwhile': 1 })
  })

  test('and is refused when it changed leaves the row, and is waited for', async () => {
    const { connection, source } = await synced([held('a', 580, { bare: true, version: 1 })])
    change(source, 'a', { version: 2, refused: true })
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, pending: 1 } },
    })
    expect(await followUps(connection)).toMatchObject([{ record_id: 'a', kind: 'follow-up', reason: 'unavailable' }])
    expect(await records(connection, 'outcome, version')).toEqual([{ outcome: 'row', version: 1 }])
  })

  test('and is refused is waited for', async () => {
    const connection = freshConnection()
    const source = heldSource([held('a', 580, { bare: true, refused: true })])
    expect(await syncOf(database, { connection, source })).toMatchObject({
      counts: { read: { listed: 1, pending: 1 } },
    })
    expect(await followUps(connection)).toEqual([
      { record_id: 'a', kind: 'pending', reason: 'unavailable', attempts: 0, gave_up: false },
    ])
    expect(await records(connection)).toEqual([{ record_id: 'a', outcome: 'pending', reason: 'unavailable' }])
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({ counts: { read: { pending: 1 } } })
    expect(asked(source)).toEqual(['fetch a'])
    change(source, 'a', { refused: false })
    later(source, minute)
    await syncOf(database, { connection, source })
    expect(await rows(connection)).toHaveLength(1)
    expect(await followUps(connection)).toEqual([])
  })
})

test('a record that a window lists several times counts once', async () => {
  const connection = freshConnection()
  const source = heldSource(ten, { timesShown: 2 })
  expect(await syncOf(database, { connection, source })).toMatchObject({
    state: 'succeeded',
    counts: { read: { listed: 10, flattened: 10 }, upsert: { inserted: 10, duplicate: 0 } },
  })
})

test('a record that changes between two pages of a window is read again', async () => {
  const connection = freshConnection()
  const source = heldSource([held('a', 10), held('b', 20)], { pageSize: 1, timesShown: 1 })
  const stream = {
    list: async function* () {
      const page = (name: string, version: number, readAt: number) => ({
        stubs: [
          {
            recordId: 'a',
            parentId: null,
            windowAt: at(10),
            version,
            joinedVersion: null,
            fingerprint: name,
            record: { record: { id: 'a', at: at(10), name, version } },
          },
        ],
        readAt,
        servedAt: null,
        total: 1,
      })
      yield page('Ann', 1, at(600))
      yield page('Bea', 2, at(601))
    },
  }
  expect(await syncOf(database, { connection, source, stream })).toMatchObject({
    state: 'succeeded',
    counts: { read: { listed: 2, flattened: 2 } },
  })
  expect(await rows(connection)).toEqual([{ message_id: 'a', first_name: 'Bea' }])
})

describe('a record without a usable id', () => {
  test('is quarantined under what it holds, and keeps nothing else from being read', async () => {
    const connection = freshConnection()
    const long = 'x'.repeat(2001)
    const source = heldSource([{ id: null, at: at(10) }, held(long, 20), held('a\0b', 30), held('c', 40)])
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { read: { listed: 4, flattened: 1, rejected: 3 } },
    })
    const quarantined = await of(
      connection,
      `select left(reject_key, 6) as key, code, path, e.outcome
       from reelhouse.rejected_records r join reelhouse.source_records e using (connection_key, stream)
       where r.connection_key = $c and e.record_id = r.reject_key order by code`,
    )
    expect(quarantined).toEqual([
      { key: 'no-id:', code: 'id-too-long', path: null, outcome: 'reject' },
      { key: 'no-id:', code: 'missing-id', path: 'id', outcome: 'reject' },
      { key: 'no-id:', code: 'unreadable-id', path: null, outcome: 'reject' },
    ])
  })

  test('is rejected whatever flatten makes of it', async () => {
    const connection = freshConnection()
    const source = heldSource([{ id: null, at: at(10) }])
    const stream = { flatten: () => ({ kind: 'skip', code: 'screen' }) as const }
    await syncOf(database, { connection, source, stream })
    expect(
      await of(connection, 'select code, detail from reelhouse.rejected_records where connection_key = $c'),
    ).toEqual([{ code: 'missing-id', detail: 'the source lists it without an id' }])
  })
})

test('a record is quarantined under the id that its listing names', async () => {
  const connection = freshConnection()
  const source = heldSource([held('a', 10)])
  const stream = { flatten: () => reject('other', 'missing-time', null, 'no value in created_at') }
  await syncOf(database, { connection, source, stream })
  expect(await of(connection, 'select reject_key from reelhouse.rejected_records where connection_key = $c')).toEqual([
    { reject_key: 'a' },
  ])
})

test("a flatten that gives a record another record's row, or waits when waiting has ended, is a defect", async () => {
  const connection = freshConnection()
  const source = heldSource([held('a', 10), held('b', 20)])
  const waiting = { reason: 'status-processing', notBefore: null, giveUpAt: at(0) }
  const stream: WindowsStated['stream'] = {
    flatten: (record, context) =>
      JSON.stringify(record).includes('"a"')
        ? { kind: 'pending', recordId: 'a', waiting }
        : flattenHeld({ record: { id: 'other', at: at(20) } }, context),
  }
  await syncOf(database, { connection, source, stream })
  expect(
    await of(
      connection,
      'select reject_key, code from reelhouse.rejected_records where connection_key = $c order by 1',
    ),
  ).toEqual([
    { reject_key: 'a', code: 'flatten-failed' },
    { reject_key: 'b', code: 'flatten-failed' },
  ])
})

describe('that everything is gone', () => {
  const all = [held('a', 100), held('b', 300), held('c', 590)]

  test('is believed when the source shows something of what is stored', async () => {
    const { connection, source } = await synced(all)
    source.records = [held('a', 100)]
    later(source, minute)
    expect(await syncOf(database, { connection, source })).toMatchObject({
      state: 'succeeded',
      counts: { tallies: { deleted: 1 } },
    })
  })

  test('is not believed of a source that shows nothing of it: the run fails, and nothing is marked', async () => {
    const { connection, source } = await synced(all)
    source.records = []
    later(source, minute)
    const outcome = await syncOf(database, { connection, source })
    expect(outcome).toMatchObject({ state: 'failed', failures: [expect.any(ConfigError)] })
    expect(await records(connection, 'outcome')).toEqual(all.map(() => ({ outcome: 'row' })))
  })

  test('is believed when the operator accepts it', async () => {
    const { connection, source } = await synced(all)
    source.records = []
    later(source, minute)
    const outcome = await syncOf(database, { connection, source, acceptAccount: true, force: true })
    expect(outcome).toMatchObject({ state: 'succeeded', counts: { tallies: { deleted: 1 } } })
  })
})

describe('new credentials', () => {
  const all = [held('a', 100), held('b', 590)]

  test('to which all that is stored is refused may be of another account: they read nothing', async () => {
    const connection = freshConnection()
    const source = heldSource(all)
    await syncOf(database, { connection, source, accountFingerprint: 'first key' })
    const other = heldSource([...all.map((each) => ({ ...each, refused: true })), held('of another account', 595)])
    other.clock.now = source.clock.now + minute
    const outcome = await syncOf(database, { connection, source: other, accountFingerprint: 'another key' })
    expect(outcome).toMatchObject({ state: 'failed', failures: [expect.any(ConfigError)] })
    expect(await records(connection, 'record_id')).toEqual([{ record_id: 'a' }, { record_id: 'b' }])
  })

  test.each([
    ['none', ['a', 'b']],
    ['one that is asked first', ['b']],
    ['one that is asked last', ['a']],
  ])(
    'are tried again later when what is stored gets no answer (%s), and read nothing until then',
    async (_, unanswered) => {
      const connection = freshConnection()
      const source = heldSource(all)
      await syncOf(database, { connection, source, accountFingerprint: 'first key' })
      const stated = { connection, source, accountFingerprint: 'rotated key' }
      source.journal.length = 0
      // What gets an answer is not there: that alone would be another account.
      source.records = [held('of another account', 595)]
      source.unanswered = unanswered
      later(source, minute)
      const outcome = await syncOf(database, stated)
      expect(outcome).toMatchObject({ state: 'failed', failures: [expect.any(TransientError)] })
      expect(outcome.failures[0]?.message).toContain('gave no answer for stored records')
      expect(source.journal).toEqual(['fetch b', 'fetch a'])
      expect(await fingerprint(connection)).toBe('first key')
      source.unanswered = []
      later(source, minute)
      expect(await syncOf(database, stated)).toMatchObject({ state: 'failed', failures: [expect.any(ConfigError)] })
      source.records = [...all]
      later(source, minute)
      expect(await syncOf(database, stated)).toMatchObject({ state: 'succeeded' })
      expect(await fingerprint(connection)).toBe('rotated key')
    },
  )

  test('of which one stored record gets no answer are those of the account when another is shown', async () => {
    const connection = freshConnection()
    const source = heldSource(all)
    await syncOf(database, { connection, source, accountFingerprint: 'first key' })
    source.unanswered = ['b']
    later(source, minute)
    await syncOf(database, { connection, source, accountFingerprint: 'rotated key' })
    expect(await fingerprint(connection)).toBe('rotated key')
  })

  test('of the same account are noted, those of another one read nothing', async () => {
    const connection = freshConnection()
    const source = heldSource(all)
    expect(await syncOf(database, { connection, source, accountFingerprint: 'first key' })).toMatchObject({
      state: 'succeeded',
    })
    later(source, minute)
    expect(await syncOf(database, { connection, source, accountFingerprint: 'rotated key' })).toMatchObject({
      state: 'succeeded',
    })
    const other = heldSource([held('of another account', 595)])
    other.clock.now = source.clock.now + minute
    const refused = await syncOf(database, { connection, source: other, accountFingerprint: 'another key' })
    expect(refused).toMatchObject({ state: 'failed', failures: [expect.any(ConfigError)] })
    expect(await records(connection, 'record_id, outcome')).toEqual([
      { record_id: 'a', outcome: 'row' },
      { record_id: 'b', outcome: 'row' },
    ])
    const accepted = { connection, source: other, accountFingerprint: 'another key', acceptAccount: true }
    expect(await syncOf(database, accepted)).toMatchObject({ state: 'succeeded', counts: { upsert: { inserted: 1 } } })
    other.clock.now += minute
    expect(await syncOf(database, { connection, source: other, accountFingerprint: 'another key' })).toMatchObject({
      state: 'succeeded',
    })
  })
})
