import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import { prepareStaging, stageRows } from '../../src/load/staging.ts'
import { cleanText } from '../../src/transform/text.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { encodedRows } from '../support/encoded-rows.ts'
import { loadRows, runOf } from '../support/loading.ts'
import { row } from '../support/rows.ts'

let database: TestDatabase
let session: Session
beforeAll(async () => {
  database = await createTestDatabase()
  session = await database.session()
  await prepareStaging(session)
})
afterAll(() => database.drop())

const staged = async (rows: readonly PlacedRow[], columns: string) => {
  await session.client.query('begin')
  await stageRows(session, encodedRows(rows, { fileVersion: null, redact: (text) => text }))
  const found = await session.client.query(`select ${columns} from stage_call_recordings order by source_ordinal`)
  await session.client.query('rollback')
  return found.rows
}

const tokens = [
  '\\N',
  '\\.',
  '\\',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\ud800',
  '\udc00',
  '\u{1f600}',
  '',
  ' ',
  '"',
  "'",
  ',',
  '\x7f',
  '\b',
  '\v',
  '\ufeff',
  '\ufffd',
  '\u2028',
]
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.array(fc.constantFrom(...tokens, 'a', '0', 'N')).map((parts) => parts.join('')),
)

test('any text arrives as it is, but for U+0000 and lone surrogates, which become U+FFFD', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(anyText, anyText, anyText), { minLength: 1, maxLength: 20 }), async (texts) => {
      const rows = texts.map(([message_text, first_name, message_id], source_ordinal) =>
        row({ message_text, first_name, message_id, source_ordinal }),
      )
      const expected = texts.map(([message_text, first_name, message_id]) => ({
        message_text: cleanText(message_text).text,
        first_name: cleanText(first_name).text,
        message_id: cleanText(message_id).text,
        record_id: cleanText(message_id).text,
      }))
      expect(await staged(rows, 'message_text, first_name, message_id, record_id')).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

test('what COPY would take for null, the end of the data or the end of a line is text', async () => {
  const texts = ['\\N', '\\.', '\n\\.\n', '', '\\', '\\\\N', 'a\tb', 'a\r\nb', '\\\n', '\\x41', '\\101']
  const found = await staged(
    texts.map((message_text, source_ordinal) => row({ message_text, source_ordinal })),
    'message_text',
  )
  expect(found.map(({ message_text }) => message_text)).toEqual(texts)
  expect(await staged([row({ message_text: null, first_name: undefined })], 'message_text, first_name')).toEqual([
    { message_text: null, first_name: null },
  ])
})

test('a transcript of 10 MB arrives whole', async () => {
  const message_text = `${'Grüße,\t\\ 😀 \n'.repeat(900_000)}end`
  expect(message_text.length).toBeGreaterThan(10_000_000)
  const [found] = await staged([row({ message_text }), row({ source_ordinal: 2 })], 'message_text')
  expect(found.message_text === message_text).toBe(true)
})

test('any map keys and values arrive, however hostile', async () => {
  const anyKeys = fc.array(
    fc.tuple(fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', 'toString', '')), anyText),
  )
  await fc.assert(
    fc.asyncProperty(anyKeys, async (entries) => {
      const map_keys = Object.fromEntries(entries)
      const expected = Object.fromEntries(
        Object.entries(map_keys).map(([key, value]) => [cleanText(key).text, cleanText(value).text]),
      )
      const [found] = await staged([row({ map_keys })], 'map_keys::text as json')
      expect(found.json === null ? {} : JSON.parse(found.json)).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

test('hostile map keys are merged one by one with what is stored', async () => {
  const run = await runOf(session, 'hostile-keys')
  const keys = (...entries: readonly (readonly [string, string | null | undefined])[]) => Object.fromEntries(entries)
  await loadRows(session, run, [row({ map_keys: keys(['__proto__', 'a"b'], ['x\0y', '\ud800'], ['', '\\']) })])
  await loadRows(session, run, [
    row({ source_ordinal: 2, map_keys: keys(['__proto__', undefined], ['x\0y', undefined], ['', null], ["'", 'new']) }),
  ])
  const [found] = await database.rows<{ json: string }>(
    'select map_keys::text as json from reelhouse.call_recordings where connection_key = $1',
    [run.connectionKey],
  )
  expect(Object.entries(JSON.parse(found?.json ?? '{}')).sort()).toEqual([
    ["'", 'new'],
    ['__proto__', 'a"b'],
    ['x\ufffdy', '\ufffd'],
  ])
})

test('instants keep their microseconds, and integers their last digit', async () => {
  const stated = row({
    created_at: Date.UTC(2026, 2, 29, 1, 30) * 1000 + 123_457,
    recording_expires_at: -1,
    deleted_at: 7_258_118_400_000_000,
    source_version: Number.MAX_SAFE_INTEGER,
    source_ordinal: Number.MIN_SAFE_INTEGER,
  })
  expect(
    await staged([stated], 'created_at, recording_expires_at, deleted_at, source_version::text, source_ordinal::text'),
  ).toEqual([
    {
      created_at: '2026-03-29 01:30:00.123457+00',
      recording_expires_at: '1969-12-31 23:59:59.999999+00',
      deleted_at: '2200-01-01 00:00:00+00',
      source_version: '9007199254740991',
      source_ordinal: '-9007199254740991',
    },
  ])
})
