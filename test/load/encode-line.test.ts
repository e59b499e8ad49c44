import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CellLines } from '../../src/domain/cell-lines.ts'
import type { MappedColumns, PlacedRow } from '../../src/domain/recording-row.ts'
import { EncodedRows } from '../../src/load/encoded-rows.ts'
import { compileCellRow } from '../../src/sources/files/cell-row.ts'
import type { CsvLayout } from '../../src/sources/files/csv-layout.ts'
import { compileFlatten } from '../../src/sources/files/flatten.ts'
import { readCells } from '../../src/sources/files/read-cells.ts'
import { filesSettings } from '../../src/sources/files/settings.ts'
import { travtusColumns } from '../../src/sources/files/travtus-shape.ts'
import type { PageLines } from '../../src/sources/source.ts'
import { placeRow } from '../../src/transform/place-row.ts'
import type { PortfolioColumns } from '../../src/transform/portfolio-rules.ts'

const settingsOf = (written: object) => filesSettings.parse({ paths: ['a.csv'], ...written })

/** Rules that read all that a map may read. */
const portfolioOf = (row: PortfolioColumns | MappedColumns): string | null => {
  if (typeof row.stated_portfolio_id === 'string') return row.stated_portfolio_id
  if (row.message_direction === 'outbound') return null
  return row.number_dialed_by_user == null ? null : `by\tmap ${row.number_dialed_by_user} ${row.phone_number ?? '-'}`
}

const redact = (text: string): string => text.replaceAll('hush-hush', '[redacted]')
const encoding = (fileVersion: number | null) => ({
  fileVersion,
  redact,
  holdsSecret: (bytes: Buffer) => bytes.includes('hush-hush'),
  portfolioOf,
})

async function* bytesOf(text: string) {
  yield Buffer.from(text)
}

const linesOf = async (text: string, settings: ReturnType<typeof settingsOf>, columns: readonly string[]) => {
  const row = compileCellRow(settings, columns)
  if (row === null) throw new Error('its cells cannot be taken as they are')
  const layout: CsvLayout = { framing: { delimiter: ',', lineEnds: 'lf', quotes: true }, columns, leadingRecords: 0 }
  const pages: PageLines[] = []
  for await (const page of readCells(bytesOf(text), { layout, ragged: 'reject', isDamaged: false }, row, 0, () => 0))
    if (page.lines !== undefined) pages.push(page.lines)
  return pages
}

const textOf = (rows: EncodedRows): string => Buffer.concat([...rows.chunks()]).toString()

/** Columns of the staging table: an instant may be written with fewer digits, which is another digest. */
const comparable = (text: string): readonly (readonly string[])[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.split('\t').map((cell, at) => {
        if (at === 25 && cell !== '\\N') return 'digest'
        return at === 4 ? cell.replace(/(\.\d*?)0+Z$/, '$1Z').replace('.Z', 'Z') : cell
      }),
    )

interface Encoded {
  readonly line: string
  readonly record: string | null
  readonly taken: string
  readonly unmapped: boolean | null
  readonly unstated: readonly number[]
}

/** One line, taken as it is, beside its record as it is read, flattened, placed and encoded. */
const bothWays = (
  lines: PageLines,
  n: number,
  settings: ReturnType<typeof settingsOf>,
  version: number | null,
): Encoded => {
  const asLine = new EncodedRows(encoding(version))
  const asRecord = new EncodedRows(encoding(version))
  const ordinal = 1_764_400_000_000_000 + n
  const taken = asLine.addLine(lines.cells, n, ordinal)
  const item = lines.record(n)
  const flattened =
    item.kind === 'record' ? compileFlatten(settings)(item.record, { version, ordinal, final: true }) : null
  const asWhole = new EncodedRows({ ...encoding(version), owner: { connectionKey: 1, source: 'files', runId: 2 } })
  for (const again of [ordinal, ordinal + 1]) expect(asWhole.addLine(lines.cells, n, again)).toBe(taken)
  asWhole.mustBeStaged()
  const asLines = new EncodedRows(encoding(version))
  for (const again of [ordinal, ordinal + 1]) asLines.addLine(lines.cells, n, again)
  expect(textOf(asWhole)).toBe(textOf(asLines))
  let placed: PlacedRow | null = null
  if (flattened?.kind === 'rows' && flattened.notes.length === 0) {
    const [first] = flattened.rows
    placed = first === undefined ? null : placeRow(portfolioOf, first)
    if (placed !== null) asRecord.add(placed)
  }
  return {
    line: textOf(asLine),
    record: placed === null ? null : textOf(asRecord),
    taken,
    unmapped: placed === null ? null : placed.portfolio_id == null && placed.portfolio_if_new === null,
    unstated: [asLine.unstated, asRecord.unstated],
  }
}

