import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Step } from '../../src/domain/step.ts'
import { syncWindows } from '../../src/pipeline/sync-windows.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { daily, everyRun, type HeldRecord, heldSource, hour, minute, start } from '../support/window-stream.ts'
import { readingOf, syncOf, type WindowsStated, withWindowLoader } from '../support/window-syncing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const at = (minutes: number): number => start + minutes * minute

const before: readonly HeldRecord[] = [
  ...Array.from({ length: 12 }, (_, n) => ({ id: `rec-${n}`, at: at(100 + n * 40) })),
  { id: 'young', at: at(300), waits: { for: 'pending', until: at(9000) } },
  { id: 'ripe', at: at(310), waits: { for: 'pending', until: at(9000) } },
  { id: 'open', at: at(320), waits: { for: 'follow-up', until: at(9000) } },
  { id: 'bad', at: at(330), becomes: { reject: 'missing-time' } },
  { id: null, at: at(340) },
]

/** What the second sync finds: new, changed, deleted and ripe records, in windows that must be halved. */
const after: readonly HeldRecord[] = [
  ...before.filter(({ id }) => id !== 'rec-1' && id !== 'ripe' && id !== 'bad'),
  { id: 'rec-1', at: at(140), name: 'changed' },
  { id: 'ripe', at: at(310) },
  { id: 'bad', at: at(330) },
  ...Array.from({ length: 7 }, (_, n) => ({ id: `new-${n}`, at: at(590 + n * 60), bare: n % 2 === 0 })),
].filter(({ id }) => id !== 'rec-2')

const stream = { rereads: [everyRun, daily] }

/** A connection that was synced ten hours ago; its source has changed since. */
const changed = async (connection: string) => {
  const source = heldSource(before)
  expect(await syncOf(database, { connection, source, stream })).toMatchObject({ state: 'succeeded' })
  source.records = [...after]
  source.clock.now += 10 * hour
  source.cap = 6
  return source
}

const tables = {
  call_recordings: "- array['run_id', 'first_loaded_at', 'last_changed_at', 'source_ordinal']",
  source_records: "- array['run_id', 'read_at', 'ordinal']",
  rejected_records: "- array['run_id', 'first_seen_at', 'last_changed_at', 'ordinal', 'resolved_at']",
  follow_ups: "- array['run_id', 'created_at']",
  coverage: "- array['updated_at']",
}

/** Everything that must be the same whatever happened on the way. */
const state = async (connection: string): Promise<readonly unknown[]> => {
  const read: unknown[] = []
  for (const [table, without] of Object.entries(tables)) {
    const rows = await database.rows(
      `select to_jsonb(t) - 'connection_key' ${without} as row
       from reelhouse.${table} t join reelhouse.connections c using (connection_key)
       where c.connection_id = $1 order by 1`,
      [connection],
    )
    read.push({ table, rows })
  }
  return read
}

const dyingAt = (wanted: Step, nth: number) => {
  let left = nth
  return (step: Step) => {
    if (step !== wanted) return
    left -= 1
    if (left === 0) throw new Error('killed')
  }
}

let uninterrupted: readonly unknown[]
beforeAll(async () => {
  const source = await changed('uninterrupted')
  expect(await syncOf(database, { connection: 'uninterrupted', source, stream })).toMatchObject({
    state: 'succeeded',
    counts: { tallies: { deleted: 1 } },
  })
  uninterrupted = await state('uninterrupted')
})

const deaths: readonly (readonly [Step, number])[] = [
  ['run-started', 1],
  ['follow-ups-read', 1],
  ['window-begun', 1],
  ['window-begun', 3],
  ['batch-begun', 1],
  ['batch-staged', 2],
  ['batch-upserted', 4],
  ['batch-before-commit', 1],
  ['batch-before-commit', 6],
  ['batch-committed', 1],
  ['batch-committed', 3],
  ['batch-committed', 7],
  ['window-read', 1],
  ['window-read', 4],
  ['window-completed', 1],
  ['window-completed', 3],
  ['run-before-finish', 1],
]

/** A dead process says nothing more: neither that its window failed nor that its run did. */
const dyingSync = (
  stated: Pick<WindowsStated, 'connection' | 'source' | 'stream'>,
  [step, nth]: readonly [Step, number],
): Promise<unknown> => {
  const reached = dyingAt(step, nth)
  return withWindowLoader(database, { connection: stated.connection, command: 'sync', reached }, (loader) =>
    syncWindows({
      ...readingOf({ ...stated, reached }),
      loader: {
        ...loader,
        failWindow: async () => undefined,
        finishRun: async (run, ...end) => {
          if (step === 'run-before-finish') await loader.finishRun(run, ...end)
        },
      },
    }),
  )
}

test.each(deaths)('a sync that dies at %s, time %i, is completed by the next one', async (step, nth) => {
  const connection = `${step}-${nth}`
  const source = await changed(connection)
  await expect(dyingSync({ connection, source, stream }, [step, nth])).rejects.toThrow('killed')
  expect(await syncOf(database, { connection, source, stream })).toMatchObject({ state: 'succeeded' })
  expect(await state(connection)).toEqual(uninterrupted)
  expect(
    await database.rows(
      `select r.state, count(*)::integer from reelhouse.runs r join reelhouse.connections c using (connection_key)
       where c.connection_id = $1 group by 1 order by 1`,
      [connection],
    ),
  ).toEqual([
    { state: 'abandoned', count: 1 },
    { state: 'succeeded', count: 2 },
  ])
})

/** One that is a window by itself, and so less than a batch; two windows of several batches. */
const once: readonly HeldRecord[] = [
  { id: 'rec-0', at: at(100) },
  ...Array.from({ length: 8 }, (_, n) => ({ id: `rec-${n + 1}`, at: at(350 + n * 30) })),
]

test.each([
  'window-begun',
  'batch-begun',
  'batch-staged',
  'batch-upserted',
  'batch-before-commit',
  'batch-committed',
  'window-read',
  'window-completed',
] as const)('where no re-read looks again, a first sync that dies at any %s is completed, too', async (step) => {
  let deaths = 0
  for (let nth = 1; ; nth += 1) {
    const source = heldSource(once, { cap: 5 })
    const sync = { connection: `once-${step}-${nth}`, source, stream: { rereads: [] } }
    const died = await dyingSync(sync, [step, nth]).then(
      () => false,
      () => true,
    )
    if (!died) break
    deaths += 1
    source.clock.now += hour
    expect(await syncOf(database, sync)).toMatchObject({ state: 'succeeded' })
    const stored = await database.rows<{ message_id: string }>(
      `select message_id from reelhouse.call_recordings join reelhouse.connections c using (connection_key)
       where c.connection_id = $1 order by 1`,
      [sync.connection],
    )
    expect(stored.map(({ message_id }) => message_id)).toEqual(once.map(({ id }) => id))
  }
  expect(deaths).toBeGreaterThan(1)
})
