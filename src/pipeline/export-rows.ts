import type { Delivery } from '../delivery/delivery.ts'
import { formatOf } from '../delivery/file-format.ts'
import { objectKey } from '../delivery/object-key.ts'
import { compileShape } from '../delivery/shape-row.ts'
import type { DeletedRow, Due, ExportFile, ExportRequest, ExportSettings, Withheld } from '../domain/export.ts'
import type { StepObserver } from '../domain/step.ts'
import type { Window } from '../domain/window.ts'
import { type DeliveredFile, deliverFile } from './deliver-file.ts'
import type { DueRequest, ExportLedger } from './export-ledger.ts'
import type { Reporter } from './reporter.ts'
import { SendableRows } from './sendable-rows.ts'

export interface Exporting {
  readonly ledger: ExportLedger
  readonly delivery: Delivery
  readonly settings: ExportSettings
  readonly reached: StepObserver
  readonly reporter: Pick<Reporter, 'info' | 'warn'>
  /** Ends the export after the file that is being written. */
  readonly signal: AbortSignal
}

export interface ExportOutcome {
  readonly files: readonly DeliveredFile[]
  /** Rows that wait, by why. */
  readonly withheld: Withheld
  readonly deletedAfterSending: { readonly count: number; readonly rows: readonly DeletedRow[] }
}

/**
 * Writes what is due into files, one after the other, each complete and noted before the next is begun. A file that an earlier
 * process did not finish comes first, under the same name. With nothing to send a file without rows is written: Travtus
 * expects one. A full or range delivery that was stopped goes on behind its last file, unless it is asked for again from its
 * start. Runs of two processes exclude each other (the caller holds the lock).
 */
export const exportRows = async (
  exporting: Exporting,
  request: ExportRequest,
  again: boolean,
): Promise<ExportOutcome> => {
  const { ledger, signal } = exporting
  const left = await unfinishedFile(exporting)
  const goesOn = left !== null && !again && isSame(left.request, request)
  const first =
    left === null || goesOn
      ? nothing
      : await deliver(exporting, { request: left.request, resumed: left, again: false, mostFiles: 1 })
  const asked = { request, resumed: goesOn ? left : null, again, mostFiles: Number.POSITIVE_INFINITY }
  const { files, withheld } = signal.aborted ? nothing : await deliver(exporting, asked)
  return {
    files: [...first.files, ...files],
    withheld,
    deletedAfterSending: await ledger.deletedAfterSending(),
  }
}

const nothing = { files: [], withheld: {} }

const isSame = (one: ExportRequest, other: ExportRequest): boolean => {
  if (one.kind !== 'range' || other.kind !== 'range') return one.kind === other.kind
  return one.range.from === other.range.from && one.range.to === other.range.to
}

/** The file to go on with. One that today's settings would name otherwise is given up: its rows go out under another name. */
const unfinishedFile = async ({ ledger, settings, reporter }: Exporting): Promise<ExportFile | null> => {
  let left: ExportFile | null = null
  for (const file of await ledger.unfinished()) {
    if (left === null && file.key === objectKey(settings, file)) {
      left = await ledger.reopen(file)
      reporter.info('an export was not finished: its file is written anew', { file: file.key })
      continue
    }
    await ledger.abandon(file)
    reporter.warn(
      `export ${file.exportId} was begun with other settings and not finished; its rows go out in another file. ` +
        `${file.key} may be there or not`,
    )
  }
  return left
}

interface Asked {
  readonly request: ExportRequest
  readonly resumed: ExportFile | null
  readonly again: boolean
  readonly mostFiles: number
}

const deliver = async (
  exporting: Exporting,
  { request, resumed, again, mostFiles }: Asked,
): Promise<Pick<ExportOutcome, 'files' | 'withheld'>> => {
  const { ledger, settings, signal } = exporting
  let first = request.kind === 'changes' || again ? null : await ledger.openDelivery(request)
  const due: DueRequest = { request, settings, resendBefore: request.kind === 'changes' ? 0 : first }
  const found = await ledger.findDue(due)
  const span = await spanOf(exporting, request, found)
  const withheld: Record<string, number> = { ...found.withheld }
  const rows = new SendableRows(ledger.dueRows(due), compileShape(settings), (why) => {
    withheld[why] = (withheld[why] ?? 0) + 1
  })
  const files: DeliveredFile[] = []
  do {
    const file = (files.length === 0 ? resumed : null) ?? (await begin(exporting, request, first, span))
    if (request.kind !== 'changes') first ??= file.firstExportId
    files.push(await deliverFile(exporting, formatOf(settings), file, rows))
  } while (files.length < mostFiles && !signal.aborted && (await rows.more()))
  return { files, withheld }
}

/** What all files of a delivery cover, for their names. */
const spanOf = async ({ ledger }: Exporting, request: ExportRequest, { settled, oldest }: Due): Promise<Window> => {
  if (request.kind === 'range') return request.range
  const start = request.kind === 'changes' ? await ledger.changesDeliveredUntil() : null
  return { from: Math.min(start ?? oldest ?? settled, settled), to: settled }
}

const begin = ({ ledger, settings }: Exporting, request: ExportRequest, firstExportId: number | null, span: Window) =>
  ledger.begin({
    request,
    firstExportId,
    ...span,
    keyOf: (exportId) => objectKey(settings, { exportId, ...span }),
  })
