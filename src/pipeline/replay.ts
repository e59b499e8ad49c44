import type { Batch } from '../domain/batch.ts'
import type { KeptRecord } from '../domain/kept-record.ts'
import type { Run, RunCounts, RunState } from '../domain/run.ts'
import { type BatchSettings, RecordBatch } from './record-batch.ts'
import type { RecordPlace, StubFacts } from './record-place.ts'
import { isNoId } from './stub-key.ts'

export interface ReplayLoader {
  startRun(): Promise<Run>
  finishRun(run: Run, state: RunState, error: string | null): Promise<void>
  exclusively<T>(work: () => Promise<T>): Promise<T>
  commitBatch(run: Run, batch: Batch): Promise<unknown>
  committed(): RunCounts
}

/** `now` must be stated: undefined for files; without it records of an API would lose what their listing said of them. */
export type ReplaySettings = BatchSettings & { readonly now: BatchSettings['now'] }

/** Flattens kept records with today's flatten and map; asks nothing of the source. One transaction a page. */
export const replay = async (
  loader: ReplayLoader,
  settings: ReplaySettings,
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
  const settled = page.filter((kept) => {
    const flattened = batch.addRecord(JSON.parse(kept.payload), placeOf(settings, kept))
    return flattened.kind !== 'reject' || (flattened.recordId ?? kept.key) !== kept.key
  })
  const finished = batch.finish(
    null,
    settled.map(({ key }) => key),
  )
  // Nothing was asked of the source, so nothing that is waited for can have come.
  return { ...finished, followedUp: [] }
}

/** Of an API the record keeps what its listing said of it: the next listing is compared with that. */
const placeOf = ({ now }: BatchSettings, { key, place, ...facts }: KeptRecord): RecordPlace => {
  if (now === undefined) return { ...place, stub: null }
  const { parentId, windowAt, joinedVersion, fingerprint } = facts
  const stub: StubFacts = {
    key,
    unusable: isNoId(key) ? 'missing-id' : null,
    parentId,
    windowAt,
    version: place.version,
    joinedVersion,
    fingerprint,
    due: null,
  }
  return { ...place, stub }
}
