import type { CellRow } from '../../domain/cell-lines.ts'
import type { DumpFile, FileRecord, ReadContext, RecordPage, ScannedFile } from '../source.ts'
import { compileCellRow } from './cell-row.ts'
import { type CsvLayout, readLayout } from './csv-layout.ts'
import { decoded, type FileEncoding } from './decode.ts'
import { type FileFormat, formatOf } from './file-format.ts'
import { readCells } from './read-cells.ts'
import { readCsv } from './read-csv.ts'
import { readJsonArray, readJsonLines } from './read-json.ts'
import { recordPages } from './record-pages.ts'
import { contentOf, type ScanDepth, scanBytes } from './scan.ts'
import type { FilesSettings } from './settings.ts'
import { type FileIdentity, openStored, type StoredFile } from './stored-file.ts'

/** What reading needs of the scan: plain data, it survives JSON. */
export interface FileScan extends ScannedFile {
  readonly identity: FileIdentity
  readonly gzip: boolean
  readonly encoding: FileEncoding
  readonly bomBytes: number
  readonly format: FileFormat
  /** Null for JSON. */
  readonly layout: CsvLayout | null
}

/**
 * Reads the bytes once, and decides how the records will be read; `requiredColumns` are the columns that a CSV header
 * must name. With depth `head` it tells only whether the file can be what the settings say. Throws SourceProtocolError
 * when the file is not what it claims to be, and the reason of the signal when the run is stopped.
 */
export const scanFile = async (
  file: DumpFile,
  settings: FilesSettings,
  requiredColumns: readonly string[],
  context: ReadContext,
  depth: ScanDepth = 'all',
): Promise<FileScan> => {
  const { head, ...scanned } = await scanBytes(file, settings.encoding, context.signal, depth)
  const format = formatOf(file.name, head, settings.format)
  const isDamaged = scanned.encoding === 'damaged-utf-8'
  const layout = format === 'csv' ? readLayout(file.name, head, settings.csv, requiredColumns, isDamaged) : null
  return { file, ...scanned, format, layout }
}

/** Counts the text that passes by. */
async function* counted(
  chunks: AsyncIterable<string>,
  add: (length: number) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const chunk of chunks) {
    add(chunk.length)
    yield chunk
  }
}

const recordGroups = (
  scan: FileScan,
  settings: FilesSettings,
  chunks: AsyncIterable<string>,
  from: number,
): AsyncIterable<readonly FileRecord[]> => {
  const isDamaged = scan.encoding === 'damaged-utf-8'
  if (scan.layout !== null)
    return readCsv(chunks, { layout: scan.layout, ragged: settings.csv.ragged, isDamaged }, from)
  if (scan.format === 'jsonl') return readJsonLines(chunks, isDamaged, from)
  return readJsonArray(scan.file.name, chunks, { recordsAt: settings.records_at ?? null, isDamaged }, from)
}

/** A `sep=` line may name any character. */
const isAscii = (delimiter: string): boolean => delimiter < '\x80'

/** How the lines of a file can be taken without being read; null when they cannot. */
const cellRowOf = ({ layout, encoding }: FileScan, settings: FilesSettings): CellRow | null =>
  layout !== null && encoding === 'utf-8' && layout.framing.lineEnds === 'lf' && isAscii(layout.framing.delimiter)
    ? compileCellRow(settings, layout.columns)
    : null

/** Bytes of the file as it was scanned, without its byte order mark. */
async function* checked(stored: StoredFile, scan: FileScan): AsyncGenerator<Buffer, void, undefined> {
  let bomLeft = scan.bomBytes
  for await (const chunk of contentOf(stored, scan.gzip)) {
    await stored.mustBe(scan.identity)
    yield bomLeft === 0 ? chunk : chunk.subarray(bomLeft)
    bomLeft -= Math.min(bomLeft, chunk.length)
  }
}

async function* readOpened(
  stored: StoredFile,
  scan: FileScan,
  settings: FilesSettings,
  from: number,
  { signal }: ReadContext,
): AsyncGenerator<RecordPage, void, undefined> {
  const row = cellRowOf(scan, settings)
  await stored.mustBe(scan.identity)
  if (scan.layout === null || row === null) yield* readAsText(stored, scan, settings, from, signal)
  else {
    const reading = { layout: scan.layout, ragged: settings.csv.ragged, isDamaged: false }
    for await (const page of readCells(checked(stored, scan), reading, row, from, () => stored.bytesRead)) {
      if (signal.aborted) return
      yield page
    }
  }
  await stored.mustBe(scan.identity)
}

async function* readAsText(
  stored: StoredFile,
  scan: FileScan,
  settings: FilesSettings,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<RecordPage, void, undefined> {
  let textRead = 0
  const text = decoded(contentOf(stored, scan.gzip), scan.encoding, scan.bomBytes)
  const chunks = counted(text, (length) => {
    textRead += length
  })
  for await (const records of recordPages(recordGroups(scan, settings, chunks, from), () => textRead)) {
    if (signal.aborted) return
    await stored.mustBe(scan.identity)
    yield { records, bytesRead: stored.bytesRead }
  }
}

/**
 * Records of a scanned file from ordinal `from` on; what is before it is cut into records, but not parsed. Throws
 * SourceProtocolError when the file changed since its scan or its structure is broken; pages yielded before are good.
 */
export async function* readRecords(
  scan: FileScan,
  settings: FilesSettings,
  from: number,
  context: ReadContext,
): AsyncGenerator<RecordPage, void, undefined> {
  const stored = await openStored(scan.file)
  try {
    yield* readOpened(stored, scan, settings, from, context)
  } finally {
    await stored.close()
  }
}
