import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkplace, type Workplace } from '../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
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
const volatile = ['run_id', 'started_at', 'fresh_as_of', 'age_in_sec', 'first_seen_at', 'found']

const steady = (document: unknown): unknown =>
  JSON.parse(JSON.stringify(document, (key, value) => (volatile.includes(key) ? typeof value : value)))

/** The example under the heading of a command. */
const documentedJson = async (heading: string): Promise<unknown> => {
  const { text } = await readPage('docs/operator.md')
  const [, section = ''] = text.split(`\n### \`${heading}\`\n`)
  return JSON.parse(codeBlocks(section)[0]?.text ?? '')
}

test('the JSON documents of docs/operator.md are what the commands print', async () => {
  await workplace.write('config/reelhouse.yaml', configuration)
  await workplace.write('config/dumps/calls.csv', dump)
  for (const command of ['sync', 'status', 'rejects', 'check', 'migrate', 'prune']) {
    const { code, stdout, stderr } = await workplace.reelhouse([command, '--json'])
    expect(code, stderr).toBe(0)
    expect(steady(JSON.parse(stdout)), command).toEqual(steady(await documentedJson(`${command} --json`)))
  }
})
