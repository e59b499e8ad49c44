import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noRunCounts } from '../../src/domain/counts.ts'
import { ConfigError } from '../../src/domain/errors.ts'
import { connectionKeyOf } from '../../src/load/connections.ts'
import { Forgotten } from '../../src/load/forgotten.ts'
import { commitBatch } from '../../src/load/loader.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { withLoader } from '../support/syncing.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())

const runs = (connection: string, columns: string) =>
  database.rows(
    `select ${columns} from reelhouse.runs join reelhouse.connections using (connection_key)
     where connection_id = $1 order by run_id`,
    [connection],
  )

const counters =
  'listed, flattened, rejected, skipped, pending, rows, inserted, updated, unchanged, stale, duplicate, tallies'

const hooks = {
  reached: () => undefined,
  portfolioOf: () => null,
  redact: (text: string) => text,
  forgotten: new Forgotten([]),
}

describe('the counters of a run', () => {
  test('are those of all its batches, and committed with each', async () => {
    const run = await runOf(session, 'counted')
    const rows = [row(), row({ source_ordinal: 2 }), row({ message_id: 'rec-2' })]
    const batch = {
      ...batchOf({ rows, rejects: [rejectOf({ rejectKey: 'bad' })] }),
      tallies: { 'portfolio-unmapped': 3 },
    }
    const first = await commitBatch(session, run, batch, () => noRunCounts, hooks)
    const expected = {
      listed: 4,
      flattened: 3,
      rejected: 1,
      skipped: 0,
      pending: 0,
      rows: 3,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      stale: 0,
      duplicate: 1,
      tallies: { 'portfolio-unmapped': 3 },
    }
    expect(await runs('counted', counters)).toEqual([expected])
    const second = { ...batch, tallies: { 'portfolio-unmapped': 1, 'skip.screen': 2 } }
    await commitBatch(session, run, second, () => first, hooks)
    expect(await runs('counted', counters)).toEqual([
      {
        ...expected,
        listed: 8,
        flattened: 6,
        rejected: 2,
        rows: 6,
        unchanged: 2,
        duplicate: 2,
        tallies: { 'portfolio-unmapped': 4, 'skip.screen': 2 },
      },
    ])
  })

  test('are refused when records or rows are unaccounted for, and the batch with them', async () => {
    const run = await runOf(session, 'refused')
    const batch = batchOf({ rows: [row()] })
    await expect(load(session, run, { ...batch, read: { ...batch.read, listed: 2 } })).rejects.toThrow(
      /runs_every_record_accounted_for/,
    )
    expect(await runs('refused', 'listed, rows')).toEqual([{ listed: 0, rows: 0 }])
    expect(
      await database.rows('select 1 from reelhouse.call_recordings where connection_key = $1', [run.connectionKey]),
    ).toEqual([])
    await expect(
      database.rows('update reelhouse.runs set rows = rows + 1 where run_id = $1', [run.runId]),
    ).rejects.toThrow(/runs_every_row_accounted_for/)
  })
})

test('a finished run says how and when it ended, and nothing that a link would open', async () => {
  const error = 'dumps/a.csv: https://cdn.example.test/rec-1?X-Amz-Signature=abc123 is no\0 file'
  await withLoader(database, { connection: 'finished' }, async (loader) => {
    await loader.finishRun(await loader.startRun(), 'failed', error)
  })
  expect(await runs('finished', 'state, error, finished_at is not null as ended')).toEqual([
    { state: 'failed', error: 'dumps/a.csv: https://cdn.example.test/rec-1?[redacted] is no\ufffd file', ended: true },
  ])
})

describe('the key of a connection', () => {
  test('is given once, also when two processes ask at the same time', async () => {
    const sessions = await Promise.all(Array.from({ length: 6 }, () => database.session()))
    const keys = await Promise.all(sessions.map((one) => connectionKeyOf(one, { id: 'raced', source: 'files' })))
    expect(new Set(keys).size).toBe(1)
  })

  test('is refused to another source', async () => {
    await connectionKeyOf(session, { id: 'of-files', source: 'files' })
    const other = connectionKeyOf(session, { id: 'of-files', source: 'telnyx' })
    await expect(other).rejects.toThrow(ConfigError)
    await expect(other).rejects.toThrow(
      'connection of-files: its rows in the warehouse come from source "files", not "telnyx"; give the new connection an id of its own',
    )
  })
})
