import type { ReadCounts, Tallies, UpsertCounts } from './batch.ts'
import type { RunCounts } from './run.ts'

export const noReadCounts: ReadCounts = { listed: 0, flattened: 0, rejected: 0, skipped: 0, pending: 0 }

export const noUpsertCounts: UpsertCounts = { rows: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, duplicate: 0 }

export const noRunCounts: RunCounts = { read: noReadCounts, upsert: noUpsertCounts, tallies: {} }

export const addReadCounts = (a: ReadCounts, b: ReadCounts): ReadCounts => ({
  listed: a.listed + b.listed,
  flattened: a.flattened + b.flattened,
  rejected: a.rejected + b.rejected,
  skipped: a.skipped + b.skipped,
  pending: a.pending + b.pending,
})

export const subtractReadCounts = (a: ReadCounts, b: ReadCounts): ReadCounts => ({
  listed: a.listed - b.listed,
  flattened: a.flattened - b.flattened,
  rejected: a.rejected - b.rejected,
  skipped: a.skipped - b.skipped,
  pending: a.pending - b.pending,
})

const addUpsertCounts = (a: UpsertCounts, b: UpsertCounts): UpsertCounts => ({
  rows: a.rows + b.rows,
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged,
  stale: a.stale + b.stale,
  duplicate: a.duplicate + b.duplicate,
})

const addTallies = (a: Tallies, b: Tallies): Tallies => {
  const sum: Record<string, number> = { ...a }
  for (const [code, count] of Object.entries(b)) sum[code] = (sum[code] ?? 0) + count
  return sum
}

export const addRunCounts = (a: RunCounts, b: RunCounts): RunCounts => ({
  read: addReadCounts(a.read, b.read),
  upsert: addUpsertCounts(a.upsert, b.upsert),
  tallies: addTallies(a.tallies, b.tallies),
})
