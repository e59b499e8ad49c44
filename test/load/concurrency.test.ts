import { afterAll, beforeAll, expect, test } from 'vitest'
import { LoadError, TransientError } from '../../src/domain/errors.ts'
import type { Step } from '../../src/domain/step.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, load, loadRows, recordOf, rejectOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const keys = Array.from({ length: 200 }, (_, n) => `rec-${n}`)

/** A batch in which `author` states version `n + offset` of the n-th key. */
const batchBy = (author: string, offset: number, order: readonly string[]) =>
  batchOf({
    rows: order.map((message_id) =>
      row({ message_id, first_name: author, source_version: offset + (keys.indexOf(message_id) % 3) }),
    ),
    records: order.map((recordId) =>
      recordOf({ recordId, version: offset, payload: `"${author}"`, payloadHash: author }),
    ),
    rejects: [rejectOf({ rejectKey: 'bad', version: offset, reason: { code: author, path: null, detail: '' } })],
  })

test('two sessions that load the same keys at the same time, in opposite orders, end as the newest says', async () => {
  const [one, other] = [await database.session(), await database.session()]
  for (let round = 0; round < 15; round += 1) {
    const connection = `connection-${round}`
    const [oneRun, otherRun] = [await runOf(one, connection), await runOf(other, connection)]
    const [a, b] = await Promise.all([
      load(one, oneRun, batchBy('one', 1, keys)),
      load(other, otherRun, batchBy('other', 2, keys.toReversed())),
    ])
    const written = { inserted: a.upsert.inserted + b.upsert.inserted, all: 0 }
    expect(written.inserted).toBe(200)
    // 'other' is newer for every key: it either came first, or wrote over 'one'.
    expect([a.upsert.stale, b.upsert.updated].sort((x, y) => x - y)).toEqual([0, 200])
    expect(
      await database.rows(
        `select first_name, count(*)::integer as rows, min(r.run_id) as run_id
       from reelhouse.call_recordings r where connection_key = $1 group by 1`,
        [oneRun.connectionKey],
      ),
    ).toEqual([{ first_name: 'other', rows: 200, run_id: otherRun.runId }])
    expect(
      await database.rows(
        `select payload_hash, count(*)::integer as records from reelhouse.source_records where connection_key = $1 group by 1`,
        [oneRun.connectionKey],
      ),
    ).toEqual([{ payload_hash: 'other', records: 200 }])
    expect(
      await database.rows('select code from reelhouse.rejected_records where connection_key = $1', [
        oneRun.connectionKey,
      ]),
    ).toEqual([{ code: 'other' }])
  }
})

test('many sessions that write one key end with the newest, and their counts add up to what happened', async () => {
  const sessions = await Promise.all(Array.from({ length: 4 }, () => database.session()))
  const run = await runOf(sessions[0] ?? (await database.session()), 'one-key')
  const counts = await Promise.all(
    sessions.flatMap((session, n) => [
      (async () => {
        const all = []
        for (let version = 1; version <= 8; version += 1) {
          const stated = { source_version: version * 10 + n, first_name: `name-${version * 10 + n}` }
          all.push(await loadRows(session, run, [row(stated)]))
        }
        return all
      })(),
    ]),
  )
  const sum = counts.flat().reduce((total, one) => ({
    rows: total.rows + one.rows,
    inserted: total.inserted + one.inserted,
    updated: total.updated + one.updated,
    unchanged: total.unchanged + one.unchanged,
    stale: total.stale + one.stale,
    duplicate: total.duplicate + one.duplicate,
  }))
  expect(sum).toMatchObject({ rows: 32, inserted: 1, unchanged: 0, duplicate: 0 })
  expect(sum.updated + sum.stale).toBe(31)
  expect(
    await database.rows('select first_name from reelhouse.call_recordings where connection_key = $1', [
      run.connectionKey,
    ]),
  ).toEqual([{ first_name: 'name-83' }])
})

test('a batch that another session overtook is repeated as a whole, and counts once', async () => {
  const [one, other] = [await database.session(), await database.session()]
  const run = await runOf(one, 'overtaken')
  await loadRows(one, run, [row()])
  const begun: Step[] = []
  const overtake = async (step: Step): Promise<void> => {
    if (step === 'batch-begun') begun.push(step)
    // The snapshot is taken by now; the row changes behind its back.
    if (step === 'batch-staged' && begun.length === 1) {
      await loadRows(other, await runOf(other, 'overtaken'), [row({ source_version: 2, first_name: 'overtaker' })])
    }
  }
  const counts = await load(one, run, batchOf({ rows: [row({ source_version: 3, first_name: 'repeated' })] }), overtake)
  expect(begun).toHaveLength(2)
  expect(counts.upsert).toEqual({ rows: 1, inserted: 0, updated: 1, unchanged: 0, stale: 0, duplicate: 0 })
  expect(
    await database.rows('select rows, updated, listed, flattened from reelhouse.runs where run_id = $1', [run.runId]),
  ).toEqual([{ rows: 1, updated: 1, listed: 1, flattened: 1 }])
})

test('a session that is lost in the middle of a batch is a TransientError, and nothing of the batch is left', async () => {
  for (const at of ['batch-begun', 'batch-staged', 'batch-upserted', 'batch-before-commit'] as const) {
    const session = await database.session()
    const run = await runOf(session, `lost-${at}`)
    const lose = async (step: Step): Promise<void> => {
      if (step !== at) return
      const { rows } = await session.client.query('select pg_backend_pid() as pid')
      await database.rows('select pg_terminate_backend($1)', [rows[0].pid])
    }
    const many = Array.from({ length: 2000 }, (_, n) => row({ message_id: `rec-${n}`, message_text: 'x'.repeat(500) }))
    await expect(load(session, run, batchOf({ rows: many }), lose)).rejects.toThrow(TransientError)
    expect(
      await database.rows('select count(*)::integer as rows from reelhouse.call_recordings where connection_key = $1', [
        run.connectionKey,
      ]),
    ).toEqual([{ rows: 0 }])
  }
})

test('a batch that the warehouse refuses is a LoadError, and the session goes on', async () => {
  const session = await database.session()
  const run = await runOf(session, 'refused')
  const impossible = [row(), row({ message_id: 'rec-2', call_duration_in_sec: -1 })]
  const refused = loadRows(session, run, impossible)
  await expect(refused).rejects.toThrow(LoadError)
  await expect(refused).rejects.toThrow(/refused a batch of 2 rows and 0 rejects: .*SQLSTATE 23514/)
  const tooLarge = [row({ call_duration_in_sec: 3_000_000_000 })]
  await expect(loadRows(session, run, tooLarge)).rejects.toThrow(/SQLSTATE 22003/)
  expect(await loadRows(session, run, [row()])).toMatchObject({ inserted: 1 })
})
