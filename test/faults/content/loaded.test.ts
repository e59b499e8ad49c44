import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunCommand } from '../../../src/domain/run.ts'
import { syncFiles } from '../../../src/pipeline/sync-files.ts'
import { syncWindows } from '../../../src/pipeline/sync-windows.ts'
import { filesSettings } from '../../../src/sources/files/settings.ts'
import { openFiles } from '../../../src/sources/files/source.ts'
import { formatInstant } from '../../../src/transform/instant.ts'
import { hour } from '../../sources/opened-source.ts'
import { now, openAccount } from '../../sources/telnyx/open-account.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { openLoader } from '../../support/loading.ts'
import { placedAsIs } from '../../support/rows.ts'
import { timeoutOf } from '../budget.ts'
import { checkSchedules } from '../check-schedules.ts'
import { hostileText } from './hostile.ts'

const share = 0.02

let database: TestDatabase
let root: string
beforeAll(async () => {
  database = await createTestDatabase()
  root = await mkdtemp(join(tmpdir(), 'reelhouse-hostile-'))
  await chmod(root, 0o755)
})
afterAll(async () => {
  await database.drop()
  await rm(root, { recursive: true, force: true })
})

const placeholders = new Set([
  'NULL',
  'null',
  'N/A',
  'n/a',
  'NA',
  'na',
  '-',
  'none',
  'NONE',
  'None',
  'NaN',
  'nan',
  '\\N',
  '#N/A',
])

/** What docs/files.md says becomes of a text: trimmed, blank and placeholder are null, what Postgres cannot hold is U+FFFD. */
const documented = (text: string): string | null => {
  const trimmed = text.trim()
  if (trimmed === '' || placeholders.has(trimmed)) return null
  return [...trimmed]
    .map((character) => (character === '\0' || /^[\ud800-\udfff]$/.test(character) ? '\ufffd' : character))
    .join('')
}

const reporter = { info: () => {}, warn: () => {}, progress: () => {}, windowProgress: () => {} }
const context = { signal: new AbortController().signal }
const reached = () => undefined
const command: RunCommand = 'sync'

/** Loads a dump of hostile texts between two plain ones; what is stored of it, by number. */
const load = async (name: string, content: string): Promise<ReadonlyMap<string, object>> => {
  const folder = await mkdtemp(join(root, 'dump-'))
  await writeFile(join(folder, name), content)
  const connection = folder.slice(root.length + 1)
  const text = ['message_text', 'first_name', 'sender_ext_ref', 'email_address'].map((field) => [field, field])
  const stream = openFiles(
    filesSettings.parse({
      paths: ['*'],
      encoding: 'utf-8',
      columns: { message_id: 'id', created_at: 'at', ...Object.fromEntries(text) },
    }),
    folder,
  )
  const { loader, die } = await openLoader(database, connection, {
    command,
    redact: (text) => text,
  })
  const outcome = await syncFiles({
    connectionId: connection,
    stream,
    loader,
    recordsKept: 'payloads',
    place: placedAsIs,
    reporter,
    context,
    reached,
    force: false,
  })
  await die()
  expect(outcome, JSON.stringify(outcome.failures.map(String))).toMatchObject({ state: 'succeeded', loaded: 1 })
  const rows = await database.rows<{ message_id: string }>(
    `select message_id, message_text, first_name, sender_ext_ref, email_address
     from reelhouse.call_recordings join reelhouse.connections c using (connection_key) where c.connection_id = $1`,
    [connection],
  )
  return new Map(rows.map(({ message_id, ...rest }) => [message_id, rest]))
}

const person = fc.record({
  message_text: hostileText,
  first_name: hostileText,
  sender_ext_ref: hostileText,
  email_address: hostileText,
})
const people = fc.array(person, { minLength: 1, maxLength: 8 })

const expected = (person: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(person).map(([field, text]) => [field, documented(text)]))

