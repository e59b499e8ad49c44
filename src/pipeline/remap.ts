import type { Placement, StoredRow } from '../domain/placement.ts'
import type { PortfolioOf } from '../domain/recording-row.ts'
import type { Run, RunCounts, RunState } from '../domain/run.ts'

export interface RemapLoader {
  startRun(): Promise<Run>
  finishRun(run: Run, state: RunState, error: string | null): Promise<void>
  exclusively<T>(work: () => Promise<T>): Promise<T>
  storedRows(): AsyncGenerator<readonly StoredRow[], void, undefined>
  /** Writes changed placements with the run's counters, in one transaction. */
  commitPlacements(run: Run, listed: number, placements: readonly Placement[]): Promise<void>
  committed(): RunCounts
}

/** Maps stored rows again with today's portfolio map, in the same code that maps them when they are loaded. */
export const remap = async (
  loader: RemapLoader,
  portfolioOf: PortfolioOf,
  signal: AbortSignal,
): Promise<{ readonly state: RunState; readonly counts: RunCounts }> => {
  const run = await loader.startRun()
  let state: RunState = 'failed'
  try {
    state = await remapRows(loader, run, portfolioOf, signal)
  } catch (error) {
    // Stopped while it waited for another run to yield.
    if (signal.aborted && error === signal.reason) {
      await loader.finishRun(run, 'stopped', null)
      return { state: 'stopped', counts: loader.committed() }
    }
    await loader.finishRun(run, 'failed', error instanceof Error ? error.message : String(error)).catch(() => undefined)
    throw error
  }
  await loader.finishRun(run, state, null)
  return { state, counts: loader.committed() }
}

const remapRows = async (
  loader: RemapLoader,
  run: Run,
  portfolioOf: PortfolioOf,
  signal: AbortSignal,
): Promise<RunState> => {
  for await (const rows of loader.storedRows()) {
    if (signal.aborted) return 'stopped'
    const placements = rows.flatMap((row): Placement[] => {
      const after = portfolioOf(row)
      return after === row.portfolio_id
        ? []
        : [{ messageId: row.message_id, after, lastChangedAt: row.last_changed_at }]
    })
    await loader.exclusively(() => loader.commitPlacements(run, rows.length, placements))
  }
  return 'succeeded'
}
