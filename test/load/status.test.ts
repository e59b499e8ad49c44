import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunCommand } from '../../src/domain/run.ts'
import { takeLock } from '../../src/load/locks.ts'
import { finishRun } from '../../src/load/runs.ts'
import { readStatus } from '../../src/load/status.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { loadRows, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('the living rows of every connection are counted, and those without a portfolio', async () => {
  const session = await database.session()
  const calls = await runOf(session, 'calls')
  await loadRows(session, calls, [
    row({ message_id: 'a', portfolio_id: 'maple' }),
    row({ message_id: 'b', portfolio_id: null }),
    row({ message_id: 'deleted', portfolio_id: null, deleted_at: 0 }),
  ])
  await finishRun(session, calls, 'succeeded', null)
  const chats = await runOf(session, 'chats')
  await loadRows(session, chats, [row({ message_id: 'a', portfolio_id: null })])
  await runOf(session, 'chats', { stream: 'messages' })
  await runOf(session, 'empty')
  expect(await readStatus(session)).toMatchObject([
    { connection: 'calls', stream: 'recordings', rows: 2, unmapped_rows: 1 },
    { connection: 'chats', stream: 'messages', rows: 1, unmapped_rows: 1 },
    { connection: 'chats', stream: 'recordings', rows: 1, unmapped_rows: 1 },
    { connection: 'empty', stream: 'recordings', rows: 0, unmapped_rows: 0 },
  ])
})

test.each<readonly [RunCommand, 'sync' | 'replay', 'sync' | 'replay']>([
  ['sync', 'sync', 'replay'],
  ['replay', 'replay', 'sync'],
  ['remap', 'replay', 'sync'],
])(
  'an unfinished %s is running while the %s lock is held, and abandoned with only the %s lock',
  async (command, own, other) => {
    const session = await database.session()
    const { connectionKey } = await runOf(session, `unfinished-${command}`, { command })
    const stateWith = async (name: 'sync' | 'replay', key: number) => {
      const lock = await takeLock(session, { name, key, patience: 0 })
      const status = await readStatus(session)
      await lock?.release()
      return status.find(({ connection }) => connection === `unfinished-${command}`)?.last_run.state
    }
    expect(await stateWith(own, connectionKey)).toBe('running')
    expect(await stateWith(other, connectionKey)).toBe('abandoned')
    expect(await stateWith(own, connectionKey + 1000)).toBe('abandoned')
  },
)
