import type { Batch, UpsertCounts } from '../domain/batch.ts'
import { addRunCounts, noUpsertCounts } from '../domain/counts.ts'
import type { PortfolioOf } from '../domain/recording-row.ts'
import type { Run, RunCounts } from '../domain/run.ts'
import type { StepObserver } from '../domain/step.ts'
import type { Session } from '../warehouse/session.ts'
import { upsertStaged } from './call-recordings.ts'
import { endFollowUps, keepFollowUps } from './follow-ups.ts'
import type { Forgotten } from './forgotten.ts'
import { deleteGone } from './gone-records.ts'
import { loadError } from './load-error.ts'
import { advanceFile, isForced, reopenLaterFiles } from './loaded-files.ts'
import { placeMerged } from './place-merged.ts'
import { planByKey } from './planner.ts'
import { redactBatch } from './redact-batch.ts'
import { quarantineRejects, resolveRejects } from './rejected-records.ts'
import { reviveReturned } from './returned-records.ts'
import { setRunCounts } from './runs.ts'
import { keepSourceRecords } from './source-records.ts'
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

/**
 * Commits one batch: rows, source records, rejects, follow-ups, deletions, progress and counters in one transaction.
 * `before` is what the run has committed so far; returns that plus this batch. Repeats the transaction on 40001 and 40P01;
 * throws TransientError when the session is lost (whether the commit happened is then decided by the next run, from the
 * ledger), LoadError when the warehouse refuses the batch.
 */
export const commitBatch = async (
  session: Session,
  run: Run,
  batch: Batch,
  before: RunCounts,
  hooks: BatchHooks,
): Promise<RunCounts> => {
  try {
    const redacted = redactBatch(batch, hooks.redact)
    await prepareStaging(session)
    const counts = await inTransaction(session, () => writeBatch(session, run, redacted, before, hooks))
    await hooks.reached('batch-committed')
    return counts
  } catch (error) {
    throw loadError(error, `a batch of ${batch.rows.length} rows and ${batch.rejects.length} rejects`)
  }
}

const writeBatch = async (
  session: Session,
  run: Run,
  stated: Batch,
  before: RunCounts,
  hooks: BatchHooks,
): Promise<RunCounts> => {
  await hooks.reached('batch-begun')
  const batch = await hooks.forgotten.leaveOut(session, run, stated)
  await planByKey(session)
  const upsert = await upsertRows(session, run, batch, hooks)
  await reviveReturned(session, run, batch.records, upsert.stale)
  await keepSourceRecords(session, run, batch.records, batch.fileProgress?.version ?? null)
  await quarantineRejects(session, run, batch.rejects)
  await resolveRejects(session, run, batch)
  await endFollowUps(session, run, batch.followedUp, batch.followUps)
  await keepFollowUps(session, run, batch.followUps)
  await deleteGone(session, run, batch.gone)
  const counts = addRunCounts(before, { read: batch.read, upsert, tallies: batch.tallies })
  if (batch.fileProgress !== null) await advanceFile(session, batch.fileProgress, batch.read, run.runId)
  await setRunCounts(session, run, counts)
  await hooks.reached('batch-before-commit')
  return counts
}

const upsertRows = async (session: Session, run: Run, batch: Batch, hooks: BatchHooks): Promise<UpsertCounts> => {
  if (batch.rows.length === 0) return noUpsertCounts
  const passes = await stageRows(session, batch.rows, batch.fileProgress?.version ?? null)
  await hooks.reached('batch-staged')
  const authoritative = run.authoritative || (await isForced(session, batch.fileProgress))
  const counts = await upsertStaged(session, batch.rows.length, passes, { ...run, authoritative })
  const placed = await placeMerged(session, { ...run, authoritative }, hooks.portfolioOf)
  if (batch.fileProgress !== null && counts.updated + placed > 0) await reopenLaterFiles(session, batch.fileProgress)
  await hooks.reached('batch-upserted')
  return { ...counts, updated: counts.updated + placed, unchanged: counts.unchanged - placed }
}
