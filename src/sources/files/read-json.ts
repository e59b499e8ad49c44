import { SourceProtocolError } from '../../domain/errors.ts'
import type { RejectReason } from '../../domain/flattened.ts'
import type { FileRecord } from '../source.ts'
import { hasUndecodableBytes } from './damaged-utf8.ts'
import { type Framed, type FramedRecords, type Framing, frameCsv, maxRecordLength } from './frame-csv.ts'
import type { JsonElement } from './json-cursor.ts'
import { parseJsonRecord } from './parse-json.ts'
import { createJsonArraySplitter, type SplitElements } from './split-json-array.ts'
import { unreadable } from './unreadable.ts'

type Groups = AsyncGenerator<readonly FileRecord[], void, undefined>

/** A line, whatever is in it. */
const lineFraming: Framing = { delimiter: ',', lineEnds: 'lf', quotes: false }

const invalidEncoding: RejectReason = {
  code: 'invalid-encoding',
  path: null,
  detail: 'found bytes that are no UTF-8; set encoding if the file has another one',
}

const tooLong: RejectReason = {
  code: 'record-too-long',
  path: null,
  detail: `found a record of more than ${maxRecordLength} characters, the most that is read; only its start is kept`,
}

const readRecord = (text: string, line: number, isDamaged: boolean): FileRecord => {
  if (isDamaged && hasUndecodableBytes(text)) return unreadable(line, text, invalidEncoding, true)
  const parsed = parseJsonRecord(text, line)
  if (parsed.kind === 'bad') return unreadable(line, text, parsed.reason, isDamaged)
  return { kind: 'record', line, record: parsed.value }
}

const isBlank = /^[ \t\r\n]*$/

/** Lines with something on them, of one framed block. */
const linesOf = (framed: FramedRecords): readonly { readonly text: string; readonly line: number }[] =>
  framed.starts
    .map((start, index) => ({ text: framed.text.slice(start, framed.ends[index]), line: framed.lines[index] ?? 0 }))
    .filter(({ text }) => !isBlank.test(text))

const readLines = (framed: Framed, isDamaged: boolean): readonly (() => FileRecord)[] =>
  framed.kind === 'records'
    ? linesOf(framed).map((record) => () => readRecord(record.text, record.line, isDamaged))
    : [() => unreadable(framed.line, framed.text, framed.reason, isDamaged)]

/** JSON Lines: every line with something on it is one ordinal. Groups in file order, from ordinal `from` on. */
export async function* readJsonLines(chunks: AsyncIterable<string>, isDamaged: boolean, from: number): Groups {
  let toSkip = from
  for await (const framed of frameCsv(chunks, lineFraming)) {
    const records = readLines(framed, isDamaged)
    const first = Math.min(toSkip, records.length)
    toSkip -= first
    if (first < records.length) yield records.slice(first).map((read) => read())
  }
}

const readElement = ({ text, line, isTooLong }: JsonElement, isDamaged: boolean): FileRecord =>
  isTooLong ? unreadable(line, text, tooLong, isDamaged) : readRecord(text, line, isDamaged)

/** Everything the splitter finds, and what it says at the end. */
async function* split(chunks: AsyncIterable<string>, recordsAt: string | null): AsyncGenerator<SplitElements> {
  const splitter = createJsonArraySplitter(recordsAt)
  for await (const chunk of chunks) yield splitter.push(chunk)
  yield splitter.end()
}

/**
 * Elements of a JSON array, each one ordinal; groups in file order, from ordinal `from` on. Throws SourceProtocolError
 * after the last good element when the structure around the elements is broken.
 */
export async function* readJsonArray(
  name: string,
  chunks: AsyncIterable<string>,
  options: { readonly recordsAt: string | null; readonly isDamaged: boolean },
  from: number,
): Groups {
  let toSkip = from
  for await (const { elements, broken } of split(chunks, options.recordsAt)) {
    const first = Math.min(toSkip, elements.length)
    toSkip -= first
    if (first < elements.length) yield elements.slice(first).map((element) => readElement(element, options.isDamaged))
    if (broken !== null) throw new SourceProtocolError(`${name}: ${broken}`)
  }
}
