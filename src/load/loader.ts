import type { Batch, UpsertCounts } from '../domain/batch.ts'
import { addRunCounts, noUpsertCounts } from '../domain/counts.ts'
import type { PortfolioOf } from '../domain/recording-row.ts'
import type { Run, RunCounts } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import type { Session } from '../warehouse/session.ts'
import { BatchTurn } from './batch-turn.ts'
import { upsertStaged } from './call-recordings.ts'
import { changedRows } from './changed-rows.ts'
import { storable } from './copy-text.ts'
import { type EncodedBatch, encodedBatch } from './encoded-batch.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { Expectation } from './expectation.ts'
import { addFileBatch, countFileBatches } from './file-batches.ts'
import { endFollowUps, keepFollowUps } from './follow-ups.ts'
import type { Forgotten } from './forgotten.ts'
import { deleteGone } from './gone-records.ts'
import { keepBit } from './keep-mask.ts'
import { loadError } from './load-error.ts'
import { advanceFile, isForced, reopenLaterFiles } from './loaded-files.ts'
import { CopyRefusedError, copyNewRows } from './new-rows.ts'
import { placeMerged } from './place-merged.ts'
import { planByKey } from './planner.ts'
import { redactBatch } from './redact-batch.ts'
import { openRejects, quarantineRejects, resolveRejects } from './rejected-records.ts'
import { reviveReturned } from './returned-records.ts'
import { setRunCounts } from './runs.ts'
import { keepSourceRecords, stageSourceRecords } from './source-records.ts'
import { prepareStaging, stageRows } from './staging.ts'
import { inTransaction } from './transaction.ts'

/** What the loader asks of its surroundings. */
export interface BatchHooks {
  readonly reached: StepObserver
  /** Today's map, for rows that are merged from two statements of the source. */
  readonly portfolioOf: PortfolioOf
  /** Takes secrets and signed queries out of a text. */
  readonly redact: (text: string) => string
  /** Keeps out whom and what was forgotten. */
  readonly forgotten: Forgotten
}

/** What a batch is committed with, beside its hooks. */
export interface BatchPlace {
  readonly encoded: EncodedBatch
  readonly turn: BatchTurn
  readonly expectation: Expectation
}

const alone = (batch: Batch, hooks: BatchHooks): BatchPlace => ({
  encoded: encodedBatch(batch, hooks),
  turn: new BatchTurn(Promise.resolve()),
  expectation: new Expectation(),
})

/**
 * Commits one batch: rows, source records, rejects, follow-ups, deletions, progress and counters in one transaction.
 * `before` is what the run has committed when it is the turn of this batch; returns that plus this batch. Repeats the transaction on 40001 and 40P01;
 * throws TransientError when the session is lost (whether the commit happened is then decided by the next run, from the
 * ledger), LoadError when the warehouse refuses the batch.
 */
export const commitBatch = async (
  session: Session,
  run: Run,
  batch: Batch,
  before: () => RunCounts,
  hooks: BatchHooks,
  place: BatchPlace = alone(batch, hooks),
): Promise<RunCounts> => {
  try {
    const redacted = redactBatch(batch, hooks.redact)
    await prepareStaging(session)
    const counts = await inTransaction(session, () => writeBatch(session, run, redacted, before, hooks, place))
    await hooks.reached('batch-committed')
    return counts
  } catch (error) {
    throw loadError(error, `a batch of ${place.encoded.rows.count} rows and ${batch.rejects.length} rejects`)
  }
}

