import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type FileScan, readRecords, scanFile } from '../../../src/sources/files/read-file.ts'
import { type FilesSettings, filesSettings } from '../../../src/sources/files/settings.ts'
import type { DumpFile, FileRecord, ReadContext } from '../../../src/sources/source.ts'

export const folder = await realpath(await mkdtemp(join(tmpdir(), 'reelhouse-files-')))
afterAll(() => rm(folder, { recursive: true, force: true }))

export const context: ReadContext = { signal: new AbortController().signal }

/** Settings as an operator writes them, with a mapping that needs the column `id`. */
export const settingsOf = (written: Readonly<Record<string, unknown>> = {}): FilesSettings =>
  filesSettings.parse({ paths: ['*'], columns: { message_id: 'id', created_at: 'at' }, ...written })

export const dump = async (name: string, content: string | Uint8Array): Promise<DumpFile> => {
  const path = join(folder, name)
  await writeFile(path, content)
  return { name, path, sizeBytes: content.length, modifiedAt: 0, version: null, problem: null }
}

export const readFrom = async (
  scan: FileScan,
  settings: FilesSettings,
  from: number,
): Promise<readonly FileRecord[]> => {
  const records: FileRecord[] = []
  for await (const page of readRecords(scan, settings, from, context)) records.push(...page.records)
  return records
}

export const scanned = (file: DumpFile, settings: FilesSettings, required: readonly string[] = []): Promise<FileScan> =>
  scanFile(file, settings, required, context)

/** Everything a file of this name and content holds. */
export const loaded = async (
  name: string,
  content: string | Uint8Array,
  written: Readonly<Record<string, unknown>> = {},
  required: readonly string[] = [],
): Promise<readonly FileRecord[]> => {
  const settings = settingsOf(written)
  return readFrom(await scanned(await dump(name, content), settings, required), settings, 0)
}

/** One word a record: what tests compare. */
export const brief = (records: readonly FileRecord[]): readonly unknown[] =>
  records.map((each) =>
    each.kind === 'record'
      ? each.record
      : { line: each.line, code: each.reason.code, [each.payloadKind]: each.payload },
  )

export async function* chunksOf(text: string, sizes: readonly number[]): AsyncGenerator<string, void, undefined> {
  let at = 0
  for (let turn = 0; at < text.length; turn++) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1)
    yield text.slice(at, at + size)
    at += size
  }
}
