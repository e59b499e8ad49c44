import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { Secret } from '../../src/domain/secret.ts'
import { erasePerson } from '../../src/load/forget.ts'
import { type Person, publishRequest } from '../../src/load/forget-requests.ts'
import { createDigestKey } from '../../src/transform/digest-key.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { until } from '../support/blocked.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { privacySecret } from '../support/forget-case.ts'
import { batchOf, followUpOf, openLoader, recordOf, rejectOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let forgetting: Session
beforeAll(async () => {
  database = await createTestDatabase()
  forgetting = await database.session()
})
afterAll(() => database.drop())

const key = createDigestKey(new Secret(privacySecret))
const personOf = (value: string): Person => ({ kind: 'phone', value, connectionKey: null })
const invocation = '00000000-0000-4000-8000-00000000f0f0'

const publish = (person: Person) => publishRequest(forgetting, key, person, invocation)

const forget = async (person: Person, reached: () => Promise<void> = async () => undefined) =>
  erasePerson(forgetting, { key, person, rowsOf: {}, reached }, await publish(person))

const open = (connection: string, reached?: () => Promise<void>) =>
  openLoader(database, connection, { digestKeys: [key], ...(reached === undefined ? {} : { reached }) })

const stored = (connection: string) =>
  database.rows(
    `select message_id from reelhouse.call_recordings t join reelhouse.connections c using (connection_key)
     where connection_id = $1 order by 1`,
    [connection],
  )

const waiting = () =>
  until('a session waits for a lock', async () => {
    const found = await database.rows(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return found.length > 0
  })

test('a batch that is at it when somebody is forgotten is waited for, and what it wrote is erased', async () => {
  const phone = '+15125550111'
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let atIt = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    atIt = resolve
  })
  const { loader } = await openLoader(database, 'at-it', {
    digestKeys: [key],
    reached: async (step) => {
      if (step !== 'batch-before-commit') return
      atIt()
      await held
    },
  })
  const run = await loader.startRun()
  const committing = loader.commitBatch(run, batchOf({ rows: [row({ phone_number: phone })] }))
  await begun
  const erasing = forget(personOf(phone))
  await waiting()
  release()
  expect(await committing).toMatchObject({ flattened: 1, skipped: 0 })
  expect(await erasing).toMatchObject({ rows: 1 })
  expect(await stored('at-it')).toEqual([])
})

test('a batch that was read before somebody was forgotten, and is committed after, leaves them out and counts them', async () => {
  const phone = '+15125550112'
  const { loader } = await open('after')
  const run = await loader.startRun()
  await forget(personOf(phone))
  const read = await loader.commitBatch(
    run,
    batchOf({ rows: [row({ phone_number: phone }), row({ message_id: 'rec-2', source_ordinal: 2 })] }),
  )
  expect(read).toEqual({ listed: 2, flattened: 1, rejected: 0, skipped: 1, pending: 0 })
  expect(loader.committed()).toMatchObject({ read, tallies: { 'skip.forgotten': 1 } })
  expect(await stored('after')).toEqual([{ message_id: 'rec-2' }])
  expect((await loader.knownRecords(['rec-1', 'rec-2'])).get('rec-1')).toMatchObject({ outcome: 'forgotten' })
})

test('a batch that waits while somebody is erased sees what was erased, though it does not name the person', async () => {
  const phone = '+15125550113'
  const { loader } = await open('waits')
  const run = await loader.startRun()
  await loader.commitBatch(run, batchOf({ rows: [row({ phone_number: phone })], records: [recordOf()] }))
  const committing: Promise<unknown>[] = []
  await forget(personOf(phone), async () => {
    // Of the same record, by a source that did not say this time who called.
    const commit = loader.commitBatch(
      run,
      batchOf({ rows: [row({ phone_number: undefined, source_version: 9 })], records: [recordOf({ version: 9 })] }),
    )
    committing.push(commit)
    await Promise.race([commit, waiting()])
  })
  expect(committing).toHaveLength(3)
  await Promise.all(committing)
  expect(await stored('waits')).toEqual([])
  expect(
    await database.rows(
      'select from reelhouse.source_records join reelhouse.connections using (connection_key) where connection_id = $1',
      ['waits'],
    ),
  ).toEqual([])
})

test('what is forgotten a second time, or of one connection only, goes by the latest word for each', async () => {
  const phone = '+15125550114'
  const { loader } = await open('one')
  const { loader: other } = await open('other')
  const [run, otherRun] = [await loader.startRun(), await other.startRun()]
  const connectionKey = run.connectionKey
  await forget({ ...personOf(phone), connectionKey })
  const future = Date.now() * 1000 + 60_000_000
  const of = (message_id: string, created_at = 1) =>
    batchOf({ rows: [row({ message_id, conversation_id: message_id, phone_number: phone, created_at })] })
  await loader.commitBatch(run, of('early'))
  await loader.commitBatch(run, of('late', future))
  await other.commitBatch(otherRun, of('early'))
  expect([await stored('one'), await stored('other')]).toEqual([[{ message_id: 'late' }], [{ message_id: 'early' }]])
  await forget(personOf(phone))
  expect([await stored('one'), await stored('other')]).toEqual([[], []])
  await other.commitBatch(otherRun, of('another'))
  expect(await stored('other')).toEqual([])
})

test('pending records, rejects and follow-ups of a forgotten person are skipped, each counted once', async () => {
  const phone = '+15125550115'
  const { loader } = await open('parts')
  const run = await loader.startRun()
  await forget(personOf(phone))
  const payload = '{"from":"(512) 555-0115","id":"x"}'
  const batch = batchOf({
    rejects: [
      rejectOf({ rejectKey: 'r1', payload }),
      rejectOf({ rejectKey: 'r2', payloadKind: 'text', payload: 'torn;1 512 555 0115;"' }),
      rejectOf({
        rejectKey: 'r3',
        payloadKind: 'base64',
        payload: Buffer.from('+15125550115', 'utf16le').toString('base64'),
      }),
      rejectOf({ rejectKey: 'r4', payload: '{"from":"+15125550116"}' }),
    ],
    records: [recordOf({ recordId: 'p1', outcome: 'pending', reason: 'status-processing', payload, windowAt: 1 })],
    followUps: [followUpOf({ recordId: 'p1' })],
  })
  const pending = { ...batch, read: { ...batch.read, listed: 5, pending: 1 } }
  expect(await loader.commitBatch(run, pending)).toEqual({
    listed: 5,
    flattened: 0,
    rejected: 1,
    skipped: 4,
    pending: 0,
  })
  const left = await database.rows(
    'select reject_key as key from reelhouse.rejected_records where connection_key = $1 union all select record_id from reelhouse.source_records where connection_key = $1 union all select record_id from reelhouse.follow_ups where connection_key = $1',
    [run.connectionKey],
  )
  expect(left).toEqual([{ key: 'r4' }])
})

test('a loader without the secret, or with another, loads nothing once somebody was forgotten', async () => {
  await forget(personOf('+15125550117'))
  await expect(openLoader(database, 'none')).rejects.toThrow(ConfigError)
  const another = createDigestKey(new Secret('another-not-a-real-one-0123456789-0123'))
  await expect(openLoader(database, 'another', { digestKeys: [another] })).rejects.toThrow('privacy.previous_secrets')
  await expect(openLoader(database, 'both', { digestKeys: [another, key] })).resolves.toBeDefined()
})