test('what a JSON dump says stands in the table, but for what Postgres cannot hold', {
  timeout: timeoutOf(share),
}, async () => {
  await checkSchedules({ fault: 'hostile content: JSON dumps', slice: 25, share }, people, async (all) => {
    const lines = all.map((one, n) => JSON.stringify({ id: `r-${n}`, at: '2026-03-01T00:00:00Z', ...one }))
    const stored = await load('dump.jsonl', `${lines.join('\n')}\n`)
    all.forEach((one, n) => {
      expect(stored.get(`r-${n}`)).toEqual(expected(one))
    })
  })
})

/** A file of text: no lone surrogate can be in it, and a file that begins with U+0000s is refused as binary. */
const written = (text: string): string => `"${text.toWellFormed().replaceAll('\0', '').replaceAll('"', '""')}"`

test('what a CSV dump says stands in the table', { timeout: timeoutOf(share) }, async () => {
  await checkSchedules({ fault: 'hostile content: CSV dumps', slice: 25, share }, people, async (all) => {
    const lines = all.map((one, n) => [`r-${n}`, '2026-03-01T00:00:00Z', ...Object.values(one).map(written)].join(','))
    const stored = await load('dump.csv', `id,at,${Object.keys(all[0] ?? {}).join(',')}\n${lines.join('\n')}\n`)
    all.forEach((one, n) => {
      const clean = Object.entries(one).map(([field, text]) => [field, text.toWellFormed().replaceAll('\0', '')])
      expect(stored.get(`r-${n}`)).toEqual(expected(Object.fromEntries(clean)))
    })
  })
})

test('transcripts of 10 MB are loaded one after the other', { timeout: 240_000 }, async () => {
  const long = `${'\u202eword \0 '.repeat(1_250_000)}end`
  const lines = [1, 2].map((n) =>
    JSON.stringify({ id: `long-${n}`, at: '2026-03-01T00:00:00Z', message_text: `${n} ${long}` }),
  )
  const stored = await load('long.jsonl', `${lines.join('\n')}\n`)
  for (const n of [1, 2]) {
    expect(Object(stored.get(`long-${n}`)).message_text === `${n} ${long.replaceAll('\0', '\ufffd')}`).toBe(true)
  }
})

/** The texts that are stored when the account was read, by recording. */
const syncTelnyx = async (
  { stream, context, simulator }: Awaited<ReturnType<typeof openAccount>>,
  connection: string,
): Promise<ReadonlyMap<string, string | null>> => {
  const { loader, die } = await openLoader(database, connection, { redact: (text) => text })
  const outcome = await syncWindows({
    connectionId: connection,
    stream,
    loader,
    recordsKept: 'payloads',
    place: placedAsIs,
    reporter,
    context,
    reached,
    force: false,
    acceptAccount: true,
    accountFingerprint: undefined,
    batchRows: undefined,
    now: () => now,
  })
  await die()
  await simulator.close()
  expect(outcome, JSON.stringify(outcome.failures.map(String))).toMatchObject({ state: 'succeeded' })
  const rows = await database.rows<{ message_id: string; message_text: string | null }>(
    `select message_id, message_text from reelhouse.call_recordings join reelhouse.connections c using (connection_key)
     where c.connection_id = $1`,
    [connection],
  )
  return new Map(rows.map((row) => [row.message_id, row.message_text]))
}

test('transcriptions of 10 MB are read from an API, one after the other', { timeout: 240_000 }, async () => {
  const account = await openAccount({ settings: { start: '2026-07-14' } })
  const long = `${'\u202eword \0 '.repeat(1_250_000)}end`
  const ids = [1, 2].map((n) => {
    const id = account.simulator.account.add({ created_at: formatInstant(now - hour - n * 1_000_000) })
    account.simulator.account.transcribe(id, { transcription_text: `${n} ${long}` })
    return id
  })
  const stored = await syncTelnyx(account, 'telnyx-long')
  for (const [n, id] of ids.entries()) {
    expect(stored.get(id) === `${n + 1} ${long.replaceAll('\0', '\ufffd')}`).toBe(true)
  }
})

