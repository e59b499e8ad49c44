import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ReelhouseError } from '../../../src/domain/errors.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { timeoutOf } from '../budget.ts'
import { checkSchedules } from '../check-schedules.ts'
import { type FailingStatements, failingStatements } from '../failing-statements.ts'
import { asReader, type Content, Directory } from './directory.ts'
import { Exporter } from './exporter.ts'
import { problemsOf, type Stored } from './oracle.ts'
import { type Fault, type Schedule, schedules } from './schedule.ts'
import { type DirectorySync, syncCleanly, syncDirectory } from './sync-directory.ts'

const share = 0.2

let database: TestDatabase
let statements: FailingStatements
let root: string
beforeAll(async () => {
  database = await createTestDatabase()
  statements = await failingStatements(database)
  root = await mkdtemp(join(tmpdir(), 'reelhouse-directories-'))
  await chmod(root, 0o755)
})
afterAll(async () => {
  await database.drop()
  await rm(root, { recursive: true, force: true })
})

const storedOf = async (connection: string): Promise<Stored> => {
  const rows = await database.rows<{ message_id: string; message_text: string }>(
    `select message_id, message_text from reelhouse.call_recordings join reelhouse.connections c using (connection_key)
     where c.connection_id = $1`,
    [connection],
  )
  const rejects = await database.rows<{ reject_key: string }>(
    `select reject_key from reelhouse.rejected_records join reelhouse.connections c using (connection_key)
     where c.connection_id = $1 and resolved_at is null`,
    [connection],
  )
  return {
    rows: new Map(rows.map((row) => [row.message_id, row.message_text])),
    rejects: new Set(rejects.map(({ reject_key }) => reject_key)),
  }
}

/** Every row of the tables of a connection, as it is written; runs and locks apart. */
const versionsOf = (connection: string) =>
  database.rows(
    ['call_recordings', 'source_records', 'rejected_records', 'loaded_files', 'seen_files']
      .map(
        (table) =>
          `select '${table}' as in_table, t.ctid::text, t.xmin::text, t.xmax::text
           from reelhouse.${table} t join reelhouse.connections c using (connection_key) where c.connection_id = $1`,
      )
      .join(' union all ')
      .concat(' order by 1, 2'),
    [connection],
  )

/** What must hold for the bookkeeping when nothing is left to do. */
const bookkeepingOf = async (connection: string) => {
  const [found] = await database.rows(
    `select
       (select count(*)::integer from reelhouse.runs r where r.connection_key = c.connection_key and r.state = 'running') as running,
       (select sum(r.inserted)::integer from reelhouse.runs r where r.connection_key = c.connection_key)
         - (select count(*)::integer from reelhouse.call_recordings t where t.connection_key = c.connection_key) as unaccounted,
       (select count(*)::integer from reelhouse.call_recordings t
        where t.connection_key = c.connection_key and not exists (
          select from reelhouse.source_records s
          where s.connection_key = c.connection_key and s.record_id = t.record_id and s.outcome = 'row')) as unrecorded
     from reelhouse.connections c where c.connection_id = $1`,
    [connection],
  )
  return found
}

/** What the ledger says of every file that is loaded, by the hash of its content. */
const ledgerOf = async (connection: string): Promise<ReadonlyMap<string, object>> => {
  const rows = await database.rows<{ content_hash: string }>(
    `select content_hash, records_total::integer, flattened::integer, rejected::integer
     from reelhouse.loaded_files join reelhouse.connections c using (connection_key)
     where c.connection_id = $1 and state = 'loaded'`,
    [connection],
  )
  return new Map(rows.map(({ content_hash, ...counts }) => [content_hash, counts]))
}

const countsOf = ({ lines }: Content) => {
  const good = lines.filter(({ kind }) => kind === 'good').length
  return { records_total: lines.length, flattened: good, rejected: lines.length - good }
}

/** Hits the sync at the step that the fault names; tells whether the directory was changed meanwhile. */
const hitBy = (fault: Fault, directory: Directory, exporter: Exporter) => {
  let step = -1
  let changed = false
  const reached: DirectorySync['reached'] = async (_, process) => {
    step += 1
    if (fault.hits === 'nothing' || fault.hits === 'postgres' || step !== fault.at) return
    if (fault.hits === 'kill') process.die()
    else if (fault.hits === 'cut') process.cut('load')
    else if (fault.hits === 'cut-second') process.cut('second')
    else if (fault.hits === 'cut-locks') process.cut('locks')
    else if (fault.hits === 'stop') process.stop()
    else if (fault.hits === 'directory') {
      changed = true
      await asWriter(() => exporter.carryOut(fault.operation))
      directory.look()
    }
  }
  return { reached, changed: () => changed }
}

const asWriter = async (work: () => Promise<void>): Promise<void> => {
  const reader = process.geteuid?.() ?? 0
  if (process.getuid?.() === 0) process.seteuid?.(0)
  try {
    await work()
  } finally {
    if (process.getuid?.() === 0) process.seteuid?.(reader)
  }
}

let tried = 0

const run = async ({ stated, rounds }: Schedule): Promise<void> => {
  tried += 1
  const connection = `schedule-${tried}`
  const folder = join(root, connection)
  const directory = new Directory(folder, stated)
  const exporter = new Exporter(directory, stated)
  // Several batches of a short file, and not too many of a long one.
  const isLong = rounds.some(({ operations }) => operations.some((operation) => 'long' in operation && operation.long))
  const sync = { connection, folder, stated, batchRows: isLong ? 250 : 3 }
  const agree = async () => {
    const problems = problemsOf(directory, await storedOf(connection), stated)
    if (problems.length > 0) expect.fail(problems.join('\n'))
  }
  await directory.create()

  for (const { operations, fault } of rounds) {
    for (const operation of operations) await exporter.carryOut(operation)
    directory.look()
    const hit = hitBy(fault, directory, exporter)
    if (fault.hits === 'postgres') await statements.fail(fault.at, fault.times, fault.state)
    const outcome = await asReader(() => syncDirectory(database, { ...sync, reached: hit.reached }))
    await statements.stop()
    const isWhole = outcome !== 'killed' && !(outcome instanceof ReelhouseError) && outcome.state === 'succeeded'
    if (isWhole && !hit.changed()) directory.allLoaded()
    await agree()
  }

  await directory.unblockAll()
  directory.look()
  const clean = await syncCleanly(database, sync)
  const broken = directory.names.filter((name) => directory.contentOf(name)?.broken === true)
  expect(clean.failures.map(({ message }) => message.slice(0, message.indexOf(':'))).sort()).toEqual(broken)
  directory.allLoaded()
  await agree()
  expect(await bookkeepingOf(connection)).toEqual({ running: 0, unaccounted: 0, unrecorded: 0 })
  const ledger = await ledgerOf(connection)
  for (const [hash, counts] of ledger) {
    const content = directory.exposed.get(hash)
    expect(counts, hash).toEqual(content === undefined ? 'a content that never lay there' : countsOf(content))
  }
  for (const name of directory.names) {
    const content = directory.contentOf(name)
    if (content?.broken === false) expect(ledger.has(content.hash), name).toBe(true)
  }

  const before = await versionsOf(connection)
  await syncCleanly(database, sync)
  expect(await versionsOf(connection)).toEqual(before)
  await rm(folder, { recursive: true })
}

test('whatever happens to the dumps, the process and the warehouse: clean syncs end with what the files say', {
  timeout: timeoutOf(share),
}, async () => {
  await checkSchedules({ fault: 'files: schedules of faults', slice: 25, share }, schedules, run)
})
