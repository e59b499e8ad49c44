import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkFile } from '../../src/delivery/check-file.ts'
import { fileContent } from '../../src/delivery/file-content.ts'
import { formatOf } from '../../src/delivery/file-format.ts'
import { type Cell, compileShape } from '../../src/delivery/shape-row.ts'
import type { DueRow, ExportFormat } from '../../src/domain/export.ts'
import { travtusFields } from '../../src/domain/recording-row.ts'
import { Secret } from '../../src/domain/secret.ts'
import { hostileText } from '../faults/content/hostile.ts'

const text = fc.oneof(
  fc.constant(null),
  hostileText,
  fc.constantFrom('none', 'NULL', 'N/A', '-', ' ', '"', ';', ',', '|', '\t', '\r\n', 'a,"b"|;c', '\ufeff'),
)

const rows: fc.Arbitrary<readonly DueRow[]> = fc.array(
  fc.record({
    place: fc.constant(1),
    connectionId: fc.constant('front-desk'),
    conversation_id: hostileText,
    message_id: hostileText,
    created_at: fc.constant('2026-07-14T15:02:11'),
    portfolio_id: text,
    message_text: text,
    first_name: text,
    last_name: text,
    sender_ext_ref: text,
    phone_number: text,
    email_address: text,
    message_direction: fc.constantFrom('inbound', 'outbound', null),
    number_dialed_by_user: text,
    call_duration_in_sec: fc.constantFrom('0', '73', null),
    recording_url: text,
  }),
  { maxLength: 8 },
)

const settings = fc.record({
  direction: fc.constantFrom('lower' as const, 'title' as const),
  require: fc.constant([]),
  defaultPortfolioId: fc.constantFrom(null, 'P9'),
  prefixMessageId: fc.boolean(),
  formulaCells: fc.constantFrom('keep' as const, 'strip' as const),
  columns: fc.constantFrom({}, { phone_number: 'hash' as const, message_text: 'drop' as const }),
  hashSecret: fc.constant(new Secret('not-a-real-secret')),
})

async function* each(cells: readonly (readonly Cell[])[]) {
  yield* cells
}

/** What a reader of its own finds in the bytes. */
const readBack = (format: ExportFormat, delimiter: string, bytes: Buffer): readonly (readonly Cell[])[] => {
  if (format === 'csv') {
    const [names, ...lines]: string[][] = parse(bytes, { delimiter })
    expect(names).toEqual(travtusFields)
    return lines.map((cells) => cells.map((cell) => (cell === '' ? null : cell)))
  }
  const objects: Record<string, Cell>[] = JSON.parse((format === 'json' ? bytes : gunzipSync(bytes)).toString('utf8'))
  return objects.map((object) => {
    expect(Object.keys(object)).toEqual(travtusFields)
    return Object.values(object)
  })
}

test('whatever stands in a row, its file passes the check, has one line a row, and reads back as its cells', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      settings,
      fc.constantFrom<ExportFormat>('csv', 'json', 'json.gz'),
      fc.constantFrom(',', ';', '|', '\t'),
      async (due, shape, format, delimiter) => {
        const shaped = due.map(compileShape(shape)).flatMap((row) => (row.kind === 'cells' ? [row.cells] : []))
        const pieces: Buffer[] = []
        for await (const piece of fileContent(formatOf({ format, delimiter }), each(shaped))) pieces.push(piece)
        const bytes = Buffer.concat(pieces)
        const checked = await checkFile(`a.${format}`, each1(bytes), { delimiter, most: 10 })
        expect(checked).toMatchObject({ problems: [], rows: shaped.length })
        expect(readBack(format, delimiter, bytes)).toEqual(shaped)
        if (format === 'csv') expect(bytes.toString('utf8').split('\n')).toHaveLength(shaped.length + 2)
      },
    ),
    { numRuns: 500 },
  )
})

async function* each1(bytes: Buffer) {
  yield bytes
}
