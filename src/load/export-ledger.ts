import type { ExportFile, ExportRequest } from '../domain/export.ts'
import type { Session } from '../warehouse/session.ts'
import { type DueRequest, dueRows, findDue } from './due-rows.ts'
import { deletedAfterSending } from './exported-rows.ts'
import {
  abandonExport,
  beginExport,
  changesDeliveredUntil,
  claimExport,
  type ExportBeginning,
  openDelivery,
  recordExport,
  reopenExport,
  unfinishedExports,
} from './exports.ts'
import { asked, askedEach } from './told.ts'

/** Rows of a report; all of them are in the tables. */
const deletedShown = 100

/** What pipeline/export-ledger.ts asks for. */
export const openExportLedger = (session: Session, invocationId: string) => ({
  unfinished: asked(session, 'a look at its exports', () => unfinishedExports(session)),
  openDelivery: asked(session, 'a look at its exports', (request: ExportRequest) => openDelivery(session, request)),
  changesDeliveredUntil: asked(session, 'a look at its exports', () => changesDeliveredUntil(session)),
  findDue: asked(session, 'a search for rows to send', (due: DueRequest) => findDue(session, due)),
  dueRows: (due: DueRequest) => askedEach(session, 'a look at rows to send', dueRows(session, due)),
  begin: asked(session, 'an export', (beginning: ExportBeginning) => beginExport(session, invocationId, beginning)),
  reopen: asked(session, 'an export', (file: ExportFile) => reopenExport(session, file)),
  abandon: asked(session, 'an export', (file: ExportFile) => abandonExport(session, file)),
  claim: asked(session, 'the rows of an export', (file: ExportFile, places: readonly number[]) =>
    claimExport(session, file, places),
  ),
  record: asked(session, 'the end of an export', (file: ExportFile, bytes: number, completes: boolean) =>
    recordExport(session, file, bytes, completes),
  ),
  deletedAfterSending: asked(session, 'a look at deleted rows', () => deletedAfterSending(session, deletedShown)),
})
