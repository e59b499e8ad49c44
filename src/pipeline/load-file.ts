import type { FilePlace } from '../domain/batch.ts'
import type { FileLoad } from '../domain/file-load.ts'
import type { PlacedRow, RecordingRow } from '../domain/recording-row.ts'
import type { Run } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import { collectGarbageOfRecords } from '../sources/collect-garbage.ts'
import type { FileRecord, FileStream, PageLines, ReadContext, RecordPage, ScannedFile } from '../sources/source.ts'
import { limitYoungObjects } from '../sources/young-objects.ts'
import type { Loader } from './loader.ts'
import { OneAhead } from './one-ahead.ts'
import { type BatchSettings, RecordBatch, type RecordsKept } from './record-batch.ts'
import type { RecordPlace } from './record-place.ts'
import type { Reporter } from './reporter.ts'

/** What loading a file of one connection takes. */
export interface FileLoading {
  readonly connectionId: string
  readonly stream: FileStream
  readonly loader: Loader
  readonly run: Run
  readonly recordsKept: RecordsKept
  /** Rows and rejects a batch at the most; default: see RecordBatch. */
  readonly batchRows?: number | undefined
  /** The row as it is to be stored, with the portfolio that the map gives it. */
  place(row: RecordingRow): PlacedRow
  readonly reporter: Reporter
  readonly context: ReadContext
  readonly reached: StepObserver
}

/**
 * Reads a file from where its ledger says, and commits batch after batch; the next ones are read while those before are committed.
 * When reading fails, what was read before is committed first. False: the operator stopped the run, and the rest of the
 * file is left for the next one.
 */
export const loadFile = async (loading: FileLoading, scanned: ScannedFile, load: FileLoad): Promise<boolean> => {
  const { stream, loader, run, context } = loading
  const commits = new OneAhead(loader.batchesAtATime)
  const batches = new FileBatches(loading, scanned, load)
  limitYoungObjects()
  try {
    for await (const page of stream.read(scanned, load.recordsCommitted, context)) {
      collectGarbageOfRecords()
      for (const full of batches.addPage(page)) {
        await commits.submit(() => commitAndReport(loading, full, page.bytesRead))
        if (context.signal.aborted) break
      }
      if (context.signal.aborted) break
    }
  } finally {
    const rest = batches.rest()
    if (rest !== null)
      await commits.submit(() => commitAndReport(loading, rest, scanned.file.sizeBytes)).catch(() => null)
    await commits.settle()
  }
  if (context.signal.aborted) return false
  await loading.reached('file-read')
  await loader.completeFile(load.fileKey, batches.position, run)
  await loading.reached('file-completed')
  return true
}

interface FullBatch {
  readonly batch: RecordBatch
  readonly from: number
  readonly to: number
  readonly scanned: ScannedFile
  readonly load: FileLoad
}

const commitAndReport = async (loading: FileLoading, full: FullBatch, bytesRead: number): Promise<void> => {
  const { batch, from, to, scanned, load } = full
  const progress = { fileKey: load.fileKey, contentHash: scanned.contentHash, version: load.version, from, to }
  await loading.loader.commitBatch(loading.run, batch.finish(progress))
  const { name, sizeBytes } = scanned.file
  loading.reporter.progress({ connection: loading.connectionId, file: name, bytesRead, sizeBytes, records: to })
}

/** Cuts the records of one file into batches, in file order. */
class FileBatches {
  readonly #settings: BatchSettings
  readonly #scanned: ScannedFile
  readonly #load: FileLoad
  #batch: RecordBatch
  #from: number

  constructor(loading: FileLoading, scanned: ScannedFile, load: FileLoad) {
    this.#settings = {
      recordsKept: loading.recordsKept,
      batchRows: loading.batchRows,
      flatten: (record, context) => loading.stream.flatten(record, context),
      place: loading.place,
      newSink: () => loading.loader.newSink(loading.run, load.version),
    }
    this.#scanned = scanned
    this.#load = load
    this.#batch = new RecordBatch(this.#settings)
    this.#from = load.recordsCommitted
  }

  /** The ordinal of the next record. */
  get position(): number {
    return this.#from + this.#batch.listed
  }

  /** Adds the records of a page, and yields the batches that they fill. */
  *addPage(page: RecordPage): Generator<FullBatch, void, undefined> {
    const { lines } = page
    if (lines === undefined) {
      for (const item of page.records) {
        const full = this.#add(item)
        if (full !== null) yield full
      }
      return
    }
    for (let n = 0; n < lines.cells.count; n += 1) {
      const full = this.#addLine(lines, n)
      if (full !== null) yield full
    }
  }

  #addLine(lines: PageLines, n: number): FullBatch | null {
    const ordinal = this.#load.ordinalBase + this.position
    if (!this.#batch.addLine(lines.cells, n, ordinal)) return this.#add(lines.record(n))
    return this.#batch.isFull ? this.rest() : null
  }

  /** Returns the batch when the record filled it. */
  #add(item: FileRecord): FullBatch | null {
    const place = new PlaceInFile(this.#scanned, this.#load, this.position, item.line)
    if (item.kind === 'record') this.#batch.addRecord(item.record, place)
    else this.#batch.addUnreadable(item, place)
    return this.#batch.isFull ? this.rest() : null
  }

  rest(): FullBatch | null {
    if (this.#batch.listed === 0) return null
    const to = this.position
    const full = { batch: this.#batch, from: this.#from, to, scanned: this.#scanned, load: this.#load }
    this.#batch = new RecordBatch(this.#settings)
    this.#from = to
    return full
  }
}

/** Where a record of the file stands. Only a reject is asked for its place by name. */
class PlaceInFile implements RecordPlace {
  readonly stub = null
  readonly version: number | null
  readonly ordinal: number
  readonly #scanned: ScannedFile
  readonly #inFile: number
  readonly #line: number

  constructor(scanned: ScannedFile, load: FileLoad, ordinal: number, line: number) {
    this.version = load.version
    this.ordinal = load.ordinalBase + ordinal
    this.#scanned = scanned
    this.#inFile = ordinal
    this.#line = line
  }

  get fallbackKey(): string {
    return `${this.#scanned.contentHash}:${this.#inFile}`
  }

  get file(): FilePlace {
    const { file, contentHash } = this.#scanned
    return { name: file.name, contentHash, ordinal: this.#inFile, line: this.#line }
  }
}
