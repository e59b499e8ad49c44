import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { ExportFormat } from '../domain/export.ts'
import { CsvChecker } from './check-csv.ts'
import { JsonChecker } from './check-json.ts'
import { type FileProblem, ProblemList, type TextChecker } from './check-problems.ts'

export interface CheckedFile {
  /** By its name; null when Travtus takes no such file. */
  readonly format: ExportFormat | null
  readonly rows: number
  readonly problemCount: number
  /** The first of them. */
  readonly problems: readonly FileProblem[]
}

export interface CheckSettings {
  readonly delimiter: string
  /** Problems that are kept; all are counted. */
  readonly most: number
}

const formats: readonly ExportFormat[] = ['json.gz', 'csv', 'json']

/** Judges a file by the upload rules of Travtus, whoever wrote it. Reads it once, and holds none of it. */
export const checkFile = async (
  name: string,
  bytes: AsyncIterable<Buffer>,
  { delimiter, most }: CheckSettings,
): Promise<CheckedFile> => {
  const problems = new ProblemList(most)
  const format = formats.find((extension) => name.endsWith(`.${extension}`)) ?? null
  if (format === null) {
    const why = name.endsWith('.csv.gz') ? 'Travtus takes no compressed CSV' : 'Travtus takes no such file'
    problems.add(null, null, `${why}; allowed: .csv, .json or .json.gz`)
  }
  const checker = format === 'csv' ? new CsvChecker(delimiter, problems) : new JsonChecker(problems)
  const rows = format === null ? 0 : await readInto(checker, format === 'json.gz' ? gunzipped(bytes) : bytes, problems)
  return { format, rows, problemCount: problems.count, problems: problems.kept }
}

const readInto = async (checker: TextChecker, bytes: AsyncIterable<Buffer>, problems: ProblemList): Promise<number> => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let begun = false
  const pushed = (text: string): boolean => {
    const marked = !begun && text.startsWith('\ufeff')
    if (marked) problems.add(1, null, 'begins with a byte order mark (BOM)')
    begun ||= text !== ''
    return checker.push(marked ? text.slice(1) : text)
  }
  try {
    for await (const piece of bytes) if (!pushed(decoder.decode(piece, { stream: true }))) return checker.end()
    pushed(decoder.decode())
  } catch (error) {
    const why = unreadable(error)
    if (why === null) throw error
    problems.add(null, null, why)
  }
  return checker.end()
}

/** Null: it is not the content that could not be read. */
const unreadable = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8'
  return error.code.startsWith('Z_') ? `is no complete gzip: ${error.message}` : null
}

async function* gunzipped(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip()
  const source = Readable.from(bytes)
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  yield* gunzip
}
