import { afterAll, beforeAll, expect, test } from 'vitest'
import { LockHeldError, TransientError } from '../../src/domain/errors.ts'
import { unobserved } from '../../src/domain/step.ts'
import { openConnectionLoader } from '../../src/load/connection-loader.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { batchOf, recordOf, rejectOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'
import { withLoader } from '../support/syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('rows of a connection that loads into another belong to the other one; its bookkeeping is its own', async () => {
  const loader = await openConnectionLoader({
    session: await database.session(),
    lockSession: await database.session(),
    invocationId: '00000000-0000-4000-8000-000000000001',
    connection: { id: 'dumps', source: 'files' },
    into: { id: 'call-centre', source: 'telnyx' },
    stream: 'recordings',
    command: 'sync',
    authoritative: false,
    reached: unobserved,
    portfolioOf: () => null,
    redact: (text) => text,
    signal: new AbortController().signal,
  })
  const run = await loader.startRun()
  await loader.commitBatch(run, batchOf({ rejects: [rejectOf()] }))
  const rejects = [rejectOf({ rejectKey: 'rec-2' })]
  await loader.commitBatch(
    run,
    batchOf({ rows: [row(), row({ message_id: 'rec-2', source_version: 9 })], records: [recordOf()], rejects }),
  )
  const owners = await database.rows(`
    select c.connection_id, t.of
    from (
      select connection_key, 'row ' || source || ' ' || message_id as of from reelhouse.call_recordings
      union all select connection_key, 'record' from reelhouse.source_records
      union all select connection_key, 'run' from reelhouse.runs
      union all
      select connection_key, 'reject ' || reject_key || case when resolved_at is null then ' open' else ' resolved' end
      from reelhouse.rejected_records
    ) t
    join reelhouse.connections c using (connection_key)
    order by 1, 2`)
  expect(owners).toEqual([
    { connection_id: 'call-centre', of: 'row files rec-1' },
    { connection_id: 'call-centre', of: 'row files rec-2' },
    { connection_id: 'dumps', of: 'record' },
    { connection_id: 'dumps', of: 'reject rec-1 resolved' },
    { connection_id: 'dumps', of: 'reject rec-2 resolved' },
    { connection_id: 'dumps', of: 'run' },
  ])
  expect(loader.committed()).toMatchObject({ read: { listed: 4 }, upsert: { rows: 2, inserted: 2 } })
  await loader.finishRun(run, 'succeeded', null)
})

test('a replay and a re-mapping of one connection exclude each other; a sync goes on beside them', async () => {
  const connection = 'apart'
  await withLoader(database, { connection, command: 'replay' }, async (replay) => {
    await replay.startRun()
    await withLoader(database, { connection, command: 'remap' }, async (remap) => {
      await expect(remap.startRun()).rejects.toThrow(LockHeldError)
    })
    await withLoader(database, { connection, command: 'sync' }, async (sync) => {
      await expect(sync.startRun()).resolves.toMatchObject({ command: 'sync' })
    })
  })
  expect(
    await database.rows(
      'select command, state from reelhouse.runs join reelhouse.connections using (connection_key) where connection_id = $1 order by run_id',
      [connection],
    ),
  ).toEqual([
    { command: 'replay', state: 'running' },
    { command: 'sync', state: 'running' },
  ])
})

test('what runs exclusively keeps others out until it ends, also when it fails', async () => {
  const connection = 'exclusive'
  await withLoader(database, { connection }, (one) =>
    withLoader(database, { connection, command: 'replay' }, async (other) => {
      const journal: string[] = []
      let begin = (): void => undefined
      const begun = new Promise<void>((resolve) => {
        begin = resolve
      })
      const failing = one.exclusively(async () => {
        journal.push('one begins')
        begin()
        await new Promise((resolve) => setTimeout(resolve, 200))
        journal.push('one ends')
        throw new Error('it failed')
      })
      await begun
      const next = other.exclusively(async () => void journal.push('other'))
      await expect(failing).rejects.toThrow('it failed')
      await next
      expect(journal).toEqual(['one begins', 'one ends', 'other'])
    }),
  )
})

test('a lost lock session loses nothing: what it was needed for is a TransientError', async () => {
  await withLoader(database, { connection: 'lock-lost' }, async (loader, lockSession) => {
    const run = await loader.startRun()
    const { rows } = await lockSession.client.query('select pg_backend_pid() as pid')
    await loader.exclusively(async () => {
      await database.rows('select pg_terminate_backend($1)', [rows[0].pid])
      await loader.commitBatch(run, batchOf({ rows: [row()] }))
    })
    await expect(loader.exclusively(async () => undefined)).rejects.toThrow(TransientError)
    await loader.finishRun(run, 'failed', null)
  })
  expect(
    await database.rows(
      'select state, inserted from reelhouse.runs join reelhouse.connections using (connection_key) where connection_id = $1',
      ['lock-lost'],
    ),
  ).toEqual([{ state: 'failed', inserted: 1 }])
})
