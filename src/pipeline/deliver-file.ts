import type { StagedFile } from '../delivery/delivery.ts'
import { fileContent } from '../delivery/file-content.ts'
import type { FileFormat } from '../delivery/file-format.ts'
import type { Cell } from '../delivery/shape-row.ts'
import type { ExportFile } from '../domain/export.ts'
import type { Exporting } from './export-rows.ts'
import type { SendableRows } from './sendable-rows.ts'

export interface DeliveredFile {
  readonly exportId: number
  readonly key: string
  readonly rows: number
  readonly bytes: number
  /** Whether an earlier process had begun it. */
  readonly resumed: boolean
}

/**
 * One file: written where nobody sees it, its rows noted, then made visible, then noted as delivered. Killed before its rows
 * are noted it was nothing; killed later, its rows are sent again under the same name.
 */
export const deliverFile = async (
  { ledger, delivery, settings, reached, reporter }: Exporting,
  format: FileFormat,
  file: ExportFile,
  rows: SendableRows,
): Promise<DeliveredFile> => {
  await reached('export-begun')
  const places: number[] = []
  const staged = await delivery.stage(file, fileContent(format, cellsOf(rows, settings.rowsPerFile, places)))
  const completes = await publishClaimed(staged, async () => {
    await reached('export-written')
    const last = !(await rows.more())
    await ledger.claim(file, places)
    await reached('export-claimed')
    return last
  })
  await reached('export-published')
  await ledger.record(file, staged.bytes, completes)
  await reached('export-recorded')
  const { exportId, key, attempt } = file
  reporter.info('file delivered', { file: key, rows: places.length, bytes: staged.bytes })
  return { exportId, key, rows: places.length, bytes: staged.bytes, resumed: attempt > 1 }
}

/** A file whose rows could not be noted is taken back: it holds personal data. */
const publishClaimed = async <T>(staged: StagedFile, claim: () => Promise<T>): Promise<T> => {
  try {
    const claimed = await claim()
    await staged.publish()
    return claimed
  } catch (error) {
    await staged.discard()
    throw error
  }
}

/** Keeps the place of each row that goes into the file. */
async function* cellsOf(
  rows: SendableRows,
  limit: number,
  places: number[],
): AsyncGenerator<readonly Cell[], void, undefined> {
  for await (const { row, cells } of rows.take(limit)) {
    places.push(row.place)
    yield cells
  }
}