const writeBatch = async (
  session: Session,
  run: Run,
  stated: Batch,
  before: () => RunCounts,
  hooks: BatchHooks,
  { encoded, turn, expectation }: BatchPlace,
): Promise<RunCounts> => {
  await turn.begin()
  await hooks.reached('batch-begun')
  const batch = await hooks.forgotten.leaveOut(session, run, stated)
  await planByKey(session)
  const { rows, records } = batch === stated ? encoded : encodedBatch(batch, hooks)
  const upsert = await upsertRows(session, run, batch, { rows, expectation }, hooks)
  await stageSourceRecords(session, records)
  await reviveReturned(session, run, records, upsert.stale)
  await keepSourceRecords(session, run, records, batch.fileProgress?.version ?? null)
  await quarantineRejects(session, run, batch.rejects)
  await resolveRejects(session, run, batch)
  await endFollowUps(session, run, batch.followedUp, batch.followUps)
  await keepFollowUps(session, run, batch.followUps)
  await deleteGone(session, run, batch.gone)
  await turn.wait()
  const counts = addRunCounts(before(), { read: batch.read, upsert, tallies: batch.tallies })
  if (batch.fileProgress !== null && upsert.updated > 0) await reopenLaterFiles(session, batch.fileProgress)
  await keepProgress(session, run, batch, counts, turn)
  await hooks.reached('batch-before-commit')
  return counts
}

/** How far the file is, and what the run has counted. */
const keepProgress = async (
  session: Session,
  run: Run,
  { fileProgress, read }: Batch,
  counts: RunCounts,
  { isAlone }: BatchTurn,
): Promise<void> => {
  if (fileProgress !== null && !isAlone) return addFileBatch(session, fileProgress, read, run.runId, counts)
  if (fileProgress !== null) {
    if (fileProgress.from > 0) await countFileBatches(session, run.connectionKey)
    await advanceFile(session, fileProgress, read, run.runId)
  }
  await setRunCounts(session, run, counts)
}

/** What decides how rows are written. */
interface StagedBy extends Pick<BatchPlace, 'expectation'> {
  readonly rows: EncodedRows
}

/** With more open rejects all rows are staged, among which those are found that resolve one. */
const mostRejects = 1000

const upsertRows = async (
  session: Session,
  run: Run,
  batch: Batch,
  { rows, expectation }: StagedBy,
  hooks: BatchHooks,
): Promise<UpsertCounts> => {
  if (rows.count === 0) return noUpsertCounts
  const authoritative = run.authoritative || (await isForced(session, batch.fileProgress))
  const as = { ...run, authoritative }
  const resolving = await resolvingRows(session, run, batch, { rows, expectation })
  if (resolving?.length === 0 && rows.areWhole && expectation.allAreNew) {
    await insertWhole(session, rows, expectation)
    await hooks.reached('batch-staged')
    await hooks.reached('batch-upserted')
    return { ...noUpsertCounts, rows: rows.count, inserted: rows.count }
  }
  const asksDigests = resolving !== null && expectation.asksDigests(rows.count)
  const places = asksDigests ? await changedRows(session, as, rows, resolving) : null
  if (asksDigests && places === null) expectation.digestsToldLittle()
  const staged = await stageRows(session, rows, places)
  await hooks.reached('batch-staged')
  const counts = await upsertStaged(session, staged, as, expectation.areNew)
  const isMerged = (staged.unstated & keepBit.portfolio_id) !== 0
  const placed = isMerged ? await placeMerged(session, as, hooks.portfolioOf) : 0
  await hooks.reached('batch-upserted')
  const unchanged = counts.unchanged - placed + rows.count - staged.count
  return { ...counts, rows: rows.count, updated: counts.updated + placed, unchanged }
}

/**
 * Keys of rows that are to be staged because they may resolve a reject (resolveRejects). Null: all rows are to be staged.
 */
const resolvingRows = async (
  session: Session,
  run: Run,
  { rejects }: Batch,
  { rows, expectation }: StagedBy,
): Promise<readonly string[] | null> => {
  const isAsked = (rows.areWhole && expectation.allAreNew) || expectation.asksDigests(rows.count)
  if (!isAsked || rows.hasRepeated) return null
  const open = await openRejects(session, run, mostRejects)
  if (open === null) return null
  const own = rejects.map(({ rejectKey }) => storable(rejectKey))
  return [...open, ...own].filter((key) => rows.mayHave(key))
}

const insertWhole = async (session: Session, rows: EncodedRows, expectation: Expectation): Promise<void> => {
  try {
    await copyNewRows(session, rows)
  } catch (error) {
    if (error instanceof CopyRefusedError) expectation.notAllWereNew()
    throw error
  }
}
