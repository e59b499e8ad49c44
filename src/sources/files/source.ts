import { listedNumbers } from '../number-problems.ts'
import type { DumpFile, FileStream, RecordPage } from '../source.ts'
import { discoverFiles, type FoundFile } from './discover.ts'
import { withoutDotdoSecrets } from './dotdo-shape.ts'
import { compileFlatten } from './flatten.ts'
import { mappingHash } from './mapping-hash.ts'
import { type FileScan, readRecords, scanFile } from './read-file.ts'
import { requiredColumns } from './required-columns.ts'
import type { FilesSettings } from './settings.ts'
import { compileFileVersion, type FileVersion } from './version.ts'

/** The dump files of one connection. `folder`: absolute; its paths are relative to it. Throws ConfigError. */
export const openFiles = (settings: FilesSettings, folder: string): FileStream<FileScan> => {
  const columns = requiredColumns(settings)
  const versionOf = compileFileVersion(settings)
  return {
    kind: 'files',
    name: 'recordings',
    versionIsStated: typeof settings.version === 'object' && 'file_name' in settings.version,
    mappingHash: mappingHash(settings),
    ownNumbers: listedNumbers(settings),
    list: async () => {
      const found = await discoverFiles(folder, settings.paths, settings.outside_links)
      return found.map((file) => dumpFile(file, versionOf)).sort(inLoadOrder)
    },
    peek: async (file, context) => void (await scanFile(file, settings, columns, context, 'head')),
    scan: async (file, context) => {
      const scan = await scanFile(file, settings, columns, context)
      return { ...scan, file: dumpFile(asScanned(scan), versionOf) }
    },
    read: (scan, from, context) => kept(settings, readRecords(scan, settings, from, context)),
    flatten: compileFlatten(settings),
  }
}

type Pages = AsyncGenerator<RecordPage, void, undefined>

/** Pages whose records may be stored as they are. */
const kept = ({ shape }: FilesSettings, pages: Pages): Pages => (shape === 'dotdo' ? withoutSecrets(pages) : pages)

async function* withoutSecrets(pages: Pages): Pages {
  for await (const page of pages) yield { ...page, records: page.records.map(withoutDotdoSecrets) }
}

/** The file as it was scanned: it may have been replaced since it was listed, and its mtime is its version. */
const asScanned = ({ file, identity }: FileScan): FoundFile => ({
  name: file.name,
  path: file.path,
  sizeBytes: Number(identity.sizeBytes),
  modifiedAt: Number(BigInt(identity.modifiedNs) / 1000n),
  problem: null,
})

const dumpFile = (file: FoundFile, versionOf: FileVersion): DumpFile => {
  const version = versionOf(file.name, file.modifiedAt)
  return version.kind === 'value'
    ? { ...file, version: version.value }
    : { ...file, version: null, problem: file.problem ?? `${file.name}: ${version.detail}` }
}

/** Older versions first, so that of a history each row is written once more at the most; then by name. */
const inLoadOrder = (a: DumpFile, b: DumpFile): number =>
  (a.version ?? 0) - (b.version ?? 0) || (a.name < b.name ? -1 : 1)
