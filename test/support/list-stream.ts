import { SourceProtocolError } from '../../src/domain/errors.ts'
import { type Flattened, reject } from '../../src/domain/flattened.ts'
import type { RecordingRow } from '../../src/domain/recording-row.ts'
import type { DumpFile, FileRecord, FileStream, ScannedFile } from '../../src/sources/source.ts'
import { sha256Hex } from '../../src/transform/canonical-json.ts'
import { row } from './rows.ts'

/** A record of these files: a row, a reject, a skip, or what no reader could read. */
export type ListRecord =
  | { readonly id: string; readonly first_name?: string; readonly text?: string }
  | { readonly reject: string; readonly id?: string }
  | { readonly skip: string }
  | { readonly throws: string }
  | { readonly unreadable: string }

export interface ListFile {
  readonly name: string
  readonly records: readonly ListRecord[]
  readonly version?: number | null
  readonly modifiedAt?: number
  readonly problem?: string
  /** Reading breaks off before this record. */
  readonly breaksAt?: number
  readonly scanFails?: boolean
}

export interface ListStreamOptions {
  readonly files: readonly ListFile[]
  readonly pageSize?: number
  readonly mappingHash?: string
  readonly flatten?: FileStream['flatten']
  /** Called before a page is handed out. */
  readonly beforePage?: (file: string, from: number) => void | Promise<void>
  /** What was scanned and read, in order. */
  readonly journal?: string[]
}

interface ScannedList extends ScannedFile {
  readonly list: ListFile
}

/** A source of dump files that are lists in memory: every promise of the contract, and none of the parsing. */
export const listStream = (options: ListStreamOptions): FileStream<ScannedList> => {
  const { files, pageSize = 2, journal = [] } = options
  return {
    kind: 'files',
    name: 'recordings',
    versionIsStated: false,
    mappingHash: options.mappingHash ?? 'mapping-a',
    list: async () => files.map(dumpFile),
    peek: async () => undefined,
    scan: async (file) => {
      journal.push(`scan ${file.name}`)
      const list = files.find(({ name }) => name === file.name)
      if (list === undefined || list.scanFails) throw new SourceProtocolError(`${file.name}: not what it claims to be`)
      const content = JSON.stringify(list.records)
      return { file, contentHash: sha256Hex(content), contentBytes: content.length, list }
    },
    read: async function* ({ list }, from, { signal }) {
      const end = list.breaksAt ?? list.records.length
      for (let at = from; at < end; at += pageSize) {
        if (signal.aborted) return
        await options.beforePage?.(list.name, at)
        journal.push(`read ${list.name} ${at}`)
        const records = list.records.slice(at, Math.min(at + pageSize, end))
        yield { records: records.map((record, n) => asFileRecord(record, at + n)), bytesRead: at }
      }
      if (list.breaksAt !== undefined)
        throw new SourceProtocolError(`${list.name}: breaks off at record ${list.breaksAt}`)
    },
    flatten: options.flatten ?? flattenListRecord,
  }
}

const hourAgo = Date.now() * 1000 - 3_600_000_000

const dumpFile = (file: ListFile): DumpFile => ({
  name: file.name,
  path: `/dumps/${file.name}`,
  sizeBytes: JSON.stringify(file.records).length,
  modifiedAt: file.modifiedAt ?? hourAgo,
  version: file.version ?? null,
  problem: file.problem ?? null,
})

const asFileRecord = (record: ListRecord, ordinal: number): FileRecord =>
  'unreadable' in record
    ? {
        kind: 'unreadable',
        line: ordinal + 1,
        reason: { code: 'malformed', path: null, detail: `found ${record.unreadable}` },
        payloadKind: 'text',
        payload: record.unreadable,
      }
    : { kind: 'record', line: ordinal + 1, record }

const isListRecord = (record: unknown): record is ListRecord => typeof record === 'object' && record !== null

/** Pure, as the contract has it. */
export const flattenListRecord: FileStream['flatten'] = (record, context): Flattened => {
  if (!isListRecord(record) || 'unreadable' in record) return reject(null, 'not-a-record', null, 'no record')
  if ('throws' in record) throw new Error(record.throws)
  if ('skip' in record) return { kind: 'skip', code: record.skip }
  if ('reject' in record) return reject(record.id ?? null, record.reject, null, `found ${record.reject}`)
  return { kind: 'rows', rows: [listRow(record, context)], notes: [] }
}

const listRow = (
  record: { readonly id: string; readonly first_name?: string; readonly text?: string },
  context: { readonly version: number | null; readonly ordinal: number },
): RecordingRow =>
  row({
    message_id: record.id,
    first_name: record.first_name ?? 'Jo',
    message_text: record.text ?? null,
    source_version: context.version,
    source_ordinal: context.ordinal,
  })
