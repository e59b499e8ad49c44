import type { ReadCounts, Tallies, UpsertCounts } from './batch.ts'

export type RunState = 'running' | 'succeeded' | 'failed' | 'stopped' | 'abandoned'
export type RunCommand = 'sync' | 'backfill' | 'replay' | 'remap' | 'verify'

/** One invocation x connection x stream, as started. */
export interface Run {
  readonly runId: number
  /** The connection that is read. */
  readonly connectionKey: number
  /** The connection whose key the rows get: the same, or the one that `into:` names. */
  readonly rowConnectionKey: number
  readonly source: string
  readonly stream: string
  readonly command: RunCommand
  /** Replay and forced loads: today's flatten and map win over what the same version became before. */
  readonly authoritative: boolean
}

export interface RunCounts {
  readonly read: ReadCounts
  readonly upsert: UpsertCounts
  readonly tallies: Tallies
}
