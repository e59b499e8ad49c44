import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noRunCounts } from '../../src/domain/counts.ts'
import type { PlacedRow, PortfolioOf, RecordingRow } from '../../src/domain/recording-row.ts'
import type { Run } from '../../src/domain/run.ts'
import { unobserved } from '../../src/domain/step.ts'
import { Forgotten } from '../../src/load/forgotten.ts'
import { commitBatch } from '../../src/load/loader.ts'
import { placeRow } from '../../src/transform/place-row.ts'
import { compilePortfolioMap } from '../../src/transform/portfolio-map.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

const maple = '+15125550100'
const oak = '+15125550101'
const mapOf = (rules: readonly (readonly [string, string])[]) =>
  compilePortfolioMap(
    rules.map(([value, portfolioId]) => ({ attribute: 'called_number', value, portfolioId, connection: null })),
    null,
    null,
  )
const today = mapOf([
  [maple, 'P1'],
  [oak, 'P2'],
])

let database: TestDatabase
let session: Session
let run: Run
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
})
afterAll(() => database.drop())
beforeEach(async () => {
  await session.client.query('truncate reelhouse.call_recordings')
  run = await runOf(session, 'one')
})

const load = async (stated: Partial<RecordingRow>, map = today, as: Run = run) => {
  const flattened: RecordingRow = { ...row(), portfolio_id: undefined, ...stated }
  const placed: PlacedRow = placeRow((columns) => map('one', columns), flattened)
  const portfolioOf: PortfolioOf = (stored) => map('one', { ...stored, map_keys: stored.map_keys ?? {} })
  const hooks = { reached: unobserved, portfolioOf, redact: (text: string) => text, forgotten: new Forgotten([]) }
  return (await commitBatch(session, as, batchOf({ rows: [placed] }), () => noRunCounts, hooks)).upsert
}

const stored = async () =>
  (
    await database.rows(
      'select number_dialed_by_user, portfolio_id, stated_portfolio_id from reelhouse.call_recordings',
    )
  )[0]

describe('the portfolio of a row', () => {
  test('is kept when a newer version does not state the number that it rests on', async () => {
    await load({ source_version: 1, number_dialed_by_user: maple })
    await load({ source_version: 2, number_dialed_by_user: undefined, first_name: 'Joanna' })
    expect(await stored()).toEqual({ number_dialed_by_user: maple, portfolio_id: 'P1', stated_portfolio_id: null })
  })

  test('follows the number when a newer version that leaves other things unstated states another', async () => {
    await load({ source_version: 1, number_dialed_by_user: maple })
    await load({ source_version: 2, number_dialed_by_user: oak, message_direction: undefined })
    expect(await stored()).toEqual({ number_dialed_by_user: oak, portfolio_id: 'P2', stated_portfolio_id: null })
  })

  test('stays what the source once stated, until it states that there is none', async () => {
    await load({ source_version: 1, number_dialed_by_user: maple, portfolio_id: 'STATED' })
    await load({ source_version: 2, number_dialed_by_user: maple, portfolio_id: undefined })
    expect(await stored()).toEqual({
      number_dialed_by_user: maple,
      portfolio_id: 'STATED',
      stated_portfolio_id: 'STATED',
    })
    await load({ source_version: 3, number_dialed_by_user: maple, portfolio_id: null })
    expect(await stored()).toEqual({ number_dialed_by_user: maple, portfolio_id: 'P1', stated_portfolio_id: null })
  })

  test('is that of the map for a new row, whatever it leaves unstated', async () => {
    await load({ number_dialed_by_user: maple, message_direction: undefined, phone_number: undefined })
    expect(await stored()).toMatchObject({ portfolio_id: 'P1' })
  })

  test('is left alone by reading the same again, and counted as unchanged', async () => {
    await load({ number_dialed_by_user: maple, message_direction: undefined })
    const before = await database.rows('select xmin::text, ctid::text, xmax::text from reelhouse.call_recordings')
    const later = await runOf(session, 'one')
    expect(await load({ number_dialed_by_user: undefined, message_direction: undefined }, today, later)).toMatchObject({
      unchanged: 1,
      updated: 0,
    })
    expect(await database.rows('select xmin::text, ctid::text, xmax::text from reelhouse.call_recordings')).toEqual(
      before,
    )
  })

  test("becomes that of today's map when it is loaded again by force, and is counted as updated", async () => {
    await load({ number_dialed_by_user: maple, message_direction: undefined })
    const forced = await runOf(session, 'one', { authoritative: true })
    const counts = await load(
      { number_dialed_by_user: maple, message_direction: undefined },
      mapOf([[maple, 'P9']]),
      forced,
    )
    expect(counts).toMatchObject({ updated: 1, unchanged: 0 })
    expect(await stored()).toMatchObject({ portfolio_id: 'P9' })
  })
})