const digits = fc.nat({ max: 99 }).map((n) => String(n).padStart(2, '0'))
const instant = fc
  .tuple(
    fc.constantFrom('2024', '1899', '2200', '1900', '2100'),
    digits,
    digits,
    digits,
    digits,
    digits,
    fc.constantFrom('Z', '.5Z', '.123456Z', '.1234567Z', '', '+02:00'),
  )
  .map(([year, month, day, hour, minute, second, rest]) => `${year}-${month}-${day}T${hour}:${minute}:${second}${rest}`)
const usual: Readonly<Record<string, fc.Arbitrary<string>>> = {
  conversation_id: fc.constantFrom('call-1', 'call é 2', ' x'),
  message_id: fc.constantFrom('rec-1', 'rec-2', 'récord', 'x'.repeat(700), 'a b'),
  created_at: fc.oneof(
    fc.constantFrom('2024-05-17T09:30:00Z', '2024-02-29T23:59:59.25Z', '2023-02-29T00:00:00Z'),
    instant,
  ),
  portfolio_id: fc.constantFrom('community-1', '', 'N/A', 'ü-1-ü'),
  message_text: fc.constantFrom(
    'Is it still free?',
    'hush',
    'N/A',
    'NaN is a name',
    'mail a@b/c',
    'née',
    ' blank ',
    'a=b',
    '100%',
  ),
  first_name: fc.constantFrom('Jo', '', 'None', '-', 'null'),
  last_name: fc.constantFrom('Null', 'Doe', '\u00a0Doe'),
  sender_ext_ref: fc.constantFrom('t001', ''),
  phone_number: fc.constantFrom(
    '+15125550123',
    '',
    '+0123456789',
    '+123456',
    '+1234567',
    '+1234567890123456',
    '5125550123',
    '+1512555012x',
  ),
  email_address: fc.constantFrom('a@example.test', ''),
  message_direction: fc.constantFrom('inbound', 'Outbound', 'in', '', 'INCOMING', 'sideways'),
  number_dialed_by_user: fc.constantFrom('+15125550199', '', 'anonymous'),
  call_duration_in_sec: fc.constantFrom('73', '0', '', '007', '1.5', '2147483647', '999999999', '9999999999', '-1'),
  recording_url: fc.constantFrom(
    'https://recordings.example.test/a/rec-1.mp3',
    'http://h/',
    '',
    'https://-h/x',
    'https://h-/x',
    'https://h',
    'https://h:80/x',
    'ftp://h/x',
    'https://h/x y',
    'https://h/x?y',
    'https://h/é',
    's3://bucket/key',
    'HTTPS://h/x',
    'https:///x',
  ),
}
const good: Readonly<Record<string, string>> = {
  conversation_id: 'call-1',
  message_id: 'rec-1',
  created_at: '2024-05-17T09:30:00Z',
  phone_number: '+15125550123',
  message_direction: 'inbound',
  number_dialed_by_user: '+15125550199',
  call_duration_in_sec: '73',
  recording_url: 'https://recordings.example.test/a/rec-1.mp3',
}
const anyCell = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', '9', '+', ':', '/', '.', '-', ' ', '@', '=', 'é', '\u00a0', '😀'),
  maxLength: 8,
})

