import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { folderDelivery } from '../../../src/delivery/folder-delivery.ts'
import { type Step, unobserved } from '../../../src/domain/step.ts'
import { openExportLedger } from '../../../src/load/export-ledger.ts'
import { type ExportOutcome, exportRows } from '../../../src/pipeline/export-rows.ts'
import { until } from '../../support/blocked.ts'
import { createWorkplace, type Workplace } from '../../support/cli.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { exportSettings, filesIn } from '../../support/export-case.ts'
import { loadRows, runOf } from '../../support/loading.ts'
import { row } from '../../support/rows.ts'
import { tallyEach } from '../tally-each.ts'
import { killPoints } from './kill-points.ts'

tallyEach('SIGKILL at a step: export')

const config = `
export:
  folder: ../out
  company_name: Maple
  company_id: "1"
  type_subtype: calls
  require: []
  settling_delay: 1s
  rows_per_file: 3
`

interface Place {
  readonly database: TestDatabase
  readonly workplace: Workplace
  readonly folder: string
}

let place: Place

const load = async (database: TestDatabase, rows: Parameters<typeof loadRows>[2]): Promise<void> => {
  const session = await database.session()
  await loadRows(session, await runOf(session, 'calls'), rows)
  await database.rows("update reelhouse.call_recordings set last_changed_at = last_changed_at - interval '1 minute'")
}

/** Ten rows, of which two were sent before and changed since, and one that is withheld: four files. */
const createPlace = async (): Promise<Place> => {
  const database = await createTestDatabase()
  const workplace = await createWorkplace(database.url)
  await workplace.write('config/reelhouse.yaml', config)
  await load(database, [row({ message_id: 'rec-0' }), row({ message_id: 'rec-1' })])
  const folder = join(workplace.folder, 'out')
  await exportHere(database, folder)
  await load(database, [
    ...Array.from({ length: 10 }, (_, n) =>
      row({ message_id: `rec-${n}`, message_text: `said ${n}`, source_version: 2, created_at: n * 1_000_000 }),
    ),
    row({ message_id: 'waiting', recording_status: 'processing' }),
  ])
  return { database, workplace, folder }
}

/** The same export in this process. */
const exportHere = async (database: TestDatabase, folder: string): Promise<ExportOutcome> =>
  exportRows(
    {
      ledger: openExportLedger(await database.session(), '00000000-0000-4000-8000-000000000001'),
      delivery: folderDelivery(folder),
      settings: { ...exportSettings, rowsPerFile: 3, settlingDelayMs: 1000 },
      reached: unobserved,
      reporter: { info: () => undefined, warn: () => undefined },
      signal: new AbortController().signal,
    },
    { kind: 'changes' },
    false,
  )

const removePlace = (): Promise<void> => place.database.drop().finally(() => place.workplace.remove())

/** What is sent, wherever: every row with its digest, and each file with what stands in it. */
const sentBy = async ({ database, folder }: Place) => ({
  ledger: await database.rows(
    "select message_id, encode(row_hash, 'hex') as hash, export_id from reelhouse.exported_rows order by message_id",
  ),
  exports: await database.rows('select export_id, state, rows from reelhouse.exports order by export_id'),
  files: (await filesIn(folder)).map(({ name, rows }) => ({
    export: /_(\d+)\.csv$/.exec(name)?.[1],
    rows: rows.map(({ message_id, message_text }) => `${message_id}: ${message_text}`),
    digest: createHash('sha256').update(JSON.stringify(rows)).digest('hex'),
  })),
  drafts: await readdir(join(folder, '.drafts')),
})

let undisturbed: Awaited<ReturnType<typeof sentBy>>
beforeAll(async () => {
  place = await createPlace()
  expect((await place.workplace.reelhouse(['export'])).code).toBe(0)
  undisturbed = await sentBy(place)
  await removePlace()
})

const kill = async (step: Step, nth: number, args: readonly string[] = []): Promise<void> => {
  const { signal } = await place.workplace.reelhouse(['export', ...args], { REELHOUSE_FAULT: `kill@${step}#${nth}` })
  expect(signal).toBe('SIGKILL')
}

