import type { Batch, BatchSink, ReadCounts } from '../domain/batch.ts'
import type { FileContent, FileMarks } from '../domain/file-load.ts'
import type { EpochMicros } from '../domain/instant.ts'
import type { KnownRecord } from '../domain/known-record.ts'
import type { Placement } from '../domain/placement.ts'
import type { Run, RunCounts } from '../domain/run.ts'
import type { Window, WindowCompletion, WindowPurpose } from '../domain/window.ts'
import { BatchLanes, countIfAny } from './batch-lanes.ts'
import { accountFingerprintOf, connectionKeyOf, rememberAccount } from './connections.ts'
import { readCoverage } from './coverage.ts'
import { countFileBatches } from './file-batches.ts'
import { dueFollowUps } from './follow-ups.ts'
import { Forgotten } from './forgotten.ts'
import { keptRecords, keptRejects } from './kept-records.ts'
import { knownRecords, newestRecords, recordsIn, recordsWithoutRows } from './known-records.ts'
import { beginFile, completeFile, isLoaded, unfinishedContents } from './loaded-files.ts'
import type { LoaderOptions, OpenedLoader } from './opened-loader.ts'
import {
  claimWindow,
  discardWindows,
  planWindows,
  renewLease,
  splitWindow,
  unfinishedWindows,
} from './planned-windows.ts'
import { commitPlacements, storedRows } from './remap.ts'
import { exclusively, runLife } from './run-life.ts'
import { rememberSeen, type SeenContent, seenContent } from './seen-files.ts'
import { asked, askedEach, told } from './told.ts'
import { inTurn } from './turns.ts'
import { beginWindow, completeWindow, failWindow, shortenWindow } from './windows.ts'

/** Rows or records of a page when stored ones are read again. */
const pageSize = 5000

/** What pipeline/loader.ts and pipeline/window-loader.ts ask for, for one connection, stream and command. */
export const openConnectionLoader = async (options: LoaderOptions) => {
  const { session, connection, into } = options
  const keyOf = told('a connection', (of: typeof connection) => inTurn(session, () => connectionKeyOf(session, of)))
  const connectionKey = await keyOf(connection)
  const rowConnectionKey = into === null ? connectionKey : await keyOf(into)
  const forgotten = new Forgotten(options.digestKeys ?? [])
  await asked(session, 'a look at whom it forgot', () => forgotten.refresh(session))()
  const opened: OpenedLoader = { ...options, connectionKey, rowConnectionKey, forgotten }
  const lanes = new BatchLanes(opened)
  return {
    ...runLife(opened, lanes),
    exclusively: <T>(work: () => Promise<T>): Promise<T> => exclusively(opened, work),
    ...ledger(opened, lanes),
    ...commits(opened, lanes),
    ...stored(opened),
    ...records(opened),
    ...windows(opened),
    ...plans(opened),
  }
}

/** Which files were seen, and how far each is loaded. */
const ledger = ({ session, connectionKey }: OpenedLoader, lanes: BatchLanes) => ({
  seenContent: asked(session, 'a look at its ledger', (marks: FileMarks) => seenContent(session, connectionKey, marks)),
  rememberSeen: asked(session, 'the marks of a file', (marks: FileMarks, content: SeenContent, readAt: EpochMicros) =>
    rememberSeen(session, connectionKey, marks, content, readAt),
  ),
  isLoaded: asked(session, 'a look at its ledger', (file: FileContent) => isLoaded(session, connectionKey, file)),
  unfinishedContents: asked(session, 'a look at its ledger', () => unfinishedContents(session, connectionKey)),
  beginFile: asked(session, 'a file', async (file: FileContent) => {
    await countFileBatches(session, connectionKey)
    return beginFile(session, connectionKey, file)
  }),
  completeFile: asked(session, 'the end of a file', async (fileKey: number, total: number, run: Run) => {
    await countIfAny(session, connectionKey, lanes)
    await completeFile(session, fileKey, total, run.runId)
  }),
})

