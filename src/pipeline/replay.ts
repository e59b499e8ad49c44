import type { Batch } from '../domain/batch.ts'
import type { Run, RunCounts, RunState } from '../domain/run.ts'
import { type BatchSettings, RecordBatch, type RecordPlace } from './record-batch.ts'

/** A record as it was kept: in source_records, or in quarantine. */
export interface KeptRecord {
  /** Key in quarantine, if it is there. */
  readonly key: string
  readonly payload: string
  readonly place: RecordPlace
}

export interface ReplayLoader {
  startRun(): Promise<Run>
  finishRun(run: Run, state: RunState, error: string | null): Promise<void>
  exclusively<T>(work: () => Promise<T>): Promise<T>
  commitBatch(run: Run, batch: Batch): Promise<void>
  committed(): RunCounts
}

/** Flattens kept records with today's flatten and map; asks nothing of the source. One transaction a page. */
export const replay = async (
  loader: ReplayLoader,
  settings: BatchSettings,
  pages: () => AsyncGenerator<readonly KeptRecord[], void, undefined>,
  signal: AbortSignal,
): Promise<{ readonly state: RunState; readonly counts: RunCounts }> => {
  const run = await loader.startRun()
  let state: RunState = 'succeeded'
  try {
    for await (const page of pages()) {
      if (signal.aborted) {
        state = 'stopped'
        break
      }
      await loader.exclusively(() => loader.commitBatch(run, flattenPage(settings, page)))
    }
  } catch (error) {
    // Stopped while it waited for another run to yield.
    if (signal.aborted && error === signal.reason) return stop(loader, run)
    await loader.finishRun(run, 'failed', error instanceof Error ? error.message : String(error)).catch(() => undefined)
    throw error
  }
  await loader.finishRun(run, state, null)
  return { state, counts: loader.committed() }
}

const stop = async (loader: ReplayLoader, run: Run) => {
  await loader.finishRun(run, 'stopped', null)
  return { state: 'stopped', counts: loader.committed() } as const
}

const flattenPage = (settings: BatchSettings, page: readonly KeptRecord[]): Batch => {
  const batch = new RecordBatch(settings)
  const settled = page.filter(({ key, payload, place }) => {
    const flattened = batch.addRecord(JSON.parse(payload), place)
    return flattened.kind !== 'reject' || (flattened.recordId ?? key) !== key
  })
  return batch.finish(
    null,
    settled.map(({ key }) => key),
  )
}