const mappings = [
  { settings: settingsOf({ shape: 'travtus' }), columns: Object.keys(travtusColumns), version: 1_700_000_000_000_000 },
  {
    settings: settingsOf({ shape: 'travtus' }),
    columns: ['created_at', 'message_id', 'conversation_id'],
    version: null,
  },
  {
    settings: settingsOf({ shape: 'travtus', placeholders: ['nothing', '?'], media: 'chat' }),
    columns: ['x', ...Object.keys(travtusColumns).toReversed()].filter((name) => name !== 'portfolio_id'),
    version: 7,
  },
  {
    settings: settingsOf({
      columns: {
        message_id: 'message_id',
        created_at: { column: 'created_at', format: 'iso', zone: 'UTC' },
        phone_number: 'phone_number',
        message_direction: { column: 'message_direction', inbound: ['sideways', 'outgoing'], outbound: ['i n'] },
        recording_url: 'recording_url',
      },
    }),
    columns: ['recording_url', 'message_id', 'phone_number', 'message_direction', 'created_at'],
    version: null,
  },
] as const

test('a line that is taken as it is becomes what its record becomes; what cannot become that is refused', async () => {
  const counts = { taken: 0, unmapped: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...mappings)
        .chain((mapping) =>
          fc.tuple(
            fc.constant(mapping),
            fc.array(
              fc.tuple(
                ...mapping.columns.map((name) =>
                  fc.oneof(
                    { weight: 30, arbitrary: fc.constant(good[name] ?? 'x') },
                    { weight: 5, arbitrary: usual[name] ?? anyCell },
                    anyCell,
                    fc.constantFrom('', 'NULL', '?', 'nothing'),
                  ),
                ),
              ),
              { minLength: 1, maxLength: 3 },
            ),
          ),
        ),
      async ([{ settings, columns, version }, rows]) => {
        const text = rows.map((cells) => `${cells.join(',')}\n`).join('')
        for (const lines of await linesOf(text, settings, columns)) {
          for (let n = 0; n < lines.cells.count; n += 1) {
            const both = bothWays(lines, n, settings, version)
            counts[both.taken as keyof typeof counts] += 1
            if (both.taken === 'refused') expect(both.line).toBe('')
            else {
              expect(comparable(both.line)).toEqual(comparable(both.record ?? ''))
              expect(both.taken === 'unmapped').toBe(both.unmapped)
              expect(both.unstated[0]).toBe(both.unstated[1])
            }
          }
        }
      },
    ),
    { numRuns: 6_000 },
  )
  expect(Object.values(counts).every((count) => count > 200)).toBe(true)
})

const dump = (cells: Readonly<Record<string, string>>) => {
  const all: Readonly<Record<string, string>> = {
    conversation_id: 'call-1',
    message_id: 'rec-1',
    created_at: '2024-05-17T09:30:00Z',
    portfolio_id: 'community-1',
    ...cells,
  }
  return `${Object.keys(travtusColumns)
    .map((name) => all[name] ?? '')
    .join(',')}\n`
}

const travtus = settingsOf({ shape: 'travtus' })
const taken = (rows: EncodedRows, lines: CellLines) =>
  Array.from({ length: lines.count }, (_, n) => rows.addLine(lines, n, n))

test('lines are refused beside a secret, where none may be taken, and where nobody looks for secrets', async () => {
  const [lines] = await linesOf(
    dump({}) + dump({ message_text: 'it is hush-hush' }),
    travtus,
    Object.keys(travtusColumns),
  )
  const [clean] = await linesOf(dump({}), travtus, Object.keys(travtusColumns))
  if (lines === undefined || clean === undefined) throw new Error('no lines')
  const rows = new EncodedRows(encoding(null))
  expect([...taken(rows, lines.cells), ...taken(rows, clean.cells)]).toEqual(['refused', 'refused', 'taken'])
  expect(taken(new EncodedRows({ fileVersion: null, redact }), clean.cells)).toEqual(['refused'])
  expect(taken(new EncodedRows({ fileVersion: null, redact, portfolioOf }), clean.cells)).toEqual(['refused'])
})

