import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterEach } from 'vitest'
import { folderDelivery } from '../../src/delivery/folder-delivery.ts'
import type { ExportRequest, ExportSettings } from '../../src/domain/export.ts'
import type { PlacedRow } from '../../src/domain/recording-row.ts'
import { type StepObserver, unobserved } from '../../src/domain/step.ts'
import { openExportLedger } from '../../src/load/export-ledger.ts'
import { type ExportOutcome, exportRows } from '../../src/pipeline/export-rows.ts'
import type { Session } from '../../src/warehouse/session.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { loadRows, runOf } from './loading.ts'

export const exportSettings: ExportSettings = {
  format: 'csv',
  delimiter: ',',
  keyPrefix: 'Maple_1/calls',
  fileName: 'call_recordings_<from>_<to>_<export_id>',
  rowsPerFile: 50_000,
  settlingDelayMs: 0,
  direction: 'lower',
  require: [],
  defaultPortfolioId: null,
  prefixMessageId: false,
  formulaCells: 'keep',
  columns: {},
  hashSecret: null,
}

/** A warehouse with rows, and a folder for files. */
export interface ExportCase {
  readonly database: TestDatabase
  readonly folder: string
  readonly session: Session
  /** Loads rows as one run does. */
  load(rows: readonly PlacedRow[], connection?: string): Promise<void>
  export(
    settings?: Partial<ExportSettings>,
    request?: ExportRequest,
    more?: { readonly reached?: StepObserver; readonly again?: boolean; readonly signal?: AbortSignal },
  ): Promise<ExportOutcome>
  /** Message ids by file, in the order in which the files were begun. */
  files(): Promise<readonly (readonly string[])[]>
  text(key: string): Promise<string>
}

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close()
})

export const createExportCase = async (): Promise<ExportCase> => {
  const database = await createTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'reelhouse-export-'))
  opened.push({ close: () => database.drop().finally(() => rm(folder, { recursive: true })) })
  const session = await database.session()
  return {
    database,
    folder,
    session,
    load: async (rows, connection = 'calls') => {
      await loadRows(session, await runOf(session, connection), rows)
    },
    export: (settings = {}, request = { kind: 'changes' }, more = {}) =>
      exportRows(
        {
          ledger: openExportLedger(session, '00000000-0000-4000-8000-000000000001'),
          delivery: folderDelivery(folder),
          settings: { ...exportSettings, ...settings },
          reached: more.reached ?? unobserved,
          reporter: { info: () => undefined, warn: () => undefined },
          signal: more.signal ?? new AbortController().signal,
        },
        request,
        more.again ?? false,
      ),
    files: async () => (await filesIn(folder)).map(({ rows }) => rows.map(({ message_id }) => message_id ?? '')),
    text: (key) => readFile(join(folder, key), 'utf8'),
  }
}

export interface ReadFile {
  readonly name: string
  readonly rows: readonly Readonly<Record<string, string | null>>[]
}

const numberIn = (name: string): number => Number(/_(\d+)\.[a-z.]+$/.exec(name)?.[1] ?? 0)

/** Every delivered file, as a reader of its own sees it, in the order of the exports. */
export const filesIn = async (folder: string): Promise<readonly ReadFile[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && basename(entry.parentPath) !== '.drafts')
    .map((entry) => join(entry.parentPath, entry.name))
  const read = await Promise.all(files.map(async (path) => ({ name: path, rows: rowsOf(path, await readFile(path)) })))
  return read.sort((one, other) => numberIn(one.name) - numberIn(other.name))
}

const rowsOf = (name: string, bytes: Buffer): ReadFile['rows'] => {
  if (name.endsWith('.csv')) return parse(bytes, { columns: true })
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'))
}
