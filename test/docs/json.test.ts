import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatInstant } from '../../src/transform/instant.ts'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createTelnyxCase, day, hour, minute } from '../support/telnyx-case.ts'
import { codeBlocks } from './markdown.ts'
import { readPage } from './pages.ts'

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
    paths: [dumps/*.csv]
    zone: America/Chicago
    default_country: US
    columns:
      message_id: Call ID
      created_at: Started
      phone_number: From
      number_dialed_by_user: To
      call_duration_in_sec: Length
`

const dump = `Call ID,Started,From,To,Length
c-1,2026-03-02 09:34:09,512-555-7468,512-555-0101,79
c-2,2026-03-02 11:50:22,anonymous,512-555-0101,433
c-3,2026-03-08 02:30:00,512-555-7468,512-555-0101,12
`

/** What differs from run to run. */
const volatile = [
  'run_id',
  'started_at',
  'fresh_as_of',
  'age_in_sec',
  'first_seen_at',
  'found',
  'read_until',
  'covered_from',
  'covered_until',
  'oldest_due',
  'expires_at',
  'url',
  'from',
  'to',
]

const withoutInstants = (value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, '<instant>') : value

const steady = (document: unknown): unknown =>
  JSON.parse(JSON.stringify(document, (key, value) => (volatile.includes(key) ? typeof value : withoutInstants(value))))

/** The example under a heading. */
const documentedJson = async (heading: string): Promise<unknown> => {
  const { text } = await readPage('docs/operator.md')
  const [, section = ''] = text.split(`\n### ${heading}\n`)
  return JSON.parse(codeBlocks(section)[0]?.text ?? '')
}

test('the JSON documents of docs/operator.md are what the commands print', async () => {
  await workplace.write('config/reelhouse.yaml', configuration)
  await workplace.write('config/dumps/calls.csv', dump)
  for (const command of ['sync', 'status', 'rejects', 'check', 'portfolios', 'report', 'migrate', 'prune']) {
    const { code, stdout, stderr } = await workplace.reelhouse([command, '--json'])
    expect(code, stderr).toBe(0)
    expect(steady(JSON.parse(stdout)), command).toEqual(steady(await documentedJson(`\`${command} --json\``)))
  }
})

test('those of a phone platform are, too', async () => {
  const place = await createTelnyxCase({ startDaysAgo: 0.5 })
  const { account } = place.simulator
  const id = account.add({ created_at: formatInstant(place.began - 2 * hour) })
  account.add({ created_at: formatInstant(place.began - hour), status: 'processing' })
  const printed = async (args: readonly string[], heading: string, exit = 0): Promise<void> => {
    const { code, document } = await place.json(args)
    expect({ code, document: steady(document) }, heading).toEqual({
      code: exit,
      document: steady(await documentedJson(heading)),
    })
  }
  await printed(['sync'], '`sync --json` of a phone platform')
  await printed(['status'], '`status --json` of a phone platform')
  const history = ['--from', formatInstant(place.began - 3 * day), '--to', formatInstant(place.began - day)]
  for (const n of [1, 2, 3]) account.add({ created_at: formatInstant(place.began - 2 * day - n * minute) })
  await printed(['backfill', ...history, '--plan'], '`backfill --plan --json`')
  account.add({ id: '11111111-1111-4111-8111-000000000001', created_at: formatInstant(place.began - 150 * minute) })
  const recent = ['--from', formatInstant(place.began - 3 * hour), '--to', formatInstant(place.began - 90 * minute)]
  await printed(['verify', ...recent], '`verify --json`', 1)
  await printed(['resolve', 'front-desk', id], '`resolve --json`')
}, 180_000)
