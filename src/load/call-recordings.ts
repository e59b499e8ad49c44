import type { UpsertCounts } from '../domain/batch.ts'
import { noUpsertCounts } from '../domain/counts.ts'
import type { Run } from '../domain/run.ts'
import type { Session } from '../warehouse/session.ts'
import { keepBit } from './keep-mask.ts'
import { insertNew, upsert } from './upsert-sql.ts'

export interface StagedRows {
  readonly count: number
  /** Passes that their merge takes. */
  readonly passes: number
  /** Every bit that is set in the keep_mask of one of them. */
  readonly unstated: number
  /** No key occurs twice. False when that is not certain. */
  readonly areUnique: boolean
}

type UpsertRun = Pick<Run, 'rowConnectionKey' | 'source' | 'runId' | 'authoritative'>

/**
 * Merges the staged rows into call_recordings, inside the caller's repeatable-read transaction. `areNew`: most of them are
 * thought to be new, which changes nothing but the time it takes.
 */
export const upsertStaged = async (
  session: Session,
  staged: StagedRows,
  run: UpsertRun,
  areNew = false,
): Promise<UpsertCounts> => {
  if (staged.count === 0) return noUpsertCounts
  const isSimple = staged.areUnique && (staged.unstated & keepBit.map_keys) === 0
  const first = areNew && isSimple ? await insertRows(session, run) : 0
  const counts = { rows: staged.count, inserted: first, updated: 0, unchanged: 0, stale: 0 }
  if (first === staged.count) return { ...counts, duplicate: 0 }
  // What was inserted is stored with equal content now.
  counts.unchanged -= first
  let duplicate = staged.count
  for (let pass = 0; pass < staged.passes; pass += 1) {
    const values = [run.rowConnectionKey, run.source, run.runId, run.authoritative, pass, staged.unstated]
    const { rows } = await session.client.query(upsert, values)
    const { keys, stale, inserted, updated } = rows[0]
    counts.inserted += inserted
    counts.updated += updated
    counts.unchanged += keys - stale - inserted - updated
    counts.stale += stale
    duplicate -= keys
  }
  return { ...counts, duplicate }
}

const insertRows = async (session: Session, { rowConnectionKey, source, runId }: UpsertRun): Promise<number> => {
  const { rowCount } = await session.client.query(insertNew, [rowConnectionKey, source, runId])
  return rowCount ?? 0
}
