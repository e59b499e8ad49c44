import { expect, test } from 'vitest'
import { createCliCase } from '../support/cli-case.ts'

const dump = (n: number) => `conversation_id,message_id,created_at\ncall-${n},recording-${n},2026-03-0${n}T10:00:00Z\n`

const connection = (n: number) => `  - id: desk-${n}
    source: files
    paths: [../dumps/${n}.csv]
    shape: travtus
`

test('a session serves one connection after the other, also when one of them failed', async () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
  const place = await createCliCase({
    config: `reading: { connections_at_a_time: 2 }\nconnections:\n${numbers.map(connection).join('')}`,
    files: Object.fromEntries(
      numbers.map((n) => [`dumps/${n}.csv`, n === 3 ? 'no,header,of,ours\n1,2,3,4\n' : dump(n)]),
    ),
  })
  const sessions = async () => {
    const [row] = await place.rows(
      `select sessions::integer as sessions from pg_stat_database where datname = current_database()`,
    )
    return Number(row?.sessions)
  }
  const before = await sessions()
  const { document } = await place.json(['sync'])
  expect(Object(document).connections).toMatchObject(
    numbers.map((n) => ({ connection: `desk-${n}`, state: n === 3 ? 'failed' : 'succeeded' })),
  )
  // Two that load, and the one that holds the locks; the test asks on one of its own.
  expect((await sessions()) - before).toBeLessThanOrEqual(4)
})