/** What the run writes, and the counts of what it has committed. */
const commits = (opened: OpenedLoader, lanes: BatchLanes) => {
  const { session, redact, portfolioOf, digestKeys = [] } = opened
  const holdsSecret = opened.holdsSecret ?? ((bytes: Buffer) => redact(bytes.toString()) !== bytes.toString())
  // Who is forgotten while a batch is filled is left out when it is committed: then its rows must be there to look at.
  const mayForget = digestKeys.length > 0
  return {
    batchesAtATime: lanes.atATime,
    newSink: (run: Run, fileVersion: number | null): BatchSink | null =>
      mayForget ? null : lanes.newBatch(run, { fileVersion, redact, holdsSecret, portfolioOf }),
    commitBatch: told('a batch', (run: Run, batch: Batch): Promise<ReadCounts> => lanes.commit(run, batch)),
    commitPlacements: asked(
      session,
      'portfolios',
      async (run: Run, listed: number, placements: readonly Placement[]): Promise<void> => {
        lanes.committed = await commitPlacements(session, run, listed, placements, lanes.committed)
      },
    ),
    committed: (): RunCounts => lanes.committed,
  }
}

/** What a replay or re-mapping reads again. */
const stored = (opened: OpenedLoader) => {
  const { session, rowConnectionKey } = opened
  return {
    storedRows: () => askedEach(session, 'a look at its rows', storedRows(session, rowConnectionKey, pageSize)),
    keptRecords: () => askedEach(session, 'a look at its records', keptRecords(session, opened, pageSize)),
    keptRejects: () => askedEach(session, 'a look at its quarantine', keptRejects(session, opened, pageSize)),
  }
}

/** What is stored of records, and which are due again. */
const records = (opened: OpenedLoader) => {
  const { session } = opened
  return {
    knownRecords: asked(session, 'a look at its records', async (recordIds: readonly string[]) => {
      const gone = await opened.forgotten.among(session, opened.rowConnectionKey, recordIds)
      const known = await knownRecords(session, opened, recordIds)
      return gone.length === 0 ? known : new Map([...known, ...gone.map((id) => [id, forgottenRecord] as const)])
    }),
    accountFingerprint: asked(session, 'a look at its account', () =>
      accountFingerprintOf(session, opened.connectionKey),
    ),
    rememberAccount: asked(session, 'its account', (fingerprint: string) =>
      rememberAccount(session, opened.connectionKey, fingerprint),
    ),
    newestRecords: asked(session, 'a look at its records', (limit: number, since: EpochMicros | null) =>
      newestRecords(session, opened, limit, since),
    ),
    recordsIn: (window: Window) =>
      askedEach(session, 'a look at its records', recordsIn(session, opened, window, pageSize)),
    recordsWithoutRows: asked(session, 'a look at its rows', (recordIds: readonly string[]) =>
      recordsWithoutRows(session, opened, recordIds),
    ),
    dueFollowUps: asked(session, 'a look at what is due', (now: EpochMicros, limit: number) =>
      dueFollowUps(session, opened, now, limit),
    ),
  }
}

/** Of what was forgotten nothing is stored but that. */
const forgottenRecord: KnownRecord = { version: null, joinedVersion: null, fingerprint: null, outcome: 'forgotten' }

/** What is completely read, and the ledger of the windows. */
const windows = (opened: OpenedLoader) => {
  const { session, redact } = opened
  return {
    coverage: asked(session, 'a look at its coverage', (axis: string) => readCoverage(session, opened, axis)),
    beginWindow: asked(session, 'a window', (run: Run, axis: string, window: Window, purpose: WindowPurpose) =>
      beginWindow(session, run, axis, window, purpose),
    ),
    shortenWindow: asked(session, 'a shorter window', (windowKey: number, to: EpochMicros) =>
      shortenWindow(session, windowKey, to),
    ),
    completeWindow: asked(session, 'the end of a window', (run: Run, windowKey: number, completion: WindowCompletion) =>
      completeWindow(session, run, windowKey, completion),
    ),
    failWindow: asked(session, 'the failure of a window', (windowKey: number, error: string) =>
      failWindow(session, windowKey, redact(error)),
    ),
  }
}

/** The planned windows of a backfill. */
const plans = (opened: OpenedLoader) => {
  const { session } = opened
  return {
    unfinished: asked(session, 'a look at its windows', (axis: string, range: Window) =>
      unfinishedWindows(session, opened, axis, range),
    ),
    plan: asked(session, 'a plan', (axis: string, range: Window, planned: readonly Window[]) =>
      planWindows(session, opened, axis, range, planned),
    ),
    discard: asked(session, 'a plan', (axis: string, range: Window) => discardWindows(session, opened, axis, range)),
    claim: asked(session, 'a window', (run: Run, axis: string, range: Window) =>
      claimWindow(session, run, axis, range),
    ),
    renewLease: asked(session, 'a lease', (windowKey: number) => renewLease(session, windowKey)),
    split: asked(session, 'a split window', (windowKey: number, at: EpochMicros) =>
      splitWindow(session, windowKey, at),
    ),
  }
}
