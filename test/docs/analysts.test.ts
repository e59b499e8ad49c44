import { afterAll, beforeAll, expect, test } from 'vitest'
import { noReadCounts } from '../../src/domain/counts.ts'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openLoader } from '../support/loading.ts'
import { codeBlocks } from './markdown.ts'
import { readPage, readPages } from './pages.ts'

let database: TestDatabase
let workplace: Workplace
beforeAll(async () => {
  database = await createTestDatabase()
  workplace = await createWorkplace(database.url)
})
afterAll(async () => {
  await workplace.remove()
  await database.drop()
})

const configuration = `
connections:
  - id: front-desk
    source: files
    paths: [calls.csv]
    columns:
      message_id: id
      conversation_id: session
      created_at: at
      message_direction: direction
      phone_number: from
      number_dialed_by_user: to
      call_duration_in_sec: seconds
portfolios:
  rules: [{ attribute: called_number, value: "+15125550199", portfolio_id: 99999999-0000-4000-8000-000000000007 }]
`

const customer = '+15125550123'
const desk = '+15125550199'
const other = '+15125550198'

/** Two calls within an hour in one conversation, one before, one with neither direction nor duration nor a known line, and one that is rejected. */
const dump = (now: number): string =>
  [
    'id,session,at,direction,from,to,seconds',
    ...[
      ['0', 'r', new Date(now - 9_000_000).toISOString(), 'inbound', customer, desk, '30'],
      ['1', 's', new Date(now - 7_200_000).toISOString(), 'inbound', customer, desk, '60'],
      ['2', 's', new Date(now - 6_000_000).toISOString(), 'inbound', customer, desk, '120'],
      ['3', 't', new Date(now - 3_600_000).toISOString(), '', '', other, ''],
      ['4', 't', '2026-03-02 10:00', '', '', desk, ''],
    ].map((cells) => cells.join(',')),
  ].join('\n')

/** An hour of a platform that was read. */
const readHour = async (): Promise<void> => {
  const { loader, die } = await openLoader(database, 'platform')
  const run = await loader.startRun()
  const from = (Date.now() - 7_200_000) * 1000
  const read = { from, to: from + 3_600_000_000 }
  const windowKey = await loader.beginWindow(run, 'created_at', read, 'sync')
  const completion = { axis: 'created_at', read, proof: 'walk', sourceTotal: null, rereads: {}, grows: true } as const
  await loader.completeWindow(run, windowKey, { ...completion, counts: noReadCounts })
  await die()
}

test('every query of docs/analysts.md and docs/analytics.md runs, and finds something', async () => {
  await workplace.write('config/reelhouse.yaml', configuration)
  await workplace.write('config/calls.csv', dump(Date.now()))
  expect(await workplace.reelhouse(['sync'])).toMatchObject({ code: 0 })
  await readHour()
  for (const [page, least] of [
    ['docs/analysts.md', 8],
    ['docs/analytics.md', 10],
  ] as const) {
    const queries = codeBlocks((await readPage(page)).text).filter(({ language }) => language === 'sql')
    expect(queries.length).toBeGreaterThanOrEqual(least)
    for (const query of queries) {
      expect((await database.rows(query.text)).length, query.text).toBeGreaterThan(0)
    }
  }
})

/** The statement is none, or names what is not there. */
const broken = ['42601', '42P01', '42703', '42883']

const statementsOf = (sql: string): readonly string[] =>
  sql
    .replaceAll(/--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

const codeOf = async (statement: string): Promise<string | null> => {
  const { client } = await database.session()
  await client.query('begin')
  try {
    await client.query(statement)
    return null
  } catch (error) {
    return String(Object(error).code)
  } finally {
    await client.query('rollback')
  }
}

test('the SQL of the other pages names what is there', async () => {
  const others = (await readPages()).filter(({ name }) => !['docs/analysts.md', 'docs/analytics.md'].includes(name))
  const sql = others.flatMap(({ text }) => codeBlocks(text).filter(({ language }) => language === 'sql'))
  const statements = sql.flatMap(({ text }) => statementsOf(text))
  expect(statements.length).toBeGreaterThanOrEqual(8)
  for (const statement of statements) expect(broken, statement).not.toContain(await codeOf(statement))
})