/** The next export leaves what an undisturbed one leaves, and the one after it has nothing to send. */
const expectRecovery = async (): Promise<void> => {
  expect(await place.workplace.reelhouse(['export'])).toMatchObject({ code: 0 })
  const { files, ...sent } = await sentBy(place)
  const more = files.length - undisturbed.files.length
  expect(files.slice(0, undisturbed.files.length)).toEqual(undisturbed.files)
  // Killed after its last file was noted, an export had sent everything: the next one has its file without rows.
  expect(files.slice(undisturbed.files.length).map(({ rows }) => rows)).toEqual(more === 0 ? [] : [[]])
  expect(sent.ledger).toEqual(undisturbed.ledger)
  expect(sent.drafts).toEqual([])
  expect(await exportHere(place.database, place.folder)).toMatchObject({
    files: [{ rows: 0, resumed: false }],
    withheld: { processing: 1 },
  })
}

test('undisturbed, an export writes four files, and every row into one of them', () => {
  expect(undisturbed.files.map(({ rows }) => rows.length)).toEqual([2, 3, 3, 3, 1])
  expect(undisturbed.files.slice(1).flatMap(({ rows }) => rows)).toEqual(
    Array.from({ length: 10 }, (_, n) => `rec-${n}: said ${n}`),
  )
  expect(undisturbed.drafts).toEqual([])
})

describe('an export that is killed', () => {
  afterEach(removePlace)

  test.each(killPoints('export'))(
    'at %s the %i. time ends with the same sent rows in the same files',
    async (step, nth) => {
      place = await createPlace()
      await kill(step, nth)
      await expectRecovery()
    },
  )

  test.each([
    ['export-begun', 'export-claimed'],
    ['export-claimed', 'export-written'],
    ['export-published', 'export-begun'],
  ] as const)('at %s, and whose successor is killed at %s, too', async (first, second) => {
    place = await createPlace()
    await kill(first, 2)
    await kill(second, 1)
    await expectRecovery()
  })

  test.each(['export-claimed', 'export-recorded'] as const)(
    'in a full delivery at %s goes on with it: each row once more, in one file',
    async (step) => {
      place = await createPlace()
      expect((await place.workplace.reelhouse(['export'])).code).toBe(0)
      await kill(step, 2, ['--full'])
      expect((await place.workplace.reelhouse(['export', '--full'])).code).toBe(0)
      const again = (await filesIn(place.folder)).slice(undisturbed.files.length)
      expect(again.map(({ rows }) => rows.length)).toEqual([3, 3, 3, 1])
      expect(again.flatMap(({ rows }) => rows.map(({ message_id }) => message_id))).toEqual(
        Array.from({ length: 10 }, (_, n) => `rec-${n}`),
      )
    },
  )
})

test('an export that fails at a step exits 1, and the next one completes it', async () => {
  place = await createPlace()
  const failed = await place.workplace.reelhouse(['export'], { REELHOUSE_FAULT: 'fail@export-claimed#2' })
  expect(failed.code).toBe(1)
  await expectRecovery()
  await removePlace()
})

test('an export that is terminated ends after its file, and the next one sends the rest', async () => {
  place = await createPlace()
  await place.database.rows(
    `create function reelhouse.wait() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return new; end $$;
     create trigger slow before update of state on reelhouse.exports for each row when (new.state = 'delivering')
       execute function reelhouse.wait()`,
  )
  const stopped = place.workplace.start(['export'])

  await until('it notes a file', async () => {
    const waiting = await place.database.rows(
      "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
    )
    return waiting.length > 0
  })
  const second = await place.workplace.reelhouse(['export'])
  expect(second.code).toBe(75)
  expect(second.stderr).toContain('another export is running; nothing was done')
  stopped.kill('SIGTERM')
  expect((await stopped.ended).code).toBe(143)
  await place.database.rows('drop trigger slow on reelhouse.exports; drop function reelhouse.wait()')
  await expectRecovery()
  await removePlace()
})
