import type { ReadCounts, Tallies, UpsertCounts } from './batch.ts'

export type RunState = 'running' | 'succeeded' | 'failed' | 'stopped' | 'abandoned'
export type RunCommand = 'sync' | 'backfill' | 'replay' | 'remap' | 'verify'

/** One invocation x connection x stream, as started. */
export interface RunKey {
  readonly runId: number
  readonly connectionKey: number
  readonly stream: string
}

export interface RunCounts {
  readonly read: ReadCounts
  readonly upsert: UpsertCounts
  readonly tallies: Tallies
}