test('keys of lines and of rows are told apart, and found again, alike', async () => {
  const [lines] = await linesOf(
    dump({}) + dump({ message_id: 'rec-2' }) + dump({}),
    travtus,
    Object.keys(travtusColumns),
  )
  if (lines === undefined) throw new Error('no lines')
  const rows = new EncodedRows(encoding(null))
  taken(rows, lines.cells)
  expect([...(rows.passes() ?? [])]).toEqual([0, 0, 0])
  const other = new EncodedRows(encoding(null))
  const record = lines.record(1)
  const flattened =
    record.kind === 'record' ? compileFlatten(travtus)(record.record, { version: null, ordinal: 1, final: true }) : null
  const [row] = flattened?.kind === 'rows' ? flattened.rows : []
  if (row === undefined) throw new Error('no row')
  other.add(placeRow(portfolioOf, row))
  expect(rows.meets(other)).toBe(true)
})

test('no placeholder is taken for a value, whatever else it means', async () => {
  const columns = Object.keys(travtusColumns)
  const others: Readonly<Record<string, string>> = { created_at: '2024-05-17T09:30:01Z', message_id: 'rec-2' }
  for (const [name, value] of Object.entries({
    ...good,
    portfolio_id: 'community-1',
    message_text: 'hello',
    ...others,
  })) {
    const settings = settingsOf({ shape: 'travtus', placeholders: [` ${value} `, 'a longer one than any'] })
    const [lines] = await linesOf(dump({ ...good, [name]: value }), settings, columns)
    if (lines === undefined) throw new Error('no lines')
    expect([name, bothWays(lines, 0, settings, null).taken]).toEqual([name, 'refused'])
  }
})

test('a line is written whole, however often one cell of it is, and however long its portfolio is', async () => {
  const columns = ['message_id', 'created_at', 'text']
  const written = { message_id: 'message_id', created_at: 'created_at' }
  const texts = ['message_text', 'first_name', 'last_name', 'sender_ext_ref', 'email_address', 'conversation_id']
  const settings = settingsOf({ columns: { ...written, ...Object.fromEntries(texts.map((field) => [field, 'text'])) } })
  const text = 'x'.repeat(100_000)
  const [lines] = await linesOf(`rec-1,2024-05-17T09:30:00Z,${text}\n`, settings, columns)
  if (lines === undefined) throw new Error('no lines')
  const both = bothWays(lines, 0, settings, null)
  expect(both).toMatchObject({ taken: 'unmapped', line: both.record })
  const portfolio = 'p'.repeat(100_000)
  const rows = new EncodedRows({ ...encoding(null), portfolioOf: () => portfolio })
  expect([...taken(rows, lines.cells), ...taken(rows, lines.cells)]).toEqual(['taken', 'taken'])
  expect(comparable(textOf(rows)).map((cells) => [cells[6], cells[5], cells.length])).toEqual([
    [text, portfolio, 26],
    [text, portfolio, 26],
  ])
})

test('which settings need records', () => {
  const columns = ['id', 'at', 'n']
  const base = { message_id: 'id', created_at: 'at' }
  const takes = (written: object, of = columns) => compileCellRow(settingsOf(written), of) !== null
  expect(takes({ columns: base })).toBe(true)
  expect(takes({ columns: { ...base, call_duration_in_sec: { column: 'n', unit: 's' } } })).toBe(true)
  expect(takes({ columns: base, version: { file_name: '_(\\d+)' } })).toBe(true)
  const needRecords = [
    { shape: 'telnyx' },
    { columns: base, version: { column: 'n' } },
    { columns: base, map_keys: { queue_id: 'n' } },
    { columns: base, placeholders: ['–'] },
    { columns: { ...base, message_id: { hash: ['id'] } } },
    { columns: { ...base, portfolio_id: { constant: 'a' } } },
    { columns: { ...base, created_at: { column: 'at', format: 'unix_s' } } },
    { columns: { ...base, created_at: { column: ['at', 'n'] } } },
    { columns: { ...base, call_duration_in_sec: { column: 'n', unit: 'ms' } } },
    { columns: { ...base, message_direction: { constant: 'inbound' } } },
  ]
  for (const written of needRecords) expect(takes(written)).toBe(false)
  expect(takes({ columns: base }, ['id', 'n'])).toBe(false)
})