test('what a transcription of Telnyx says stands in the table', { timeout: timeoutOf(share) }, async () => {
  let tried = 0
  await checkSchedules(
    { fault: 'hostile content: Telnyx end to end', slice: 4, share },
    fc.array(hostileText, { minLength: 1, maxLength: 5 }),
    async (texts) => {
      tried += 1
      const account = await openAccount({ settings: { start: '2026-07-14' } })
      const ids = texts.map((text, n) => {
        const id = account.simulator.account.add({ created_at: formatInstant(now - hour - n * 1_000_000) })
        account.simulator.account.transcribe(id, { transcription_text: text })
        return id
      })
      const stored = await syncTelnyx(account, `telnyx-${tried}`)
      ids.forEach((id, n) => {
        const text = texts[n] ?? ''
        const clean = [...text.trim()].map((c) => (c === '\0' || /^[\ud800-\udfff]$/.test(c) ? '\ufffd' : c)).join('')
        expect(stored.get(id), JSON.stringify(text)).toBe(clean === '' ? null : clean)
      })
    },
  )
})

/** All instants whose clock in the zone shows this: tried one by one, by another program's tables. */
const shownAt = (local: string, zone: string): readonly number[] => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const near = Date.parse(`${local.replace(' ', 'T')}Z`)
  return Array.from({ length: 57 }, (_, n) => near + (n - 28) * 1_800_000).filter((at) => format.format(at) === local)
}

const changes: readonly (readonly [zone: string, day: string])[] = [
  ['America/Chicago', '2026-03-08'],
  ['America/Chicago', '2026-11-01'],
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
]

const localTime = fc.record({
  change: fc.constantFrom(...changes),
  minutes: fc.integer({ min: 0, max: 6 * 60 }),
})

test('where clocks go forward a time is rejected, where they go back it is the earlier one', {
  timeout: timeoutOf(share),
}, async () => {
  let tried = 0
  await checkSchedules(
    { fault: 'DST both ways', slice: 10, share },
    fc.array(localTime, { minLength: 3, maxLength: 20 }),
    async (times) => {
      tried += 1
      const folder = await mkdtemp(join(root, 'dst-'))
      const connection = `dst-${tried}`
      const zone = times[0]?.change[0] ?? 'UTC'
      const locals = times
        .filter(({ change }) => change[0] === zone)
        .map(
          ({ change: [, day], minutes }) =>
            `${day} ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`,
        )
      await writeFile(join(folder, 'dump.csv'), `id,at\n${locals.map((local, n) => `r-${n},${local}`).join('\n')}\n`)
      const stream = openFiles(
        filesSettings.parse({ paths: ['*'], zone, columns: { message_id: 'id', created_at: 'at' } }),
        folder,
      )
      const { loader, die } = await openLoader(database, connection, {})
      const { counts } = await syncFiles({
        connectionId: connection,
        stream,
        loader,
        recordsKept: 'none',
        place: placedAsIs,
        reporter,
        context,
        reached,
        force: false,
      })
      await die()
      const rows = await database.rows<{ message_id: string; at: number }>(
        `select message_id, (extract(epoch from created_at) * 1000)::bigint as at
       from reelhouse.call_recordings join reelhouse.connections c using (connection_key) where c.connection_id = $1`,
        [connection],
      )
      const stored = new Map(rows.map(({ message_id, at }) => [message_id, at]))
      const shown = locals.map((local) => shownAt(local, zone))
      shown.forEach((instants, n) => {
        expect(stored.get(`r-${n}`), `${locals[n]} in ${zone}`).toBe(instants[0])
      })
      expect(counts.read.rejected).toBe(shown.filter((instants) => instants.length === 0).length)
      expect(counts.tallies['time-in-dst-overlap'] ?? 0).toBe(shown.filter((instants) => instants.length === 2).length)
    },
  )
})
